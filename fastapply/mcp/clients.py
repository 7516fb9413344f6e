"""The agents that start MCP servers: where each keeps its settings, and what an entry looks like there.

docs/mcp.md says where each of these facts comes from.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAME = "fastapply"


@dataclass(frozen=True)
class Machine:
    """What decides where settings are: `system` is `sys.platform`."""

    system: str = sys.platform
    home: Path = field(default_factory=Path.home)
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def settings(self) -> Path:
        """Where programs with windows keep theirs."""
        if self.system == "win32":
            return self.folder("APPDATA", self.home / "AppData" / "Roaming")
        if self.system == "darwin":
            return self.home / "Library" / "Application Support"
        return self.config()

    def config(self) -> Path:
        return self.folder("XDG_CONFIG_HOME", self.home / ".config")

    def folder(self, variable: str, default: Path) -> Path:
        """What an environment variable says, if it says anything."""
        said = self.env.get(variable)
        return Path(said) if said else default


def _plain(command: Sequence[str]) -> dict[str, Any]:
    return {"command": command[0], "args": list(command[1:])}


def _stdio(command: Sequence[str]) -> dict[str, Any]:
    return {"type": "stdio", **_plain(command)}


def _opencode(command: Sequence[str]) -> dict[str, Any]:
    return {"type": "local", "command": list(command), "enabled": True}


@dataclass(frozen=True)
class Client:
    """One agent. `files`: the first that is there counts, else the first. `section`: the object that holds the servers.
    `needs_root`: it neither offers roots nor starts a server in the project's folder."""

    name: str
    title: str
    files: Callable[[Machine], Sequence[Path]]
    section: str
    entry: Callable[[Sequence[str]], dict[str, Any]] = _plain
    needs_root: bool = False
    reload: str = "restart it"

    def file(self, machine: Machine) -> Path:
        files = self.files(machine)
        return next((file for file in files if file.exists()), files[0])

    @property
    def path(self) -> tuple[str, str]:
        return self.section, NAME


def _zed(machine: Machine) -> Path:
    return machine.settings() / "Zed" if machine.system == "win32" else machine.config() / "zed"


CLIENTS = (
    Client(
        "claude-code",
        "Claude Code",
        lambda m: [m.folder("CLAUDE_CONFIG_DIR", m.home) / ".claude.json"],
        "mcpServers",
        _stdio,
    ),
    Client(
        "claude-desktop",
        "Claude Desktop",
        lambda m: [m.settings() / "Claude" / "claude_desktop_config.json"],
        "mcpServers",
        needs_root=True,
    ),
    Client("cursor", "Cursor", lambda m: [m.home / ".cursor" / "mcp.json"], "mcpServers"),
    Client("vscode", "VS Code", lambda m: [m.settings() / "Code" / "User" / "mcp.json"], "servers", _stdio),
    Client("zed", "Zed", lambda m: [_zed(m) / "settings.json"], "context_servers", reload="it takes it at once"),
    Client(
        "opencode",
        "opencode",
        lambda m: [m.config() / "opencode" / name for name in ("opencode.json", "opencode.jsonc")],
        "mcp",
        _opencode,
    ),
    Client("codex", "Codex CLI", lambda m: [m.folder("CODEX_HOME", m.home / ".codex") / "config.toml"], "mcp_servers"),
    Client("gemini", "Gemini CLI", lambda m: [m.home / ".gemini" / "settings.json"], "mcpServers"),
    Client(
        "windsurf",
        "Windsurf",
        lambda m: [m.home / ".codeium" / "windsurf" / "mcp_config.json"],
        "mcpServers",
        needs_root=True,
    ),
)
