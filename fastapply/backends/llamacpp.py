"""A GGUF file in this process, run by llama.cpp (the extra `llamacpp`), with our drafts through llama.cpp's interface.

A model that judges chooses among the alignment's candidates: it reads the ways at each fork, and the answer comes as a
whole. One that writes does so freely, and one of our drafters, or a smaller GGUF file, proposes tokens to llama.cpp.
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
from fastapply.backends.gguf_model import BATCH, BLOCK, GgufCodec, GgufDrafter, GgufModel, GgufReader
from fastapply.backends.token_job import JobCodec, OutputText, TokenJob
from fastapply.config import Settings
from fastapply.engine.drafts import Drafter, Speculation
from fastapply.errors import UsageError, model_errors
from fastapply.prompt import writes
from fastapply.types import Stats


class _Drafts(speculative.LlamaDraftModel):  # type: ignore[misc]  # not installed where types are checked
    """The drafts of one output for llama.cpp, which asks for one after each step and passes all tokens so far.

    `drafted` is the last draft; `steps` and `offered` count the calls and the drafted tokens.
    """

    def __init__(self, speculation: Speculation, prompt_tokens: int) -> None:
        self._speculation = speculation
        self._prompt_tokens = prompt_tokens
        self.drafted: list[int] = []
        self.steps = self.offered = 0

    def __call__(self, input_ids: NDArray[np.intc], /, **_: Any) -> NDArray[np.intc]:
        self.drafted = self._speculation.draft(input_ids[self._prompt_tokens :].tolist(), BATCH - 1)
        self.steps += 1
        self.offered += len(self.drafted)
        return np.array(self.drafted, dtype=np.intc)


class LlamaCppBackend:
    """One model, loaded by the first request. Serves one request at a time; not thread-safe."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
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
        how = self._choose if job.guided and not writes(self.settings, jobs.template) else self._write
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
        speculation = Speculation(self._drafter(asked), "cpu", model.n_vocab())
        drafts = model.draft_model = _Drafts(speculation, len(asked.prompt))
        model.hold(asked.prompt[:-1])
        prefill = time.perf_counter() - started
        written = OutputText(jobs)
        ended, count, accepted = False, 0, 0

        def stats() -> Stats:
            seconds = time.perf_counter() - started
            return Stats(
                prompt_tokens=len(asked.prompt),
                output_tokens=count,
                forward_passes=drafts.steps + 1,
                drafted_tokens=drafts.offered,
                accepted_tokens=accepted,
                prefill_seconds=prefill,
                decode_seconds=seconds - prefill,
                seconds=seconds,
            )

        for tokens, hits in _steps(model, drafts, asked, jobs.codec.special_ids):
            kept = [token for token in tokens if token not in jobs.codec.special_ids]
            ended, count, accepted = len(kept) < len(tokens), count + len(kept), accepted + hits
            drafted = written.push(kept[:hits])
            if kept:
                yield Piece(drafted + written.push(kept[hits:]), len(kept), min(hits, len(kept)), stats(), len(drafted))
        if rest := written.finish():
            yield Piece(rest, 0, 0, stats())
        yield Outcome(ended and written.closed, None, stats())


def _steps(model: GgufModel, drafts: _Drafts, asked: TokenJob, stop: frozenset[int]) -> Iterator[tuple[list[int], int]]:
    """The tokens that each step settles, and how many of them were drafted: all but, usually, the last one. Ends with a
    stop token, or at the limit."""
    step: list[int] = []
    expected: list[int] = []
    for count, token in enumerate(model.generate(asked.prompt, temp=0.0, repeat_penalty=1.0), 1):
        if not step:
            expected = drafts.drafted
        drafted = len(step) < len(expected) and token == expected[len(step)]
        step.append(token)
        done = token in stop or count >= asked.limit
        if done or not drafted:
            yield step, len(step) - (not drafted)
            step = []
        if done:
            return
