"""The model behind any OpenAI-compatible server: hosted, vLLM, llama.cpp, Ollama, or our own `fastapply serve`.

The likeliest candidate is sent as `prediction` where the server takes it. Candidates cannot guide a remote model: it
writes freely, so only the checks and the confidence judge its text.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from fastapply.backends.base import Outcome, Piece, Rewrite
from fastapply.backends.server_api import ServerApi
from fastapply.backends.turns import messages_of
from fastapply.backends.unwrap import AnswerText
from fastapply.config import Settings
from fastapply.prompt import Special, Template, template
from fastapply.types import ApplyRequest, Stats


class OpenAIBackend:
    """Thread-safe: the server handles concurrent requests. The only state kept between them is which optional fields
    the server refuses."""

    def __init__(self, api: ServerApi, asked: Template, *, predict: bool = True) -> None:
        """Raises UsageError for a template that is not a chat."""
        self.api = api
        self.template = asked
        self.predict = predict
        messages_of(asked, ApplyRequest("", ""))

    @classmethod
    def of(cls, settings: Settings) -> OpenAIBackend:
        """A backend for the server in the settings; does not contact it yet. Raises UsageError."""
        return cls(ServerApi.of(settings), template(settings.template or "chat"), predict=settings.prediction)

    def rewrite(self, job: Rewrite) -> Iterator[Piece | Outcome]:
        started = time.perf_counter()
        messages, opening = messages_of(self.template, job.request)
        closing = "" if isinstance(self.template.closing, Special) else self.template.closing
        optional: dict[str, Any] = {"temperature": 0, "stream_options": {"include_usage": True}}
        if self.predict:
            expected = f"{opening}{job.candidates[0].text}{closing}"
            optional["prediction"] = {"type": "content", "content": expected}
        answer = AnswerText(opening, closing)
        first: float | None = None
        usage: dict[str, Any] = {}
        finish: str | None = None
        for part in self.api.stream("chat/completions", {"messages": messages}, optional):
            usage = part.usage or usage
            finish = part.finish or finish
            first = first or (time.perf_counter() - started if part.text else None)
            text = answer.push(part.text)
            if text:
                yield Piece(text, 0, 0, _stats(usage, started, first))
        rest = answer.finish()
        stats = _stats(usage, started, first)
        if rest:
            yield Piece(rest, 0, 0, stats)
        # A server that gives no reason ended normally, since the stream itself was complete.
        yield Outcome(answer.closed and finish in ("stop", None), None, stats)


def _stats(usage: dict[str, Any], started: float, first: float | None) -> Stats:
    """The server's counts, or zeros if it sends none, and the times measured here."""
    details = usage.get("completion_tokens_details") or {}
    accepted, rejected = (_count(details, f"{kind}_prediction_tokens") for kind in ("accepted", "rejected"))
    seconds = time.perf_counter() - started
    prefill = seconds if first is None else first
    return Stats(
        prompt_tokens=_count(usage, "prompt_tokens"),
        cached_tokens=_count(usage.get("prompt_tokens_details"), "cached_tokens"),
        output_tokens=_count(usage, "completion_tokens"),
        drafted_tokens=accepted + rejected,
        accepted_tokens=accepted,
        prefill_seconds=prefill,
        decode_seconds=seconds - prefill,
        seconds=seconds,
    )


def _count(counts: Any, name: str) -> int:
    value = counts.get(name) if isinstance(counts, dict) else None
    return value if isinstance(value, int) and value > 0 else 0
