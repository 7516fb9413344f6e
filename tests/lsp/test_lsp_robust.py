"""Life cycle, options, and clients that send what nobody should: against the shipped server, on the wire."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from editor import SECONDS, capabilities, environment, listening, running
from lsprotocol import types
from program import Cli
from samples import AFTER_ONE, FILE, ONE, URI

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

SEED = int(os.environ.get("FASTAPPLY_SEED", "0"))
INITIALIZE = {
    "id": 0,
    "method": "initialize",
    "params": {"capabilities": {}, "initializationOptions": {"model": "none"}},
}


class Wire:
    """A client that is nothing but bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, message: Any) -> None:
        self.raw(json.dumps({"jsonrpc": "2.0", **message} if isinstance(message, dict) else message).encode())

    def raw(self, body: bytes) -> None:
        self.writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    async def next(self) -> Any:
        """The next message that comes."""
        async with asyncio.timeout(SECONDS):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.split(b":")[1].split(b"\r\n")[0])
            return json.loads(await self.reader.readexactly(length))

    async def answer(self, number: Any) -> Any:
        while (message := await self.next()).get("id", "") != number or "method" in message:
            pass
        return message


@asynccontextmanager
async def process(config: Path) -> AsyncIterator[tuple[Wire, asyncio.subprocess.Process]]:
    pipe = asyncio.subprocess.PIPE
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fastapply", "lsp"), env=environment(config), stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield Wire(server.stdout, server.stdin), server
    finally:
        if server.returncode is None:
            server.kill()
        await server.wait()


@pytest.mark.parametrize(("shutdown", "status"), [(True, 0), (False, 1)])
async def test_exit_ends_the_process_with_the_status_of_the_protocol(
    tmp_path: Path, shutdown: bool, status: int
) -> None:
    async with process(tmp_path) as (wire, server):
        wire.send({"id": 1, "method": "fastapply/status"})
        assert (await wire.next())["error"]["code"] == -32002  # not initialized
        wire.send(INITIALIZE)
        await wire.answer(0)
        if shutdown:
            wire.send({"id": 2, "method": "shutdown"})
            assert (await wire.answer(2))["result"] is None
            wire.send({"id": 3, "method": "fastapply/status"})
            assert (await wire.answer(3))["error"]["code"] == -32600
        wire.send({"method": "exit"})
        assert await asyncio.wait_for(server.wait(), SECONDS) == status
        assert server.stderr is not None
        assert await server.stderr.read() == b""


async def test_garbage_is_answered_and_survived(tmp_path: Path) -> None:
    async with process(tmp_path) as (wire, server):
        wire.send(INITIALIZE)
        await wire.answer(0)
        wire.writer.write(b"garbage\r\n\r\nContent-Length: many\r\n\r\n\r\n")
        for body, code in [
            (b"{", -32700),
            (b"\xff\xfe", -32700),
            (b"[" * 100_000, -32700),
            (b"[]", -32600),
            (b'{"id": 1, "method": "shutdown"}', -32600),  # without jsonrpc
            (b'{"jsonrpc": "2.0", "id": [1], "method": "shutdown"}', -32600),
        ]:
            wire.raw(body)
            message = await wire.next()
            assert (message["id"], message["error"]["code"]) == (None, code)
        wire.send({"id": 2, "method": "workspace/executeCommand", "params": {"command": 1, "arguments": 2}})
        assert (await wire.answer(2))["error"]["code"] == -32602
        wire.send({"id": 3, "method": ["x"]})
        assert (await wire.answer(3))["error"]["code"] in (-32602, -32601)
        for message in (
            {"method": "textDocument/didOpen", "params": {"textDocument": 1}},
            {"method": "textDocument/didChange", "params": {"textDocument": {"uri": "x", "version": 1}}},
            {"method": "no/such", "params": None},
            {"id": "unknown", "result": {}},
            {"id": None, "error": {"code": 1, "message": "m"}},
            {"method": "$/cancelRequest", "params": {"id": 77}},
        ):
            wire.send(message)
        wire.send({"id": 4, "method": "fastapply/status"})
        assert (await wire.answer(4))["result"]["documents"] == 0
        assert server.returncode is None


async def test_random_bytes_never_break_the_server(tmp_path: Path) -> None:
    """What a broken client leaves closes its own connection at most."""
    server, port = await listening(tmp_path, "tcp")
    try:
        for seed in range(SEED, SEED + 20):
            rng = random.Random(seed)
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            whole = b"Content-Length: 60\r\n\r\n" + json.dumps({"jsonrpc": "2.0", **INITIALIZE}).encode()
            cut = rng.randrange(len(whole))
            writer.write(whole[:cut] + rng.randbytes(rng.randrange(3000)) + whole[cut:])
            writer.write(rng.choice([b"", b"x" * 200_000, b"Content-Length: 99999999999999999999\r\n\r\n"]))
            writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        wire = Wire(reader, writer)
        wire.send(INITIALIZE)
        assert (await wire.answer(0))["result"]["serverInfo"]["name"] == "fastapply"
        writer.close()
        assert server.returncode is None
    finally:
        server.terminate()
        await server.wait()


async def test_initialize_says_what_the_server_can_and_waits_for_no_model(tmp_path: Path) -> None:
    async with process(tmp_path) as (wire, _):
        said = {"capabilities": {"general": {"positionEncodings": ["utf-32", "utf-8"]}}}
        wire.send({"id": 1, "method": "initialize", "params": said})
        result = (await wire.answer(1))["result"]
        assert result["capabilities"]["positionEncoding"] == "utf-32"
        assert "fastapply.apply" in result["capabilities"]["executeCommandProvider"]["commands"]
        wire.send({"id": 2, "method": "initialize", "params": said})
        assert (await wire.answer(2))["error"]["code"] == -32600
        wire.send({"id": 3, "method": "fastapply/status"})
        assert (await wire.answer(3))["result"]["model"]["state"] == "cold"


async def test_wrong_options_are_named_and_the_others_count(tmp_path: Path) -> None:
    wrong = {"threads": 0, "colour": "red", "drafter": "fast", "backendUrl": "nowhere", "preview": "off"}
    async with running(tmp_path, **wrong) as editor:
        editor.open(URI, FILE)
        await editor.apply(URI, ONE)
        messages = [message.message for message in editor.client.messages]
        assert editor.previews == []  # `preview` was right
        for words in (
            "`threads`: Input should be greater",
            "`colour`: there is no",
            "unknown `fast`",
            "a URL is wanted",
        ):
            assert [words in message for message in messages].count(True) == 1, messages
        assert not any("\n" in message for message in messages)


async def test_configuration_is_pulled_and_pushed(tmp_path: Path) -> None:
    said = capabilities()
    assert said.workspace is not None
    said.workspace.configuration = True
    async with running(tmp_path, said=said) as editor:
        editor.client.set_configuration({"preview": "off"}, section="fastapply")
        editor.open(URI, FILE)
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))
        await editor.configured()
        await editor.apply(URI, ONE)
        assert editor.previews == []
        pushed = types.DidChangeConfigurationParams(settings={"fastapply": {"preview": "hunks", "warm": 3}})
        editor.client.workspace_did_change_configuration(pushed)
        await editor.until(lambda: editor.client.messages)
        assert "`warm`" in editor.client.messages[-1].message
        await editor.apply(URI, ONE)
        assert editor.previews


async def test_a_model_that_cannot_be_loaded_is_told_once_and_alignment_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    async with running(tmp_path, model=str(folder)) as editor:
        editor.open(URI, FILE)  # loads in the background, and fails
        for _ in range(2):
            answer = await editor.apply(URI, ONE)
            assert editor.replay(URI, answer["edit"]) == AFTER_ONE
            assert (answer["model"]["state"], answer["model"]["alignmentOnly"]) == ("failed", True)
        (message,) = editor.client.messages
        assert "no config.json; edits are applied by alignment alone" in message.message
        status = await editor.ask("fastapply/status", None)
        assert status["model"]["alignmentOnly"]


async def test_several_roots_and_documents_of_none(tmp_path: Path) -> None:
    async with running(tmp_path) as editor:
        added = [types.WorkspaceFolder(f"file:///{name}", name) for name in ("one", "two")]
        event = types.WorkspaceFoldersChangeEvent(added=added, removed=[])
        editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        diff = ONE_AS_DIFF  # names its file within the folder
        for uri in ("file:///one/src/a.py", "file:///two/src/a.py", "untitled:Untitled-1"):
            editor.open(uri, FILE)
            answer = await editor.apply(uri, diff if uri.startswith("file") else ONE, mode="apply")
            assert (answer["applied"], editor.texts[uri]) == (True, AFTER_ONE)
        assert (await editor.ask("fastapply/status", None))["folders"] == ["file:///one", "file:///two"]


async def test_a_folder_may_have_options_of_its_own(tmp_path: Path) -> None:
    said = capabilities()
    assert said.workspace is not None
    said.workspace.configuration = True
    async with running(tmp_path, said=said) as editor:
        editor.client.set_configuration({"preview": "off"}, section="fastapply", scope_uri="file:///one")
        editor.client.set_configuration({"preview": "hunks"}, section="fastapply", scope_uri="file:///two")
        folders = [types.WorkspaceFolder(f"file:///{name}", name) for name in ("one", "two")]
        event = types.WorkspaceFoldersChangeEvent(added=folders, removed=[])
        editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        await editor.configured("file:///two")
        for uri, previews in (("file:///one/a.py", False), ("file:///two/a.py", True), (URI, True)):
            editor.previews.clear()
            editor.open(uri, FILE)
            await editor.apply(uri, ONE)
            assert bool(editor.previews) == previews, uri
        event = types.WorkspaceFoldersChangeEvent(added=[], removed=folders[:1])
        editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
        await editor.apply("file:///one/a.py", ONE)
        assert editor.previews


ONE_AS_DIFF = """\
--- a/src/a.py
+++ b/src/a.py
@@ -9,3 +9,3 @@
 def second(a):
-    value = os.path.join(a, "second")
+    value = os.path.join(a, "2")
     return value
"""


async def test_browsers_may_connect_only_from_pages_that_are_named(tmp_path: Path) -> None:
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidStatus

    server, port = await listening(tmp_path, "ws")
    try:
        with pytest.raises(InvalidStatus, match="403"):
            await connect(f"ws://127.0.0.1:{port}", origin="https://evil.example")  # type: ignore[arg-type]
    finally:
        server.terminate()
        await server.wait()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tcp", "1", "--stdio"], "give one of them"),
        (["--tcp", "70000"], "'--tcp': 70000 is not in the range 0<=x<=65535"),
        (["--origin", "x"], "--origin needs --ws"),
        (["--log", "loud"], "unknown log level `loud`"),
        (["--tcp", "1", "--host", "256.1.1.1"], "cannot listen on 256.1.1.1:1"),
    ],
)
async def test_wrong_calls_are_one_line(cli: Cli, arguments: list[str], words: str) -> None:
    done = cli.run("lsp", *arguments)
    assert done.status == 2
    assert words in done.err
    assert len(done.err.splitlines()) == 1


async def test_the_schema_names_every_option(cli: Cli) -> None:
    schema = json.loads(cli.run("lsp", "--schema").out)
    assert {"model", "device", "drafter", "preview", "warm", "limits", "backendUrl"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False
    readme = (Path(__file__).parents[2] / "lsp" / "README.md").read_text()
    assert [name for name in schema["properties"] if f"`{name}`" not in readme] == []


async def test_nothing_a_library_prints_gets_between_the_messages(tmp_path: Path) -> None:
    script = tmp_path / "noisy.py"
    script.write_text(
        "import sys\n"
        "from fastapply_lsp.server import Server\n"
        "told = Server._status\n"
        "async def noisy(self, said):\n"
        "    print('noise', flush=True)\n"
        "    return await told(self, said)\n"
        "Server._status = noisy\n"
        "from fastapply.cli import run\n"
        "sys.exit(run(['lsp']))\n"
    )
    body = [
        {"jsonrpc": "2.0", **message}
        for message in (INITIALIZE, {"id": 1, "method": "fastapply/status"}, {"method": "exit"})
    ]
    sent = b"".join(b"Content-Length: %d\r\n\r\n" % len(b) + b for b in (json.dumps(m).encode() for m in body))
    done = subprocess.run(
        [sys.executable, script],
        env=environment(tmp_path),
        input=sent,
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert b"noise" in done.stderr
    assert b"noise" not in done.stdout
    assert b'"busy"' in done.stdout
