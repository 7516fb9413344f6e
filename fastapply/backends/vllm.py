"""The model behind vLLM. It gets the same prompt, candidates and drafts as a model in this process, as token ids.

A model that judges chooses among the alignment's candidates: vLLM scores the ways at each fork, which needs no plugin.
The answer comes as a whole, after one pass over it. A model that writes does so freely, and vLLM needs our plugin to
use the drafts. Without the plugin the answer is the same but slow.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.backends.choosing import LogProbs, Way, choose
from fastapply.backends.server_api import Answer, ServerApi
from fastapply.backends.token_job import JobCodec, OutputText
from fastapply.backends.vllm_plugin.sources import to_xargs
from fastapply.config import EMBEDDED_MODEL, Settings
from fastapply.engine.weights import Progress, adapter_folder, embedded_folder
from fastapply.errors import ModelError
from fastapply.prompt import Codec, chosen_template, writes
from fastapply.types import Stats

NO_LIMIT = 1 << 20  # tokens, for a server that does not say how long a sequence may be


class VllmBackend:
    """Thread-safe: the server handles concurrent requests."""

    def __init__(self, api: ServerApi, jobs: Callable[[], JobCodec], drafter: str, *, writes: bool = False) -> None:
        """`jobs` is called once, with the first request. `writes`: the model writes; else it chooses."""
        self._api = api
        self._make_jobs = jobs
        self._jobs: JobCodec | None = None
        self._drafter = drafter
        self._writes = writes
        self._lock = threading.Lock()

    @classmethod
    def of(cls, settings: Settings, *, progress: Progress = lambda _: None) -> VllmBackend:
        """A backend for the server in the settings; does not contact it yet. The tokenizer is loaded in this process.

        Raises UsageError.
        """
        api = ServerApi.of(settings)

        def jobs() -> JobCodec:
            context = api.model_facts().get("max_model_len") or NO_LIMIT
            where: str | Path = settings.tokenizer or settings.model
            if where == EMBEDDED_MODEL:
                where = embedded_folder(settings.cache_dir, adapter_folder(), progress=progress)
            # Reading also generates one token.
            return JobCodec(Codec.load(where), chosen_template(settings), int(context) - 1)

        return cls(api, jobs, settings.drafter, writes=writes(settings, chosen_template(settings)))

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        how = self._choose if job.guided and not self._writes else self._write
        yield from self.jobs().sayable(job, how)

    def jobs(self) -> JobCodec:
        """Raises ModelError if the server does not answer or lacks the model, or if there is no tokenizer."""
        with self._lock:
            if self._jobs is None:
                self._jobs = self._make_jobs()
            return self._jobs

    def _choose(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        asked = self.jobs().encode(job)
        yield from choose(self.jobs(), job, asked, _Reader(self._api, asked.prompt))

    def _write(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        jobs = self.jobs()
        counted = _Counted()
        asked = jobs.encode(job)
        stop = jobs.codec.special_ids
        required: dict[str, Any] = {
            "prompt": asked.prompt,
            "max_tokens": asked.limit,
            "temperature": 0,
            "stop_token_ids": sorted(stop),
            "return_token_ids": True,
            "stream_options": {"include_usage": True},
        }
        written = OutputText(jobs)
        ended = False
        xargs = {"vllm_xargs": to_xargs(self._drafter, asked.sources)}
        for answer in self._api.stream("completions", required, xargs):
            tokens = counted.add(answer)
            # The stop token is part of the answer.
            kept = [token for token in tokens if token not in stop]
            ended = ended or len(kept) < len(tokens)
            text = written.push(kept)
            if kept:
                # One part of the stream is what one step settled: drafted tokens, and one that was not drafted.
                yield Piece(text, len(kept), min(len(tokens) - 1, len(kept)), counted.stats())
        rest = written.finish()
        if rest:
            yield Piece(rest, 0, 0, counted.stats())
        yield Outcome(ended and written.closed, None, counted.stats())


@dataclass
class _Reader:
    """Has vLLM score tokens, through `prompt_logprobs`: a `choosing.Reader` that raises ModelError."""

    api: ServerApi
    prompt: list[int]
    passes: int = 0
    cached_tokens: int = 0

    def read(self, leader: Sequence[int], first: int, ways: Sequence[Way]) -> Iterator[LogProbs]:
        """One request for all: the server caches what they begin with."""
        read = [Way(first, leader[first:]), *ways]
        prompts = [[*self.prompt, *leader[: way.start], *way.tokens] for way in read]
        asked = {"prompt": prompts, "max_tokens": 1, "temperature": 0, "prompt_logprobs": 0}
        answer = self.api.ask("completions", asked)
        self.passes += 1
        try:
            choices = sorted(answer["choices"], key=lambda choice: int(choice["index"]))
            of_leader, *of_ways = [
                self._of_way(way, choice["prompt_logprobs"]) for choice, way in zip(choices, read, strict=True)
            ]
        except (KeyError, TypeError, ValueError):
            raise ModelError(
                f"{self.api.base_url} gives no `prompt_logprobs`: is it vLLM? else: --backend openai"
            ) from None
        yield LogProbs(of_leader, of_ways)

    def _of_way(self, way: Way, rows: list[dict[str, Any]]) -> list[float]:
        rows = rows[len(self.prompt) + way.start :]
        return [float(row[str(token)]["logprob"]) for row, token in zip(rows, way.tokens, strict=True)]


@dataclass
class _Counted:
    """The cost of one answer so far."""

    started: float = field(default_factory=time.perf_counter)
    first: float | None = None  # seconds to the first token
    output_tokens: int = 0
    usage: dict[str, Any] = field(default_factory=dict)
    drafts: dict[str, Any] = field(default_factory=dict)

    def add(self, answer: Answer) -> list[int]:
        """The tokens of one more part. Raises ModelError if the server sends text without tokens."""
        self.usage = answer.usage or self.usage
        self.drafts = (answer.metrics or {}).get("speculative_decoding") or self.drafts
        if answer.tokens is None:
            if answer.text:
                raise ModelError("the server sends no token ids: is it vLLM? else: --backend openai")
            return []
        if answer.tokens and self.first is None:
            self.first = time.perf_counter() - self.started
        self.output_tokens += len(answer.tokens)
        return answer.tokens

    def stats(self) -> Stats:
        """`forward_passes` is computed: each pass settles one token and the drafted ones that it accepts."""
        seconds = time.perf_counter() - self.started
        prefill = seconds if self.first is None else self.first
        accepted = int(self.drafts.get("num_accepted_draft_tokens", 0))
        return Stats(
            prompt_tokens=int(self.usage.get("prompt_tokens", 0)),
            output_tokens=self.output_tokens,
            forward_passes=max(self.output_tokens - accepted, 1),
            drafted_tokens=int(self.drafts.get("num_draft_tokens", 0)),
            accepted_tokens=accepted,
            prefill_seconds=prefill,
            decode_seconds=seconds - prefill,
            seconds=seconds,
        )
