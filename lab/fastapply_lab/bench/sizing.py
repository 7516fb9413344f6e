"""How many replicas a load needs: a queueing simulation with measured times.

    fastapply apply --batch TASKS.jsonl --out RESULTS.jsonl
    python -m fastapply_lab.bench.sizing RESULTS.jsonl --edits-per-minute 30 --replicas 1,2,4

Edits arrive as a Poisson process, and each takes as long as a random measured one. A load balancer sends it to the
replica with the fewest edits. A replica runs one edit at a time, as `fastapply serve` does with a local model. Times
that were measured on a busy machine give the size for busy machines.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fastapply.errors import FastApplyError, UsageError

EDITS = 20_000  # simulated edits for each row
WARM_UP = 0.1  # this share is not counted, because the queues start empty


class Load(NamedTuple):
    """The simulated effect of a load: the share of time in which replicas work, and seconds from request to answer."""

    replicas: int
    busy: float
    p50: float
    p95: float
    p99: float
    waited: float  # share of edits that did not start at once


def simulate(service: Sequence[float], per_second: float, replicas: int, edits: int = EDITS, seed: int = 0) -> Load:
    """Simulate replicas that serve first come, first served. Each edit goes to the one with the fewest unfinished.

    Args:
        service: measured seconds of single edits, one or more.
        per_second: the average rate of arrivals.
    """
    chance = random.Random(seed)
    unfinished: list[list[float]] = [[] for _ in range(replicas)]  # for each replica, when its edits will be done
    now, worked = 0.0, 0.0
    taken: list[float] = []
    waited = 0
    for _ in range(edits):
        now += chance.expovariate(per_second)
        for done in unfinished:
            while done and done[0] <= now:
                heapq.heappop(done)
        least = min(unfinished, key=len)
        seconds = chance.choice(service)
        start = max(now, max(least, default=now))
        heapq.heappush(least, start + seconds)
        worked += seconds
        taken.append(start + seconds - now)
        waited += start > now
    percent = statistics.quantiles(taken[int(edits * WARM_UP) :], n=100, method="inclusive")
    busy = worked / (replicas * (now + max(taken[-1], 0.0)))
    return Load(replicas, busy, percent[49], percent[94], percent[98], waited / edits)


def read_seconds(path: Path) -> list[float]:
    """The seconds of a batch's results that used a model.

    Raises:
        UsageError: the file does not have results, or none of them used a model.
    """
    try:
        rows = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
        found = [float(row["stats"]["seconds"]) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{path} holds no results: make them with `fastapply apply --batch`") from None
    seconds = [value for value in found if value > 0]
    if not seconds:
        raise UsageError(f"{path}: none of its edits used a model")
    return seconds


def table(service: Sequence[float], per_minute: Sequence[float], replicas: Sequence[int]) -> str:
    """A Markdown table of the simulated loads. A load that exceeds the capacity gets the entry "too few"."""
    rows = ["| edits a minute | replicas | busy | p50 | p95 | p99 |", "|---|---|---|---|---|---|"]
    mean = statistics.fmean(service)
    for rate in per_minute:
        for count in replicas:
            if rate / 60 * mean >= count:
                rows.append(f"| {rate:g} | {count} | too few | | | |")
                continue
            load = simulate(service, rate / 60, count)
            shown = " | ".join(f"{value:.1f} s" for value in (load.p50, load.p95, load.p99))
            rows.append(f"| {rate:g} | {count} | {load.busy:.0%} | {shown} |")
    return "\n".join(rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of a results file. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m fastapply_lab.bench.sizing", description=__doc__.splitlines()[0])
    parser.add_argument("results", type=Path, metavar="RESULTS.jsonl")
    parser.add_argument("--edits-per-minute", default="10,30,100", metavar="N,...")
    parser.add_argument("--replicas", default="1,2,4,8", metavar="N,...")
    asked = parser.parse_args(arguments)
    try:
        service = read_seconds(asked.results)
        rates, counts = _numbers(asked.edits_per_minute), _numbers(asked.replicas)
        if any(count != int(count) for count in counts):
            raise UsageError("--replicas must be whole numbers")
    except FastApplyError as error:
        print(f"sizing: error: {error}", file=sys.stderr)
        return error.exit_status
    middle, mean = statistics.median(service), statistics.fmean(service)
    print(f"{len(service)} measured edits: median {middle:.2f} s, mean {mean:.2f} s, longest {max(service):.2f} s\n")
    print(table(service, rates, [int(count) for count in counts]))
    return 0


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or min(numbers) <= 0:
        raise UsageError(f"`{text}`: give positive numbers, separated by commas")
    return numbers


if __name__ == "__main__":
    sys.exit(main())
