"""What goes on at the same time: typing, cancelling, queueing, superseding, closing, dying. Real server, no model: what
is slow here is the alignment of long files."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from editor import SECONDS, Editor, environment, listening, running
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from samples import AFTER_ONE, FILE, ONE, URI, change_function, changed, functions

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

LONG = "file:///project/long.py"
LONG_TEXT = functions(2500)  # about a second of alignment


def apply_params(uri: str, number: int = 5, **more: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "update": change_function(number), **more}


async def begun(editor: Editor, uri: str = LONG, **more: Any) -> asyncio.Task[Any]:
    """A long rewrite, which runs."""
    editor.previews.clear()
    editor.open(uri, LONG_TEXT)
    task = editor.start("fastapply/apply", apply_params(uri, **more))
    await editor.until(lambda: "begin" in kinds(editor))
    return task


def kinds(editor: Editor) -> list[str]:
    """Of the previews of the last session."""
    return [preview["kind"] for preview in editor.previews if preview["session"] == editor.previews[-1]["session"]]


async def failure(task: Any) -> JsonRpcException:
    with pytest.raises(JsonRpcException) as error:
        await task
    return error.value


async def test_keys_typed_meanwhile_are_answered_soon(shared: Editor) -> None:
    shared.open(LONG, LONG_TEXT)
    task = shared.start("fastapply/apply", apply_params(LONG, mode="apply"))
    shared.edits.clear()
    busy = []
    while not (task.done() or shared.edits):  # three changes while the edit lands, and it would be given up
        shared.insert(LONG, 0, "#\n")  # leaves for the server with what follows
        busy.append((await shared.ask("fastapply/status", None))["busy"])
        await asyncio.sleep(0.01)
    assert (await task)["applied"]
    assert shared.texts[LONG] == "#\n" * len(busy) + changed(LONG_TEXT, 5)  # re-based over all that was typed
    assert sum(busy) > 3  # answers that did not wait for the rewrite; `latency.py` measures how soon they come


@asynccontextmanager
async def standing_still(editor: Editor) -> AsyncIterator[None]:
    """The alignment never ends meanwhile, however quick it is and however busy the machine."""
    editor.open(URI, FILE)
    await editor.apply(URI, ONE)  # its process has started
    assert editor.client._server is not None
    children = psutil.Process(editor.client._server.pid).children(recursive=True)
    assert children
    for child in children:
        child.suspend()
    try:
        yield
    finally:
        for child in children:
            child.resume()


@pytest.mark.parametrize("way", ["request", "command", "progress", "cancel"])
async def test_cancelled_in_any_way_it_ends_at_once(shared: Editor, way: str) -> None:
    async with standing_still(shared):
        await cancelled(shared, way)


async def cancelled(shared: Editor, way: str) -> None:
    shared.previews.clear()
    params = {"textDocument": {"uri": URI}, "update": ONE, "workDoneToken": f"token-{way}"}
    if way == "command":
        command = types.ExecuteCommandParams("fastapply.apply", [{**params, "mode": "preview"}])
        task = asyncio.ensure_future(shared.ask("workspace/executeCommand", command, f"id-{way}"))
    else:
        task = asyncio.ensure_future(shared.ask("fastapply/apply", params, f"id-{way}"))
    await shared.until(lambda: "begin" in kinds(shared))
    if way == "progress":
        token = types.WorkDoneProgressCancelParams(f"token-{way}")
        await shared.until(lambda: f"token-{way}" in [used for used, _ in shared.progress])
        shared.client.window_work_done_progress_cancel(token)
    elif way == "cancel":
        assert await shared.ask("fastapply/cancel", {"textDocument": {"uri": URI}}) == {"cancelled": 1}
    else:
        shared.client.cancel_request(types.CancelParams(f"id-{way}"))
    assert (await failure(task)).code == -32800
    status = await shared.ask("fastapply/status", None)
    assert status["busy"], "the answer waits for the alignment"
    assert status["sessions"] == []
    assert kinds(shared) == ["begin", "close"]
    assert [value["kind"] for token, value in shared.progress if token == f"token-{way}"][-1] == "end"


async def test_a_newer_apply_supersedes_the_one_that_runs(shared: Editor) -> None:
    older = await begun(shared)
    answer = await shared.ask("fastapply/apply", apply_params(LONG, 9))
    assert shared.replay(LONG, answer["edit"]) == changed(LONG_TEXT, 9)
    error = await failure(older)
    assert (error.code, error.message) == (-32802, "superseded by a newer edit of long.py")


async def test_twenty_documents_at_once(shared: Editor) -> None:
    uris = [f"file:///project/{number}.py" for number in range(20)]
    text = functions(60)
    for uri in uris:
        shared.open(uri, text)
    asked = [shared.start("fastapply/apply", apply_params(uri, n, mode="apply")) for n, uri in enumerate(uris)]
    answers = await asyncio.gather(*asked)
    assert all(answer["applied"] for answer in answers)
    assert [shared.texts[uri] for uri in uris] == [changed(text, n) for n in range(20)]


async def test_a_second_client_does_not_wait_for_all_documents_of_the_first(tmp_path: Path) -> None:
    process, port = await listening(tmp_path, "tcp")
    editors = [Editor("utf-16"), Editor("utf-16")]
    try:
        for editor in editors:
            await editor.client.start_tcp("127.0.0.1", port)
            await editor.client.initialize_session(
                types.InitializeParams(types.ClientCapabilities(), initialization_options={"model": "none"})
            )
        greedy, modest = editors
        many = []
        for number in range(8):
            greedy.open(f"file:///{number}.py", LONG_TEXT)
            many.append(greedy.start("fastapply/apply", apply_params(f"file:///{number}.py")))
        await greedy.until(lambda: len(greedy.previews) >= 8)
        modest.open(URI, FILE)
        answer = await modest.apply(URI, ONE)
        assert modest.replay(URI, {"changes": answer["edit"]["changes"]}) == AFTER_ONE
        assert sum(task.done() for task in many) <= 3
        for task in many:
            task.cancel()
        await modest.client.shutdown_session()  # ends this client only
        assert (await greedy.ask("fastapply/cancel", None))["cancelled"] > 3
        assert process.returncode is None
    finally:
        process.terminate()
        await process.wait()
        for editor in editors:
            await asyncio.wait_for(editor.client.stop(), SECONDS)


async def test_too_many_waiting_rewrites_are_refused(tmp_path: Path) -> None:
    async with running(tmp_path, limits={"waiting": 1}) as editor:
        task = await begun(editor)
        editor.open(URI, FILE)
        assert "limits.waiting" in (await failure(editor.apply(URI, ONE))).message
        assert (await task)["status"] == "applied"
        assert (await editor.apply(URI, ONE))["status"] == "applied"


async def test_changes_elsewhere_rebase_and_changes_there_apply_nothing(shared: Editor) -> None:
    task = await begun(shared, mode="preview")
    shared.insert(LONG, 0, "# above\n")
    shared.insert(LONG, len(shared.texts[LONG].splitlines()), "# below\n")
    answer = await task
    assert shared.replay(LONG, answer["edit"]) == "# above\n" + changed(LONG_TEXT, 5) + "# below\n"
    task = await begun(shared)
    line = LONG_TEXT[: LONG_TEXT.index("return value + 5\n")].count("\n")
    shared.insert(LONG, line, "    value += 1\n")  # right above the line of the edit: apart from it
    at = {"line": line + 1, "character": 0}
    shared.change(LONG, {"range": {"start": at, "end": at}, "newText": "  "})  # in the line of the edit
    error = await failure(task)
    assert error.code == -32801
    assert "changed meanwhile" in error.message
    assert (await shared.ask("fastapply/status", None))["sessions"] == []


@pytest.mark.parametrize(("how", "words"), [("close", "closed"), ("delete", "deleted"), ("rename", "renamed to b.py")])
async def test_documents_that_go_away_end_their_rewrite(shared: Editor, how: str, words: str) -> None:
    task = await begun(shared)
    if how == "delete":
        shared.client.workspace_did_delete_files(types.DeleteFilesParams([types.FileDelete(LONG)]))
    elif how == "rename":
        files = [types.FileRename(LONG, "file:///project/b.py")]
        shared.client.workspace_did_rename_files(types.RenameFilesParams(files))
    else:
        shared.close(LONG)
    error = await failure(task)
    assert error.code == -32801
    assert words in error.message
    if how == "close":
        assert "closed" in (await failure(shared.apply(LONG, ONE))).message


async def test_a_client_that_dies_leaves_no_process(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fastapply_lsp"),
        env=environment(tmp_path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    document = {"uri": LONG, "languageId": "python", "version": 1, "text": LONG_TEXT}
    for message in (
        {"id": 1, "method": "initialize", "params": {"capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": document}},  # the model is being loaded
        {"id": 2, "method": "fastapply/apply", "params": apply_params(LONG)},
    ):
        process.stdin.write(frame(message))
    await process.stdout.readuntil(b'"kind": "begin"')
    async with asyncio.timeout(SECONDS):  # the model's process may start a moment after the progress
        while not (children := psutil.Process(process.pid).children()):
            await asyncio.sleep(0.02)
    process.stdin.close()  # as when the client's process is gone
    assert await asyncio.wait_for(process.wait(), SECONDS) == 1  # no `shutdown` came
    assert psutil.wait_procs(children, timeout=SECONDS)[1] == []


async def test_a_model_whose_process_is_killed_leaves_the_server_alive(tmp_path: Path) -> None:
    async with running(tmp_path, model="fastapply-135m") as editor:
        editor.open(URI, FILE)
        assert editor.client._server is not None
        server = psutil.Process(editor.client._server.pid)
        await editor.until(lambda: any("spawn_main" in " ".join(child.cmdline()) for child in server.children()))
        for child in server.children():
            child.kill()  # as when memory runs out
        answer = await editor.apply(URI, ONE)
        assert editor.replay(URI, answer["edit"]) == AFTER_ONE
        assert answer["model"]["alignmentOnly"]
        (message,) = editor.client.messages
        assert "the model's process has ended" in message.message


def frame(message: dict[str, Any]) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body
