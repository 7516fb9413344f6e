"""The plugins for opencode and Claude Code put our tools in the place of the agent's own edit tool.

Doubles stand in for the clients: they read what the client reads and start what it starts. The real opencode runs where
it is installed (`opencode` on the path), with a double of the model behind it.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import ListRootsResult, Root
from program import ROOT, Cli
from pydantic import FileUrl

pytestmark = pytest.mark.process

OPENCODE = ROOT / "editor_clients" / "opencode" / "fastapply.js"
CLAUDE = ROOT / "editor_clients" / "claude-code"
ORIGINAL, EDIT, CHANGED = "a = 1\nb = 2\n", "a = 3\nb = 2\n", "a = 3\nb = 2\n"
APPLY_HOOK = (
    "const { Fastapply } = await import(process.argv[1]); const config = JSON.parse(process.argv[2]);"
    "await (await Fastapply({}, JSON.parse(process.argv[3]))).config(config); console.log(JSON.stringify(config))"
)


@pytest.fixture
def project(cli: Cli) -> Path:
    folder = cli.folder / "project"
    folder.mkdir()
    (folder / "app.py").write_text(ORIGINAL)
    return folder


@pytest.fixture
def on_path(cli: Cli) -> Path:
    """A folder for PATH with `fastapply`, which asks no model."""
    program = cli.folder / "bin" / "fastapply"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fastapply "$@" --model none\n')
    program.chmod(0o755)
    cli.env["PATH"] = f"{program.parent}{os.pathsep}{cli.env['PATH']}"
    return program.parent


def edit_through(command: Sequence[str], cli: Cli, project: Path) -> None:
    """Start a server as a client does, and edit app.py."""

    async def list_roots(_: Any) -> ListRootsResult:
        return ListRootsResult(roots=[Root(uri=FileUrl(project.as_uri()))])

    async def main() -> None:
        program = shutil.which(command[0], path=cli.env["PATH"])
        assert program is not None
        server = StdioServerParameters(command=program, args=[*command[1:]], env=cli.env, cwd=project)
        async with Client(server, list_roots_callback=list_roots, read_timeout_seconds=60) as client:
            result = await client.call_tool("edit_file", {"target_filepath": "app.py", "code_edit": EDIT})
            assert not result.is_error
        assert (project / "app.py").read_text() == CHANGED

    asyncio.run(asyncio.wait_for(main(), 120))


def configured(config: dict[str, Any], options: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the plugin makes of opencode's settings."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    command = [node, "--input-type=module", "-e", APPLY_HOOK, str(OPENCODE), json.dumps(config), json.dumps(options)]
    done: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    return done


def test_opencode_loses_its_edit_tools_and_gets_ours(cli: Cli, project: Path, on_path: Path) -> None:
    config = configured({"model": "x/y", "mcp": {"other": {"type": "remote", "url": "http://localhost"}}})
    assert config["model"] == "x/y"
    assert list(config["mcp"]) == ["fastapply", "other"]
    assert config["mcp"]["fastapply"] == {"type": "local", "command": ["fastapply", "mcp"], "enabled": True}
    assert config["permission"] == {"edit": "deny"}  # stands for edit, write and patch
    assert config["agent"]["plan"]["permission"] == {"fastapply_*": "deny", "edit": "deny"}
    edit_through(config["mcp"]["fastapply"]["command"], cli, project)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"edit": "ask"}, {"edit": "deny", "fastapply_*": "ask"}),
        ("ask", {"*": "ask", "edit": "deny", "fastapply_*": "ask"}),
        ({"edit": {"*.md": "allow", "*": "deny"}}, {"edit": "deny", "fastapply_*": "ask"}),
        ({"edit": "deny", "fastapply_*": "allow"}, {"edit": "deny", "fastapply_*": "allow"}),
        ({"bash": "deny"}, {"bash": "deny", "edit": "deny"}),
    ],
)
def test_what_was_said_about_edits_holds_for_ours(said: Any, expected: Any) -> None:
    config = configured({"permission": said, "agent": {"mine": {"permission": said}, "bare": {"model": "x"}}})
    assert config["permission"] == config["agent"]["mine"]["permission"] == expected
    assert config["agent"]["bare"] == {"model": "x"}


def test_a_server_of_the_users_own_is_kept() -> None:
    own = {"type": "local", "command": ["mine"], "enabled": True}
    assert configured({"mcp": {"fastapply": own}})["mcp"]["fastapply"] == own
    off = {"mcp": {"fastapply": {**own, "enabled": False}}}
    assert configured(off) == off
    assert configured({}, {"command": ["x", "mcp"]})["mcp"]["fastapply"]["command"] == ["x", "mcp"]


class _Model(BaseHTTPRequestHandler):
    """A model that calls our tool once, and remembers what it was asked."""

    asked: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body)
        call = {"name": "fastapply_edit_file", "arguments": json.dumps({"path": "app.py", "code_edit": EDIT})}
        answers: list[tuple[dict[str, Any], str | None]] = [({"content": "done"}, None), ({}, "stop")]
        if body.get("tools") and not any(message["role"] == "tool" for message in body["messages"]):
            calls = [{"index": 0, "id": "call", "type": "function", "function": call}]
            answers = [({"role": "assistant", "tool_calls": calls}, None), ({}, "tool_calls")]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for delta, finish in answers:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            chunk = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def model() -> Iterator[ThreadingHTTPServer]:
    _Model.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(shutil.which("opencode") is None, reason="opencode is not installed (npm: opencode-ai)")
def test_the_real_opencode(cli: Cli, project: Path, on_path: Path, model: ThreadingHTTPServer) -> None:
    options = {"baseURL": f"http://127.0.0.1:{model.server_port}/v1", "apiKey": "any"}
    provider = {"npm": "@ai-sdk/openai-compatible", "options": options, "models": {"m": {"name": "m"}}}
    settings = {"provider": {"double": provider}, "model": "double/m", "small_model": "double/m"}
    (project / "opencode.json").write_text(json.dumps({**settings, "plugin": [str(OPENCODE)], "autoupdate": False}))
    switches = {"OPENCODE_DISABLE_MODELS_FETCH": "1", "OPENCODE_DISABLE_AUTOUPDATE": "1"}
    env = {"HOME": str(cli.folder), "PATH": cli.env["PATH"], "PYTHONPATH": cli.env["PYTHONPATH"], **switches}
    for agent, change in (("plan", ORIGINAL), ("build", CHANGED)):
        _Model.asked.clear()
        command = ["opencode", "run", "--agent", agent, "change a"]
        subprocess.run(
            command, cwd=project, env=env, stdin=subprocess.DEVNULL, check=True, capture_output=True, timeout=600
        )
        tools = {tool["function"]["name"] for body in _Model.asked for tool in body.get("tools", [])}
        assert tools
        assert not {"edit", "write", "patch", "apply_patch"} & tools
        assert ("fastapply_edit_file" in tools) == (agent == "build")
        assert (project / "app.py").read_text() == change


def refused(cli: Cli, path: str | Path, tool: str = "Edit", **env: str) -> str:
    """The reason with which Claude Code's hook refuses a call, "" if it lets it go on. Run as Claude Code runs it."""
    (matcher,) = json.loads((CLAUDE / "hooks" / "hooks.json").read_text())["hooks"]["PreToolUse"]
    if tool not in matcher["matcher"].split("|"):
        return ""
    call: dict[str, Any] = {"session_id": "x", "hook_event_name": "PreToolUse", "tool_name": tool}
    call["tool_input"] = {"file_path": str(path), "old_string": '"file_path":"/x/', "new_string": "b"}
    (hook,) = matcher["hooks"]
    done = subprocess.run(
        ["sh", "-c", hook["command"]],
        env={**cli.env, "CLAUDE_PLUGIN_ROOT": str(CLAUDE), **env},
        input=json.dumps(call, separators=(",", ":")).encode(),
        check=True,
        capture_output=True,
    )
    if not done.stdout:
        return ""
    output = json.loads(done.stdout)["hookSpecificOutput"]
    assert (output["hookEventName"], output["permissionDecision"]) == ("PreToolUse", "deny")
    reason: str = output["permissionDecisionReason"]
    return reason


def test_claude_codes_edit_is_refused_and_ours_is_there(cli: Cli, project: Path, on_path: Path) -> None:
    here = {"CLAUDE_PROJECT_DIR": str(project)}
    assert "edit_file of the MCP server fastapply" in refused(cli, project / "app.py", **here)
    server = json.loads((CLAUDE / ".mcp.json").read_text())["mcpServers"]["fastapply"]
    edit_through([server["command"], *server["args"]], cli, project)


def test_what_ours_cannot_edit_is_left_to_claude_code(cli: Cli, project: Path, on_path: Path) -> None:
    here = {"CLAUDE_PROJECT_DIR": str(project)}
    for path in (cli.folder / "other.py", f"{project}2/app.py", project / ".git" / "config"):
        assert not refused(cli, path, **here)
    assert not refused(cli, project / "app.py", "Write", **here)
    assert not refused(cli, project / "app.py")
    assert not refused(cli, project / "app.py", **here, PATH="/usr/bin:/bin")


def test_claude_codes_manifests() -> None:
    plugin = json.loads((CLAUDE / ".claude-plugin" / "plugin.json").read_text())
    market = json.loads((CLAUDE / ".claude-plugin" / "marketplace.json").read_text())
    (listed,) = market["plugins"]
    assert listed["name"] == plugin["name"] == market["name"] == "fastapply"
    assert (CLAUDE / listed["source"] / "hooks" / "hooks.json").is_file()
