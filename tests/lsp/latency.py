"""How long an editor waits: the shipped server with the embedded model, by hand on a quiet machine.

    python tests/lsp/latency.py [--rounds N]

Prints a Markdown table: seconds to the first hunk and to the answer, for one hunk in a file of 100 and of 400 lines.
Cold: the first apply of a fresh server, loading the model included. Warm: the model is loaded and the document was read
when it was opened. Again: the same place a second time. Then the longest answer to a key typed while a rewrite runs.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
from editor import Editor, running
from samples import change_function, functions

LINES = (100, 400)
KEY_SECONDS = 0.02  # between two keys


async def timed(editor: Editor, uri: str, number: int) -> tuple[float, float, int, int]:
    """Seconds to the first hunk and to the answer; tokens of the prompt, and how many of them were cached."""
    editor.progress.clear()
    started = time.perf_counter()
    params = {"textDocument": {"uri": uri}, "update": change_function(number), "partialResultToken": "p"}
    task = editor.start("fastapply/apply", params)
    first = None
    while not task.done():
        if first is None and any(token == "p" for token, _ in editor.progress):
            first = time.perf_counter() - started
        await asyncio.sleep(0.001)
    answer = await task
    assert answer["status"] == "applied", answer
    assert not answer["model"]["alignmentOnly"]
    last = time.perf_counter() - started
    return first or last, last, answer["stats"]["prompt_tokens"], answer["stats"]["cached_tokens"]


async def idle(editor: Editor) -> None:
    while (status := await editor.ask("fastapply/status", None))["busy"] or status["model"]["state"] != "ready":
        await asyncio.sleep(0.05)


async def worst_key(editor: Editor, uri: str, number: int) -> tuple[int, float, float]:
    """Keys typed while a rewrite runs: how many, and 99 % and all of them were answered within so many seconds."""
    params = {"textDocument": {"uri": uri}, "update": change_function(number)}
    task = editor.start("fastapply/apply", params)
    seconds = []
    while not task.done():
        editor.insert(uri, 0, "#\n")
        started = time.perf_counter()
        await editor.ask("fastapply/status", None)
        seconds.append(time.perf_counter() - started)
        await asyncio.sleep(KEY_SECONDS)
    await task
    return len(seconds), sorted(seconds)[len(seconds) * 99 // 100], max(seconds)


async def measure(rounds: int) -> None:
    print("| lines | state | first hunk s | answer s | prompt tokens (cached) |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for lines in LINES:
            count = lines // 5
            rows: dict[str, list[tuple[float, float, int, int]]] = {"cold": [], "warm": [], "again": []}
            for _ in range(rounds):
                async with running(Path(folder), model="fastapply-135m", warm=False) as editor:
                    editor.open("file:///cold.py", functions(count))
                    rows["cold"].append(await timed(editor, "file:///cold.py", count // 2))
            async with running(Path(folder), model="fastapply-135m") as editor:
                for turn in range(rounds):
                    uri = f"file:///warm{turn}.py"
                    editor.open(uri, functions(count))
                    await idle(editor)
                    number = count // 2 + turn % 3
                    rows["warm"].append(await timed(editor, uri, number))
                    rows["again"].append(await timed(editor, uri, number))
                keys = [await worst_key(editor, "file:///warm0.py", count // 3 + n) for n in range(rounds)]
            for state, values in rows.items():
                first, last, prompt, cached = (statistics.median(column) for column in zip(*values, strict=True))
                print(f"| {lines} | {state} | {first:.2f} | {last:.2f} | {prompt:.0f} ({cached:.0f}) |", flush=True)
            typed, most, worst = sum(k[0] for k in keys), max(k[1] for k in keys), max(k[2] for k in keys)
            print(f"| {lines} | {typed} keys | 99 %: {1000 * most:.0f} ms | all: {1000 * worst:.0f} ms | |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(measure(parser.parse_args().rounds))
