"""The simulation against what queueing theory knows."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest

from fastapply.errors import UsageError
from fastapply_lab.bench.sizing import main, read_seconds, simulate, table


def test_one_replica_with_exponential_service_is_an_mm1_queue() -> None:
    chance = random.Random(1)
    service = [chance.expovariate(1.0) for _ in range(20_000)]
    load = simulate(service, 0.5, 1, edits=200_000)
    # Time in an M/M/1 queue is exponential with rate mu - lambda.
    assert load.busy == pytest.approx(0.5, abs=0.02)
    assert load.waited == pytest.approx(0.5, abs=0.02)
    assert load.p50 == pytest.approx(math.log(2) / 0.5, rel=0.06)
    assert load.p95 == pytest.approx(math.log(20) / 0.5, rel=0.06)


def test_an_idle_replica_answers_in_the_seconds_that_were_measured() -> None:
    load = simulate([2.0], 0.0001, 3, edits=1_000)
    assert (load.p50, load.p99, load.waited) == (pytest.approx(2.0), pytest.approx(2.0), 0.0)


def test_more_replicas_wait_less() -> None:
    waits = [simulate([1.0, 3.0], 0.9, count).p95 for count in (2, 3, 6)]
    assert waits == sorted(waits, reverse=True)
    assert waits[-1] < waits[0]


def test_a_load_beyond_the_replicas_is_said() -> None:
    rows = table([2.0], [60], [1, 2, 4]).splitlines()[2:]
    assert [("too few" in row) for row in rows] == [True, True, False]


def test_the_command_reads_a_batch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = tmp_path / "results.jsonl"
    rows = [{"status": "applied", "stats": {"seconds": seconds}} for seconds in (0.0, 1.0, 2.0)]
    results.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert read_seconds(results) == [1.0, 2.0]
    assert main([str(results), "--edits-per-minute", "6", "--replicas", "1"]) == 0
    assert "2 measured edits: median 1.50 s" in capsys.readouterr().out
    for wrong in (["--replicas", "x"], ["--replicas", "0"], ["--replicas", "1.5"]):
        assert main([str(results), *wrong]) == 2
    results.write_text("{}\n")
    with pytest.raises(UsageError, match="holds no results"):
        read_seconds(results)
