"""The model in this process: loads it on first use, turns a job into tokens, and streams what the engine decodes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.backends.faults import model_errors
from fastapply.backends.unwrap import AnswerText
from fastapply.config import EMBEDDED_MODEL, Settings
from fastapply.engine.cache import BlockCache
from fastapply.engine.decode import Counters, Job, decode, prefill
from fastapply.engine.drafts import Sources, make_drafter
from fastapply.engine.guide import CandidateGuide, NoGuide
from fastapply.engine.loader import LoadedModel, choose_device, load_model
from fastapply.engine.prefix import PrefixStore
from fastapply.engine.sampling import Sampling
from fastapply.engine.weights import Progress, adapter_folder, embedded_folder
from fastapply.errors import RejectedError
from fastapply.prompt import Codec, Special, Template, template
from fastapply.types import ApplyRequest, Stats

SLACK_TOKENS = 64  # how much longer than any candidate an output may get
PRIOR_WEIGHT = 4.0  # of the alignment's opinion against the model's (LOG.md)
WARM_CHARACTERS = 4096  # of a file are read before an edit of it is known: some 1,000 tokens, a second on two cores
WARM_BLOCK = 128  # tokens at a time, so that whoever comes meanwhile does not wait long


class LocalBackend:
    """One model, one request at a time; not safe to share between threads."""

    def __init__(self, settings: Settings, model: LoadedModel, codec: Codec, asked: Template) -> None:
        self.settings = settings
        self.model = model
        self.codec = codec
        self.template = asked
        self._prefixes = PrefixStore(settings.prefix_megabytes << 20)

    @classmethod
    def load(cls, settings: Settings, *, progress: Progress = lambda _: None) -> LocalBackend:
        """Find, build or fetch the weights, and load them. Raises ModelError."""
        choose_device(settings.device)  # a device that is not there is an error before anything is fetched
        where: str | Path = settings.model
        if settings.model == EMBEDDED_MODEL:
            where = embedded_folder(settings.cache_dir, adapter_folder(), progress=progress)
        asked = template(settings.template or ("fastapply" if settings.model == EMBEDDED_MODEL else "chat"))
        model = load_model(where, device=settings.device, dtype=settings.dtype, threads=settings.threads)
        return cls(settings, model, Codec.load(where), asked)

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        table = self._table(job)
        back = {ord(substitute): chr(character) for character, substitute in table.items()}
        with model_errors():
            for piece in self._rewrite(_translated(job, table)):
                yield piece._replace(text=piece.text.translate(back)) if isinstance(piece, Piece) else piece

    def _rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        started = time.perf_counter()
        prompt = self.codec.encode_parts(self.template.parts(job.request))
        original, update = self.codec.encode(job.request.original), self.codec.encode(job.request.update)
        outputs = [self.output_tokens(candidate.text) for candidate in job.candidates]
        limit = self._limit(prompt, max(map(len, outputs)))
        cache = BlockCache(self.model, len(prompt) + limit)
        self._prefixes.restore(cache, prompt)
        counters = Counters()
        priors = [PRIOR_WEIGHT * candidate.log_prior for candidate in job.candidates]
        leading = CandidateGuide(outputs, priors, self.settings.guide_strength, original)
        guided = job.guided and self.settings.guide_strength > 0
        work = Job(
            prompt=prompt,
            drafter=make_drafter(self.settings.drafter, Sources(original, update, outputs[0])),
            stop=self.codec.special_ids,
            max_tokens=limit,
            guide=leading if guided else NoGuide(),
            watch=lambda position: position in leading.decisions,
            sampling=Sampling(*(getattr(self.settings, f.name) for f in fields(Sampling))),
        )
        closing = self.template.closing  # a special token never arrives as text
        cutter = AnswerText("", "" if isinstance(closing, Special) else closing)
        decoder = self.codec.stream_decoder()
        log_probs: dict[int, float] = {}

        try:
            for block in decode(cache, work, counters, self.model.device.type):
                log_probs |= block.log_probs
                drafted = cutter.push(decoder.push(block.tokens[: block.accepted]))
                text = drafted + cutter.push(decoder.push(block.tokens[block.accepted :]))
                yield Piece(text, len(block.tokens), block.accepted, _stats(counters, started), len(drafted))
        finally:
            self._prefixes.keep(cache, prompt)
        rest = cutter.push(decoder.finish()) + cutter.finish()
        if rest:
            yield Piece(rest, 0, 0, _stats(counters, started))
        yield Outcome(
            complete=counters.stop_token is not None and cutter.closed,
            decision_log_probs=tuple(log_probs.values()),
            margin=leading.margin,
            stats=_stats(counters, started),
        )

    def warm(self, request: ApplyRequest) -> Iterator[None]:
        """Read the head of an LF text before an edit of it is known, yielding between blocks; closing stops there."""
        head = replace(request, original=request.original[:WARM_CHARACTERS])
        # What no update and no instruction changes.
        one, other = (
            self.codec.encode_parts(self.template.parts(replace(head, update=said, instruction=said)))
            for said in ("a", "b")
        )
        prompt = one[: next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))]
        cache = BlockCache(self.model, len(prompt))
        self._prefixes.restore(cache, prompt)
        try:
            for _ in prefill(cache, prompt, WARM_BLOCK):
                yield
            cache.forward(prompt[cache.length :], keep=1)
        finally:
            self._prefixes.keep(cache, prompt)

    def _table(self, job: Rewrite) -> dict[int, str]:
        """Characters that the vocabulary lacks travel as others and come back as themselves."""
        request = job.request
        texts = [request.original, request.update, request.instruction, *(c.text for c in job.candidates)]
        return {ord(character): substitute for character, substitute in self.codec.substitutes(texts).items()}

    def output_tokens(self, text: str) -> list[int]:
        """A whole output as the model would write it: the text, the closing, and the token that ends it."""
        closing = self.template.closing
        if isinstance(closing, Special):
            return [*self.codec.encode(text), self.codec.special(closing.name)]
        return [*self.codec.encode(text + closing), int(self.codec.tokenizer.eos_token_id)]

    def _limit(self, prompt: list[int], expected: int) -> int:
        """The most tokens to write: room for the longest candidate and some more, within the context."""
        room = self.model.context - len(prompt)
        if expected > room:
            raise RejectedError(
                f"the file is too long for this model: {len(prompt)} tokens to read and {expected} to write, "
                f"and its context is {self.model.context}; use --model none (alignment alone) or a longer context"
            )
        return min(expected + SLACK_TOKENS, room)


def _translated(job: Rewrite, table: dict[int, str]) -> Rewrite:
    request = replace(
        job.request,
        original=job.request.original.translate(table),
        update=job.request.update.translate(table),
        instruction=job.request.instruction.translate(table),
    )
    candidates = tuple(replace(candidate, text=candidate.text.translate(table)) for candidate in job.candidates)
    return replace(job, request=request, candidates=candidates)


def _stats(counters: Counters, started: float) -> Stats:
    return Stats(
        prompt_tokens=counters.prompt_tokens,
        cached_tokens=counters.cached_tokens,
        output_tokens=counters.output_tokens,
        forward_passes=counters.forward_passes,
        drafted_tokens=counters.drafted_tokens,
        accepted_tokens=counters.accepted_tokens,
        prefill_seconds=counters.prefill_seconds,
        decode_seconds=counters.decode_seconds,
        seconds=time.perf_counter() - started,
    )
