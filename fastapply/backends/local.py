"""The model in this process: load it, turn a job into tokens, and stream what the engine decodes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path

from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.backends.choosing import LogProbs, Way, choose, read_in_turn
from fastapply.backends.drafting import Drafting, Local, Output
from fastapply.backends.families import in_markup
from fastapply.backends.token_job import JobCodec, OutputText
from fastapply.config import EMBEDDED_MODEL, Settings
from fastapply.engine.cache import BlockCache
from fastapply.engine.decode import Job, decode, log_probs, prefill
from fastapply.engine.guide import WRITING, CandidateGuide, NoGuide
from fastapply.engine.loader import LoadedModel, choose_device, load_model
from fastapply.engine.prefix import PrefixStore
from fastapply.engine.products import settle_products
from fastapply.engine.sampling import Sampling
from fastapply.engine.sequences import common_prefix
from fastapply.engine.weights import Progress, chosen_adapter, embedded_folder
from fastapply.errors import model_errors
from fastapply.prompt import Codec, Template, chosen_template, writes
from fastapply.types import ApplyRequest, Stats

WARM_CHARACTERS = 4096  # how much of a file to read before its edit is known: ~1,000 tokens, a second on two cores
WARM_BLOCK = 128  # tokens at a time, so that a request that comes meanwhile does not wait long


class LocalBackend:
    """One model. Serves one request at a time; not thread-safe."""

    def __init__(self, settings: Settings, model: LoadedModel, codec: Codec, asked: Template) -> None:
        self.settings = settings
        self.model = model
        self.codec = codec
        self.template = asked
        self.jobs = JobCodec(codec, asked, model.context)
        self.drafting = Drafting(Local(model, settings, codec))
        self._prefixes = PrefixStore(settings.prefix_megabytes << 20)

    @classmethod
    def load(cls, settings: Settings, *, progress: Progress = lambda _: None) -> LocalBackend:
        """Find, build or fetch the weights, and load them. Raises ModelError."""
        choose_device(settings.device)  # raises for a missing device before anything is fetched
        where: str | Path = settings.model
        if settings.model == EMBEDDED_MODEL:
            where = embedded_folder(settings.cache_dir, chosen_adapter(settings.adapter), progress=progress)
        asked = chosen_template(settings)
        model = load_model(where, settings)
        if model.arenas is None:
            settle_products(model.module)  # now, so that the first edit does not wait for it
        codec = Codec.load(where)
        if asked.name != "fastapply":
            asked = in_markup(asked, codec.chat_template)
        backend = cls(settings, model, codec, asked)
        backend.drafting.maker(settings.drafter)  # raises now if the drafter lacks something
        return backend

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        how = self._write if writes(self.settings, self.template) or not job.guided else self._choose
        with model_errors():
            yield from self.jobs.sayable(job, how)

    def _choose(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        asked = self.jobs.encode(job)
        cache = BlockCache(self.model, len(asked.prompt) + asked.limit)
        self._prefixes.restore(cache, asked.prompt)
        try:
            yield from choose(self.jobs, job, asked, CacheReader(cache, asked.prompt))
        finally:
            self._prefixes.keep(cache, asked.prompt)

    def _write(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        started = time.perf_counter()
        asked = self.jobs.encode(job)
        capacity = len(asked.prompt) + asked.limit
        cache = BlockCache(self.model, capacity)
        self._prefixes.restore(cache, asked.prompt)
        priors = [candidate.log_prior for candidate in job.candidates]
        strength = WRITING if self.settings.guide_strength is None else self.settings.guide_strength  # nats a token
        leading = CandidateGuide(asked.outputs, priors, strength, job.fusion)
        guided = job.guided and strength > 0
        sampling = Sampling(*(getattr(self.settings, f.name) for f in fields(Sampling)))
        output = Output(asked.sources, asked.prompt, capacity, sampling)
        work = Job(
            prompt=asked.prompt,
            drafter=self.drafting.make(self.settings.drafter, output),
            stop=self.codec.special_ids,
            max_tokens=asked.limit,
            guide=leading if guided else NoGuide(),
            sampling=sampling,
        )
        written = OutputText(self.jobs)
        stats, stopped = Stats(), False

        try:
            for block in decode(cache, work, self.model.device.type):
                stats, stopped = replace(block.stats, seconds=time.perf_counter() - started), block.stopped
                drafted = written.push(block.tokens[: block.accepted])
                text = drafted + written.push(block.tokens[block.accepted :])
                yield Piece(text, len(block.tokens), block.accepted, stats, len(drafted))
        finally:
            self._prefixes.keep(cache, asked.prompt)
        stats = replace(stats, seconds=time.perf_counter() - started)
        if rest := written.finish():
            yield Piece(rest, 0, 0, stats)
        yield Outcome(stopped and written.closed, leading.margin, stats)

    def warm(self, request: ApplyRequest) -> Iterator[None]:
        """Prefill the head of an LF file before its edit is known. Yields between blocks; closing stops it there."""
        head = replace(request, original=request.original[:WARM_CHARACTERS])
        # The part of the prompt that comes before any update and instruction.
        one, other = (
            self.codec.encode_parts(self.template.parts(replace(head, update=said, instruction=said)))
            for said in ("a", "b")
        )
        prompt = one[: common_prefix(one, other)]
        cache = BlockCache(self.model, len(prompt))
        self._prefixes.restore(cache, prompt)
        try:
            for _ in prefill(cache, prompt, WARM_BLOCK):
                yield
            cache.forward(prompt[cache.length :], keep=1)
        finally:
            self._prefixes.keep(cache, prompt)


class CacheReader:
    """A `choosing.Reader` for a model in this process."""

    def __init__(self, cache: BlockCache, prompt: Sequence[int]) -> None:
        """`cache` is empty, or holds a prefix of the prompt."""
        self._cache = cache
        self._prompt = prompt
        self.cached_tokens = cache.length

    @property
    def passes(self) -> int:
        return self._cache.forward_passes

    def read(self, leader: Sequence[int], first: int, ways: Sequence[Way]) -> Iterator[LogProbs]:
        def each(start: int, tokens: Sequence[int]) -> Iterator[list[float]]:
            before = [*self._prompt, *leader[:start]]
            self._cache.rewind(min(self._cache.length, len(before) - 1))
            return log_probs(self._cache, before[self._cache.length :], tokens)

        return read_in_turn(each, leader, first, ways)
