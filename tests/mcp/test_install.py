"""`fastapply mcp install`: our entry goes into every agent's settings and out again, and nothing else changes."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from program import Cli

from fastapply.errors import UsageError
from fastapply.mcp import jsonc, toml_table
from fastapply.mcp.clients import AGENTS, Machine

PATHS = {
    "claude-code": ".claude.json",
    "claude-desktop": ".config/Claude/claude_desktop_config.json",
    "cursor": ".cursor/mcp.json",
    "vscode": ".config/Code/User/mcp.json",
    "zed": ".config/zed/settings.json",
    "opencode": ".config/opencode/opencode.json",
    "codex": ".codex/config.toml",
    "gemini": ".gemini/settings.json",
    "windsurf": ".codeium/windsurf/mcp_config.json",
}
PLAIN = """{
  "model": "x",
  "mcpServers": {
    "other": {
      "command": "other"
    }
  }
}
"""
COMMENTED = """// Zed settings
{
    "theme": "One Dark", // "context_servers": {}
    /* the servers { */
    "context_servers": {
        "other": { "command": "a" }, // stays
    },
    "vim_mode": true,
}
"""
TOML = """# mine
model = "gpt"

[mcp_servers.other]
command = "a" # [mcp_servers.fastapply]
args = [
  "x",
]

# the profile
[profiles.fast]
model = "mini"
"""


@pytest.fixture
def home(cli: Cli) -> Path:
    for name in ("XDG_CONFIG_HOME", "CODEX_HOME", "CLAUDE_CONFIG_DIR"):
        cli.env.pop(name, None)
    cli.env["HOME"] = str(cli.folder)
    (cli.folder / "project").mkdir()
    return cli.folder


def install(cli: Cli, *arguments: str | Path) -> str:
    done = cli.run("mcp", "install", *arguments)
    assert done.status == 0, done.err
    return done.out.decode() + done.err


def put(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    return file


def entry_of(name: str, text: str) -> dict[str, Any]:
    client = next(client for client in AGENTS if client.name == name)
    said = tomllib.loads(text) if name == "codex" else jsonc.parse(text)
    found: dict[str, Any] = said[client.section]["fastapply"]
    return found


@pytest.mark.process
def test_every_client_gets_its_entry_where_it_looks_for_it(cli: Cli, home: Path) -> None:
    assert [client.name for client in AGENTS] == list(PATHS)
    root = home / "project"
    for name, path in PATHS.items():
        printed = cli.run("mcp", "install", name, "--root", root, "--print")
        assert not (home / path).exists()
        assert str(home / path) in printed.err
        assert f"{path}: made" in install(cli, name, "--root", root)
        entry = entry_of(name, (home / path).read_text())
        assert entry == entry_of(name, printed.out.decode())
        command = entry["command"] if name == "opencode" else [entry["command"], *entry["args"]]
        assert Path(command[0]).is_absolute()
        assert command[-3:] == ["mcp", "--root", str(root)]
        assert entry.get("type") == {"claude-code": "stdio", "vscode": "stdio", "opencode": "local"}.get(name)
        assert "has this entry already" in install(cli, name, "--root", root)
        assert "taken out" in install(cli, name, "--remove")
        assert "fastapply" not in (home / path).read_text()
        assert "has no entry of ours" in install(cli, name, "--remove")


@pytest.mark.process
def test_nothing_else_in_a_file_changes_and_a_copy_is_kept(cli: Cli, home: Path) -> None:
    for name, text in (("cursor", PLAIN), ("zed", COMMENTED), ("codex", TOML), ("gemini", PLAIN.replace("\n", "\r\n"))):
        file = put(home / PATHS[name], text)
        file.chmod(0o600)
        said = install(cli, name, "--", "--model", "none")
        copy = file.with_name(f"{file.name}.before-fastapply")
        assert str(copy) in said
        assert copy.read_bytes() == text.encode()
        assert copy.stat().st_mode & 0o777 == file.stat().st_mode & 0o777 == 0o600
        written = file.read_bytes().decode()
        kept = iter(written.splitlines())
        assert all(any(line.rstrip(",") == other.rstrip(",") for other in kept) for line in text.splitlines()), written
        assert entry_of(name, written)["args"] == ["mcp", "--model", "none"]
        install(cli, name, "--remove")
        assert file.read_bytes().decode() == text


@pytest.mark.process
def test_what_a_user_added_to_our_entry_stays(cli: Cli, home: Path) -> None:
    file = put(home / PATHS["cursor"], '{"mcpServers": {"fastapply": {"command": "old", "env": {"A": "b"}}}}')
    install(cli, "cursor")
    assert entry_of("cursor", file.read_text())["env"] == {"A": "b"}
    assert entry_of("cursor", file.read_text())["args"] == ["mcp"]
    table = (
        '[mcp_servers.fastapply]\nstartup_timeout_sec = 60\ncommand = "old"\n\n[mcp_servers.fastapply.env]\nA = "b"\n'
    )
    file = put(home / PATHS["codex"], table)
    install(cli, "codex")
    entry = entry_of("codex", file.read_text())
    assert (entry["startup_timeout_sec"], entry["env"], entry["args"]) == (60, {"A": "b"}, ["mcp"])
    install(cli, "codex", "--remove")
    assert not file.read_text().strip()


@pytest.mark.process
def test_what_cannot_be_done_is_one_sentence_and_writes_nothing(cli: Cli, home: Path) -> None:
    put(home / PATHS["cursor"], '{"mcpServers": [\n')
    put(home / PATHS["gemini"], '{"mcpServers": []}')
    put(home / PATHS["codex"], 'mcp_servers = { other = { command = "a" } }\n')
    for arguments, said in (
        (["vim"], "unknown client `vim`; there are: claude-code, "),
        (["windsurf"], "Windsurf does not say which folder it works in: give --root DIR"),
        (["zed", "--root", "nosuch"], "nosuch is not a folder"),
        (["zed", "--", "--devise", "cpu"], "No such option"),
        (["zed", "--", "--root", "nosuch"], "nosuch is not a folder"),
        (["zed", "--remove", "--print"], "--remove takes no --print"),
        (["cursor"], "not JSON (line 2: "),
        (["gemini"], "is not what Gemini CLI expects"),
        (["codex"], "cannot be changed safely"),
    ):
        before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
        done = cli.run("mcp", "install", *arguments)
        assert done.status == 2, arguments
        assert said in done.err
        assert done.err.count("\n") == 1
        assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


@pytest.mark.process
def test_a_projects_own_file(cli: Cli, home: Path) -> None:
    install(cli, "claude-code", "--file", home / "project" / ".mcp.json")
    assert list(jsonc.parse((home / "project" / ".mcp.json").read_text())) == ["mcpServers"]
    assert not (home / ".claude.json").exists()
    jsonc_file = put(home / ".config/opencode/opencode.jsonc", "{\n  // mine\n}\n")
    install(cli, "opencode")
    assert "// mine" in jsonc_file.read_text()
    assert "fastapply" in jsonc_file.read_text()


def test_places_on_other_systems() -> None:
    home = Path("/home/me")
    mac, windows = Machine("darwin", home, {}), Machine("win32", home, {"APPDATA": "/roaming"})
    linux = Machine("linux", home, {"XDG_CONFIG_HOME": "/xdg", "CODEX_HOME": "/codex", "CLAUDE_CONFIG_DIR": "/claude"})
    files = {client.name: client.file for client in AGENTS}
    support = home / "Library/Application Support"
    assert files["claude-desktop"](mac) == support / "Claude/claude_desktop_config.json"
    assert files["claude-desktop"](windows) == Path("/roaming/Claude/claude_desktop_config.json")
    assert files["vscode"](mac) == support / "Code/User/mcp.json"
    assert files["vscode"](windows) == Path("/roaming/Code/User/mcp.json")
    assert files["zed"](mac) == home / ".config/zed/settings.json"
    assert files["zed"](windows) == Path("/roaming/Zed/settings.json")
    assert files["zed"](linux) == Path("/xdg/zed/settings.json")
    assert files["opencode"](linux) == Path("/xdg/opencode/opencode.json")
    assert files["codex"](linux) == Path("/codex/config.toml")
    assert files["claude-code"](linux) == Path("/claude/.claude.json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", '{\n  "a": {\n    "b": 1\n  }\n}'),
        ('{"x": [1, 2]}', '{"x": [1, 2], "a": {"b": 1}}'),
        ('{"a": {}}', '{"a": {\n  "b": 1\n}}'),
        ('{\n\t"x": 1 // one\n}\n', '{\n\t"x": 1, // one\n\t"a": {\n\t\t"b": 1\n\t}\n}\n'),
        ('{\n  "x": 1,\n}', '{\n  "x": 1,\n  "a": {\n    "b": 1\n  },\n}'),
        ("{\n  // nothing yet\n}", '{\n  // nothing yet\n  "a": {\n    "b": 1\n  }\n}'),
        ('{\n  "a": {\n    "b": {"c": 2} // here\n  }\n}', '{\n  "a": {\n    "b": 1 // here\n  }\n}'),
        ('{"a": 1, "a": {"b": 2}}', '{"a": 1, "a": {"b": 1}}'),
    ],
)
def test_a_member_is_put_in_as_its_neighbours_are(text: str, expected: str) -> None:
    assert jsonc.with_member(text, ["a", "b"], 1) == expected


@pytest.mark.parametrize(
    "text", ["", "{", '{"a" 1}', '{"a": }', "{a: 1}", '{"a": 1 "b": 2}', '{"a": 1} x', "[1 2]", "[" * 100_000]
)
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not JSON"):
        jsonc.parse(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(
    st.dictionaries(st.text(max_size=3), VALUES, max_size=4),
    st.sampled_from([None, 1, 2, 4, "\t"]),
    st.sampled_from(["", "// {\n", "/* } */ "]),
    st.booleans(),
)
def test_in_and_out_gives_the_same_bytes(said: dict[str, Any], indent: Any, comment: str, trailing: bool) -> None:
    said = {**said, "servers": {"other": {"x": 1}}}
    text = json.dumps(said, indent=indent)
    if comment.endswith("\n") and indent is None:
        comment = ""
    text = text.replace('"other"', f'{comment}"other"', 1)
    if trailing and indent is not None:
        text = text[:-2] + ",\n}"
    text = comment + text
    changed = jsonc.with_member(text, ["servers", "mine"], {"command": "a", "args": ["b", "c"]})
    assert jsonc.parse(changed) == {
        **said,
        "servers": {**said["servers"], "mine": {"command": "a", "args": ["b", "c"]}},
    }
    assert jsonc.without_member(changed, ["servers", "mine"]) == text


@given(st.integers(0, 3), st.booleans(), st.booleans())
def test_a_table_goes_in_and_out_of_toml(cut: int, windows: bool, final: bool) -> None:
    text = "\n".join(TOML.split("\n\n")[:cut]) if cut else ""
    text = text if final or not text else text.rstrip("\n")
    text = text.replace("\n", "\r\n") if windows else text
    changed = toml_table.with_table(text, ["mcp_servers", "fastapply"], {"command": "a", "args": ["b"]})
    assert toml_table.parse(changed)["mcp_servers"]["fastapply"] == {"command": "a", "args": ["b"]}
    assert changed.startswith(text)
    taken = toml_table.without_table(changed, ["mcp_servers", "fastapply"])
    assert taken.rstrip("\r\n") == text.rstrip("\r\n")
