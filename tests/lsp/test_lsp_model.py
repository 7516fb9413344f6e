"""The server with the embedded model: one apply, typing while it runs, and a cancellation that frees what it held."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import psutil
import pytest
from editor import Editor, running
from pygls.exceptions import JsonRpcException
from samples import AFTER_THREE, FILE, THREE, URI, functions

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="module")]

MODEL: dict[str, Any] = {"model": "fastapply-135m", "threads": 1}  # two threads on a busy machine wait for each other


async def loaded(editor: Editor) -> None:
    """Opening a document loads the model in the background."""
    editor.open(URI, FILE)
    async with asyncio.timeout(120):
        while (await editor.ask("fastapply/status", None))["model"]["state"] != "ready":
            await asyncio.sleep(0.1)


async def test_the_model_rewrites_while_keys_are_answered_and_cancels_within_a_block(tmp_path: Path) -> None:
    async with running(tmp_path, **MODEL) as editor:
        await loaded(editor)
        task = editor.start("fastapply/apply", {"textDocument": {"uri": URI}, "update": THREE, "mode": "apply"})
        seconds = []
        while not task.done():
            editor.insert(URI, 0, "#\n")
            started = time.perf_counter()
            await editor.ask("fastapply/status", None)
            seconds.append(time.perf_counter() - started)
            await asyncio.sleep(0.02)
        answer = await task
        assert answer["applied"]
        assert editor.texts[URI] == "#\n" * len(seconds) + AFTER_THREE
        assert answer["model"] == {"name": "fastapply-135m", "state": "ready", "detail": "", "alignmentOnly": False}
        assert answer["stats"]["output_tokens"] > 20
        assert any("tokens/s" in value.get("message", "") for _, value in editor.progress)
        worst = sorted(seconds)[len(seconds) * 99 // 100]
        print(f"keys while the model writes: {len(seconds)}, 99 % within {worst:.4f} s, worst {max(seconds):.4f} s")
        assert worst < 0.25  # the bar is 50 ms; machines in tests are slow
        await cancelled_again_and_again(editor)


async def cancelled_again_and_again(editor: Editor) -> None:
    server = editor.client._server
    assert server is not None
    memory = psutil.Process(server.pid).memory_info
    editor.open("file:///long.py", functions(24))
    update = "".join(f"def function_{n}(value):\n    return value - {n}\n\n\n" for n in range(0, 24, 3))
    sizes = []
    for _ in range(3):
        editor.progress.clear()
        params = {"textDocument": {"uri": "file:///long.py"}, "update": update, "workDoneToken": f"work{len(sizes)}"}
        task = editor.start("fastapply/apply", params)
        await editor.until(lambda: any("tokens/s" in value.get("message", "") for _, value in editor.progress))
        sizes.append(memory().rss)
        assert await editor.ask("fastapply/cancel", None) == {"cancelled": 1}
        with pytest.raises(JsonRpcException) as error:
            await task
        assert error.value.code == -32800
        started = time.perf_counter()
        while (await editor.ask("fastapply/status", None))["busy"]:
            await asyncio.sleep(0.02)
        assert time.perf_counter() - started < 3  # one block, on a slow machine
    assert sizes[-1] - sizes[0] < 60_000_000, sizes  # each holds a cache of some 40 MB
