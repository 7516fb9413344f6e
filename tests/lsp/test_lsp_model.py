"""The server with the embedded model, over each transport: previews, decisions, cancellation, typing meanwhile, and
documents that are read before they are edited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio
from editor import SECONDS, Editor, running
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from samples import AFTER_ONE, AFTER_THREE, FILE, ONE, THREE, URI, functions

pytestmark = [pytest.mark.model, pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

MODEL: dict[str, Any] = {"model": "fastapply-135m", "threads": 1}  # two threads on a busy machine wait for each other


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Editor]:
    async with running(tmp_path_factory.mktemp("config"), **MODEL) as editor:
        yield editor


async def loaded(editor: Editor, uri: str = URI, text: str = FILE) -> None:
    """Opening a document loads the model in the background, and reads the document."""
    editor.open(uri, text)
    async with asyncio.timeout(SECONDS):
        while (status := await editor.ask("fastapply/status", None))["model"]["state"] != "ready" or status["busy"]:
            await asyncio.sleep(0.1)


async def failure(task: Any) -> int:
    with pytest.raises(JsonRpcException) as error:
        await task
    return error.value.code


async def test_previews_decisions_and_cancellation(editor: Editor) -> None:
    await decided_and_cancelled(editor)


@pytest.mark.parametrize("transport", ["tcp", "ws"])
async def test_previews_decisions_and_cancellation_over_the_other_transports(tmp_path: Path, transport: str) -> None:
    async with running(tmp_path, transport=transport, **MODEL) as editor:
        await decided_and_cancelled(editor)


async def decided_and_cancelled(editor: Editor) -> None:
    await loaded(editor)
    preview = await editor.apply(URI, THREE, partialResultToken="partial")
    assert (preview["applied"], editor.texts[URI], len(preview["hunks"])) == (False, FILE, 3)
    assert editor.replay(URI, preview["edit"]) == AFTER_THREE
    assert preview["stats"]["output_tokens"] > 20
    streamed = [hunk["id"] for token, value in editor.progress if token == "partial" for hunk in value["hunks"]]
    assert set(streamed) == {hunk["id"] for hunk in preview["hunks"]}
    one, two, _ = (hunk["id"] for hunk in preview["hunks"])
    document = {"textDocument": {"uri": URI}}
    assert (await editor.ask("fastapply/accept", {**document, "hunks": [two]}))["applied"]
    assert editor.texts[URI] == AFTER_ONE
    assert len((await editor.ask("fastapply/reject", {**document, "hunks": [one]}))["hunks"]) == 1
    assert (await editor.ask("fastapply/accept", document))["hunks"] == []
    assert editor.texts[URI] == AFTER_THREE.replace('"1"', '"first"')
    editor.change(URI, FILE)
    assert await failure(editor.apply(URI, ONE, textDocument={"uri": URI, "version": 1})) == -32801
    task = editor.start("fastapply/apply", {**document, "update": THREE})
    await editor.until(lambda: editor.previews[-1]["kind"] == "begin")
    assert await editor.ask("fastapply/cancel", document) == {"cancelled": 1}
    assert await failure(task) == -32800
    assert (await editor.command("fastapply.apply", {**document, "update": ONE}))["applied"]
    assert editor.texts[URI] == AFTER_ONE


async def test_a_document_that_was_opened_is_read_already_and_a_region_is_read_once(editor: Editor) -> None:
    uri, text = "file:///opened.py", f"# No other document begins like this.\n{FILE}"  # which might be read already
    await loaded(editor, uri, text)
    first = (await editor.apply(uri, ONE))["stats"]
    assert first["prompt_tokens"] > first["cached_tokens"] > 80  # all but the update
    again = (await editor.apply(uri, ONE))["stats"]
    assert again["cached_tokens"] == again["prompt_tokens"] - 1
    assert again["output_tokens"] == first["output_tokens"]
    editor.change(uri, text.replace("third", "last"))
    editor.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))
    async with asyncio.timeout(SECONDS):
        while (await editor.ask("fastapply/status", None))["busy"]:
            await asyncio.sleep(0.05)
    saved = (await editor.apply(uri, ONE))["stats"]
    assert saved["prompt_tokens"] > saved["cached_tokens"] > 80


async def test_without_warming_a_document_is_read_when_it_is_edited(tmp_path: Path) -> None:
    async with running(tmp_path, warm=False, **MODEL) as editor:
        editor.open(URI, FILE)
        assert (await editor.apply(URI, ONE))["stats"]["cached_tokens"] == 0


async def test_the_model_rewrites_while_keys_are_answered_and_cancels_within_a_block(editor: Editor) -> None:
    await loaded(editor)
    task = editor.start("fastapply/apply", {"textDocument": {"uri": URI}, "update": THREE, "mode": "apply"})
    busy = []
    while not (task.done() or editor.edits):  # three changes while the edit lands, and it would be given up
        editor.insert(URI, 0, "#\n")
        busy.append((await editor.ask("fastapply/status", None))["busy"])
        await asyncio.sleep(0.02)
    answer = await task
    assert answer["applied"]
    assert editor.texts[URI] == "#\n" * len(busy) + AFTER_THREE
    assert sum(busy) > 3  # answers that did not wait for the model; `latency.py` measures how soon they come
    assert answer["model"] == {"name": "fastapply-135m", "state": "ready", "detail": "", "alignmentOnly": False}
    assert answer["stats"]["output_tokens"] > 20
    assert any("tokens/s" in value.get("message", "") for _, value in editor.progress)
    await cancelled_again_and_again(editor)


async def cancelled_again_and_again(editor: Editor) -> None:
    server = editor.client._server
    assert server is not None
    editor.open("file:///long.py", functions(24))
    update = "".join(f"def function_{n}(value):\n    return value - {n}\n\n\n" for n in range(0, 24, 3))
    sizes = []
    for _ in range(3):
        editor.progress.clear()
        params = {"textDocument": {"uri": "file:///long.py"}, "update": update, "workDoneToken": f"work{len(sizes)}"}
        task = editor.start("fastapply/apply", params)
        await editor.until(lambda: any("tokens/s" in value.get("message", "") for _, value in editor.progress))
        sizes.append(memory_of_the_model(server.pid))
        assert await editor.ask("fastapply/cancel", None) == {"cancelled": 1}
        with pytest.raises(JsonRpcException) as error:
            await task
        assert error.value.code == -32800
        async with asyncio.timeout(SECONDS):
            while (await editor.ask("fastapply/status", None))["busy"]:
                await asyncio.sleep(0.02)
    assert sizes[-1] - sizes[0] < 60_000_000, sizes  # each holds a cache of some 40 MB


def memory_of_the_model(server: int) -> int:
    """Bytes of the largest of the server's processes. One that does not stop in time is killed, and another starts."""
    sizes = []
    for process in psutil.Process(server).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            sizes.append(process.memory_info().rss)
    return max(sizes)
