"""How often a client hears of a rewrite, and what of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from lsprotocol import types

from fastapply_lsp.progress import Throttle, WorkDone


class OwnTime(asyncio.SelectorEventLoop):
    """A loop whose clock stands still while something runs, and jumps to the next timer when nothing does."""

    now = 0.0

    def time(self) -> float:
        return self.now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self.now = max(self.now, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def test_batches_come_soon_and_no_more_often_than_allowed() -> None:
    with asyncio.Runner(loop_factory=OwnTime) as runner:
        runner.run(batches())


async def batches() -> None:
    loop = asyncio.get_running_loop()
    sent: list[float] = []
    throttle = Throttle(lambda: sent.append(loop.time()), seconds=0.1)
    for _ in range(225):
        throttle.touch()
        await asyncio.sleep(0.002)
    await asyncio.sleep(0.15)
    assert sent == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4, 0.5], abs=0.005)
    await asyncio.sleep(0.5)
    assert len(sent) == 6  # nothing more to say: nothing is sent


@pytest.mark.asyncio
async def test_a_stopped_throttle_says_nothing() -> None:
    sent: list[int] = []
    throttle = Throttle(lambda: sent.append(1))
    throttle.touch()
    throttle.stop()
    await asyncio.sleep(0.02)
    assert sent == []


@pytest.mark.asyncio
async def test_a_bar_never_goes_back_and_repeats_nothing() -> None:
    said: list[Any] = []
    bar = WorkDone(lambda method, params: said.append(params.value), "token")
    bar.begin("title")
    bar.lines(5, 10)
    bar.report()
    bar.report()
    bar.lines(3, 10)
    bar.phase("writing")
    bar.report()
    bar.end("done")
    bar.end("again")
    assert [(type(value), getattr(value, "percentage", None)) for value in said] == [
        (types.WorkDoneProgressBegin, 0),
        (types.WorkDoneProgressReport, 50),
        (types.WorkDoneProgressReport, 50),
        (types.WorkDoneProgressEnd, None),
    ]


@pytest.mark.asyncio
async def test_an_empty_document_is_no_division_by_zero() -> None:
    said: list[Any] = []
    bar = WorkDone(lambda method, params: said.append(params.value), None)
    bar.lines(0, 0)
    bar.report()
    assert said == []  # no token: nobody listens
