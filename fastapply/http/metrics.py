"""Metrics for Prometheus: requests, tokens, acceptance, queue, seconds. One registry per server, no module state."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from fastapply.types import Stats

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


class Metrics:
    """Counters and gauges of one server."""

    def __init__(self, waiting: Callable[[], float]) -> None:
        self.registry = CollectorRegistry()
        self.http = Counter(
            "fastapply_http_requests", "HTTP requests answered", ["path", "status"], registry=self.registry
        )
        self.edits = Counter(
            "fastapply_edits",
            "edits by outcome: applied, needs_review, rejected, failed, cancelled, timeout",
            ["outcome"],
            registry=self.registry,
        )
        self.tokens = Counter(
            "fastapply_tokens",
            "the model's tokens: prompt, output, drafted, accepted",
            ["kind"],
            registry=self.registry,
        )
        self.passes = Counter("fastapply_forward_passes", "forward passes of the model", registry=self.registry)
        self.acceptance = Gauge(
            "fastapply_acceptance_ratio", "share of drafted tokens accepted since the start", registry=self.registry
        )
        self.running = Gauge("fastapply_running", "edits in progress", registry=self.registry)
        self.seconds = Histogram(
            "fastapply_seconds",
            "seconds an edit took: queue, run",
            ["phase"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        Gauge("fastapply_queue_length", "edits waiting", registry=self.registry).set_function(waiting)
        self._drafted = self._accepted = 0

    def count(self, outcome: str, stats: Stats) -> None:
        """Count one finished edit."""
        self.edits.labels(outcome).inc()
        self.tokens.labels("prompt").inc(stats.prompt_tokens)
        self.tokens.labels("output").inc(stats.output_tokens)
        self.tokens.labels("drafted").inc(stats.drafted_tokens)
        self.tokens.labels("accepted").inc(stats.accepted_tokens)
        self.passes.inc(stats.forward_passes)
        self._drafted += stats.drafted_tokens
        self._accepted += stats.accepted_tokens
        if self._drafted:
            self.acceptance.set(self._accepted / self._drafted)

    def page(self) -> bytes:
        return generate_latest(self.registry)
