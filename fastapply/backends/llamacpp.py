"""A GGUF file in this process, run by llama.cpp (the extra `llamacpp`), with our drafts through llama.cpp's interface.

A guided model chooses among the alignment's candidates: it reads the ways at each fork, and the answer comes as a
whole. With `guide_strength` 0 the model writes freely, and one of our drafters, or a smaller GGUF file, proposes tokens
to llama.cpp.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Set before llama.cpp is loaded. By default its threads spin while they wait, a hundred times slower on busy cores.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import llama_cpp.llama_speculative as speculative
import numpy as np
from numpy.typing import NDArray

from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.backends.choosing import choose
from fastapply.backends.drafting import Drafting, Output
from fastapply.backends.families import template_of
from fastapply.backends.faults import model_errors
from fastapply.backends.gguf_model import BATCH, BLOCK, GgufCodec, GgufDrafter, GgufModel, GgufReader
from fastapply.backends.token_job import JobCodec, TokenJob
from fastapply.config import Settings
from fastapply.engine.drafts import Drafter, DraftLength, NoDrafter
from fastapply.errors import UsageError
from fastapply.types import Stats


class EditDrafts(speculative.LlamaDraftModel):  # type: ignore[misc]  # not installed where types are checked
    """Adapts our drafters to llama.cpp, which asks for a draft after each step and passes all tokens so far.

    Call `aim` for each new output. `drafted` is the last draft; `steps` and `offered` count this output's calls and
    drafted tokens.
    """

    def __init__(self) -> None:
        self.aim(NoDrafter(), 0)

    def aim(self, drafter: Drafter, prompt_tokens: int) -> None:
        self._drafter = drafter
        self._length = DraftLength("cpu")
        self._seen = prompt_tokens
        self.drafted: list[int] = []
        self.steps = self.offered = 0

    def __call__(self, input_ids: NDArray[np.intc], /, **_: Any) -> NDArray[np.intc]:
        new: list[int] = input_ids[self._seen :].tolist()
        self._seen = len(input_ids)
        for token in new:
            self._drafter.observe(token)
        if self.drafted:
            accepted = len(new) - 1  # each step ends with a token of the model's own
            self._length.record(accepted, accepted < len(self.drafted))
        self.steps += 1
        self.drafted = list(self._drafter.draft(min(self._length.best(), BATCH - 1)))
        self.offered += len(self.drafted)
        return np.array(self.drafted, dtype=np.intc)


class LlamaCppBackend:
    """One model, loaded by the first request. Serves one request at a time; not thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.drafts = EditDrafts()
        self._drafting = Drafting()
        self._loaded: tuple[GgufModel, JobCodec] | None = None
        self._smaller: GgufModel | None = None

    def load(self) -> tuple[GgufModel, JobCodec]:
        """Raises ModelError if there is no such file or memory is too small."""
        if self._loaded is None:
            settings, file = self.settings, Path(self.settings.model)
            model = self._open(file)
            facts = model.metadata
            prompt = template_of(
                facts.get("general.name", file.stem), facts.get("tokenizer.chat_template", ""), settings.template
            )
            self._loaded = model, JobCodec(GgufCodec(model), prompt, settings.context_tokens - BLOCK)
        return self._loaded

    def _open(self, file: Path) -> GgufModel:
        settings = self.settings
        with model_errors():
            return GgufModel.open(
                file, context=settings.context_tokens, threads=settings.threads, gpu=settings.device != "cpu"
            )

    def _drafter(self, asked: TokenJob) -> Drafter:
        if self.settings.drafter != "model":
            return self._drafting.make(self.settings.drafter, Output(asked.sources))
        if self.settings.draft_model is None:
            raise UsageError("the drafter `model` needs --draft-model FILE.gguf here")
        if self._smaller is None:
            smaller, model = self._open(Path(self.settings.draft_model)), self.load()[0]
            if smaller.n_vocab() != model.n_vocab():
                raise UsageError("--draft-model: this model has another vocabulary")
            self._smaller = smaller
        return GgufDrafter(self._smaller, asked.prompt)

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        _, jobs = self.load()
        how = self._choose if job.guided and self.settings.guide_strength > 0 else self._write
        with model_errors():
            yield from jobs.sayable(job, how)

    def _choose(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        model, jobs = self.load()
        asked = jobs.encode(job)
        yield from choose(jobs, job, asked, GgufReader(model, asked.prompt))

    def _write(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        started = time.perf_counter()
        model, jobs = self.load()
        asked = jobs.encode(job)
        stop = jobs.codec.special_ids
        self.drafts.aim(self._drafter(asked), len(asked.prompt))
        model.draft_model = self.drafts
        model.hold(asked.prompt[:-1])
        prefill = time.perf_counter() - started
        written = jobs.output_text()
        ended, count, accepted, expected, block = False, 0, 0, list[int](), list[int]()

        def stats() -> Stats:
            seconds = time.perf_counter() - started
            return Stats(
                prompt_tokens=len(asked.prompt),
                output_tokens=count,
                forward_passes=self.drafts.steps + 1,
                drafted_tokens=self.drafts.offered,
                accepted_tokens=accepted,
                prefill_seconds=prefill,
                decode_seconds=seconds - prefill,
                seconds=seconds,
            )

        def piece(hits: int) -> Piece:
            """What one step settled: `hits` drafted tokens and, usually, one that was not drafted."""
            drafted = written.push(block[:hits])
            text = drafted + written.push(block[hits:])
            made = Piece(text, len(block), hits, stats(), len(drafted))
            block.clear()
            return made

        for token in model.generate(asked.prompt, temp=0.0, repeat_penalty=1.0):
            if not block:
                expected = self.drafts.drafted
            drafted = len(block) < len(expected) and token == expected[len(block)]
            accepted += drafted
            if token in stop:
                ended = True
                break
            count += 1
            block.append(token)
            if not drafted:
                yield piece(len(block) - 1)
            if count >= asked.limit:
                break
        if block:
            yield piece(len(block))
        if rest := written.finish():
            yield Piece(rest, 0, 0, stats())
        yield Outcome(ended and written.closed, (), None, stats())
