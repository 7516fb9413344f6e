"""Agents that can start our MCP server: where each keeps its settings, and the form of an entry there.

docs/mcp.md names the source of each of these facts.
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
    """The facts that determine where settings are. `system` is `sys.platform`."""

    system: str = sys.platform
    home: Path = field(default_factory=Path.home)
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def settings(self) -> Path:
        """The folder in which desktop programs keep their settings."""
        if self.system == "win32":
            return self.folder("APPDATA", self.home / "AppData" / "Roaming")
        if self.system == "darwin":
            return self.home / "Library" / "Application Support"
        return self.config()

    def config(self) -> Path:
        """The folder in which command-line programs keep their settings."""
        return self.folder("XDG_CONFIG_HOME", self.home / ".config")

    def folder(self, variable: str, default: Path) -> Path:
        """The folder that an environment variable names, else `default`."""
        said = self.env.get(variable)
        return Path(said) if said else default


def _plain(command: Sequence[str]) -> dict[str, Any]:
    return {"command": command[0], "args": list(command[1:])}


def _stdio(command: Sequence[str]) -> dict[str, Any]:
    return {"type": "stdio", **_plain(command)}


def _opencode(command: Sequence[str]) -> dict[str, Any]:
    return {"type": "local", "command": list(command), "enabled": True}


@dataclass(frozen=True)
class Agent:
    """One agent. `files`: its settings file is the first one that exists, else the first. `section`: the key of the
    servers in it. `needs_root`: the agent neither offers roots nor starts servers in the project's folder."""

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


AGENTS = (
    Agent(
        "claude-code",
        "Claude Code",
        lambda m: [m.folder("CLAUDE_CONFIG_DIR", m.home) / ".claude.json"],
        "mcpServers",
        _stdio,
    ),
    Agent(
        "claude-desktop",
        "Claude Desktop",
        lambda m: [m.settings() / "Claude" / "claude_desktop_config.json"],
        "mcpServers",
        needs_root=True,
    ),
    Agent("cursor", "Cursor", lambda m: [m.home / ".cursor" / "mcp.json"], "mcpServers"),
    Agent("vscode", "VS Code", lambda m: [m.settings() / "Code" / "User" / "mcp.json"], "servers", _stdio),
    Agent("zed", "Zed", lambda m: [_zed(m) / "settings.json"], "context_servers", reload="no restart is needed"),
    Agent(
        "opencode",
        "opencode",
        lambda m: [m.config() / "opencode" / name for name in ("opencode.json", "opencode.jsonc")],
        "mcp",
        _opencode,
    ),
    Agent("codex", "Codex CLI", lambda m: [m.folder("CODEX_HOME", m.home / ".codex") / "config.toml"], "mcp_servers"),
    Agent("gemini", "Gemini CLI", lambda m: [m.home / ".gemini" / "settings.json"], "mcpServers"),
    Agent(
        "windsurf",
        "Windsurf",
        lambda m: [m.home / ".codeium" / "windsurf" / "mcp_config.json"],
        "mcpServers",
        needs_root=True,
    ),
)
