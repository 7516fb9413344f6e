"""Add, print or remove our entry in an agent's settings. Everything else in the file stays as it is, and a copy of the
old file is kept beside it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapply.errors import FastApplyError, UsageError
from fastapply.files import FileChange, SourceFile, new_source, read_source, reason
from fastapply.mcp import jsonc, toml_table
from fastapply.mcp.clients import Agent
from fastapply.text.lines import encode
from fastapply.writing import write_changes

_COPY = ".before-fastapply"


def server_command(arguments: Sequence[str]) -> list[str]:
    """The command that starts this installation's server. Paths are absolute, since agents may not search the PATH."""
    script = Path(sys.executable).with_name("fastapply.exe" if sys.platform == "win32" else "fastapply")
    start = [str(script)] if script.exists() else [sys.executable, "-m", "fastapply"]
    return [*start, "mcp", *arguments]


def shown_entry(agent: Agent, file: Path, command: Sequence[str]) -> str:
    """The entry, as it would appear in a file that holds nothing else."""
    entry = agent.entry(command)
    if _is_toml(file):
        return toml_table.rendered(agent.path, entry)
    return json.dumps({agent.section: {agent.path[1]: entry}}, indent=2, ensure_ascii=False) + "\n"


def put_in(agent: Agent, file: Path, command: Sequence[str]) -> Path | None:
    """Write the entry, and keep other values of an existing entry. Returns the path of the copy of the old file, or
    None if the file is new or nothing had to change.

    Raises:
        UsageError: the file does not have the expected form.
        FastApplyError: it cannot be written.
    """
    source = _source(file)
    entry = agent.entry(command)
    expected = _parsed(source.text, file)
    is_there = agent.path[1] in (expected.get(agent.section) or {})
    servers = expected.setdefault(agent.section, {})
    if not isinstance(servers, dict) or not isinstance(servers.setdefault(agent.path[1], {}), dict):
        raise UsageError(f"{file}: {agent.section} is not what {agent.title} expects there: nothing was written")
    servers[agent.path[1]].update(entry)
    try:
        if _is_toml(file):
            text = toml_table.with_table(source.text, agent.path, entry)
        else:
            text = source.text if source.text.strip("\ufeff \r\n\t") else "{}\n"
            if is_there:
                for key, value in entry.items():
                    text = jsonc.with_member(text, [*agent.path, key], value)
            else:
                text = jsonc.with_member(text, agent.path, entry)
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from None
    return _write(file, source, text, expected)


def take_out(agent: Agent, file: Path) -> Path | None:
    """Remove the entry. Returns the path of the copy of the old file, or None if there was no entry. Raises as
    `put_in` does."""
    if not file.exists():
        return None
    source = _source(file)
    expected = _parsed(source.text, file)
    servers = expected.get(agent.section)
    if not isinstance(servers, dict) or agent.path[1] not in servers:
        return None
    del servers[agent.path[1]]
    change = toml_table.without_table if _is_toml(file) else jsonc.without_member
    return _write(file, source, change(source.text, agent.path), expected)


def _source(file: Path) -> SourceFile:
    return read_source(file) if file.exists() else new_source(file)


def _is_toml(file: Path) -> bool:
    return file.suffix == ".toml"


def _parsed(text: str, file: Path) -> dict[str, Any]:
    if not text.strip("\ufeff \r\n\t"):
        return {}
    try:
        said = toml_table.parse(text) if _is_toml(file) else jsonc.parse(text)
    except UsageError as error:
        raise UsageError(f"{file}: {error}: nothing was written; fix the file, or use --print") from None
    if not isinstance(said, dict):
        raise UsageError(f"{file} holds no settings: nothing was written; use --print")
    return said


def _full(said: dict[str, Any]) -> dict[str, Any]:
    """The settings without empty sections, because a TOML table vanishes with its last subtable."""
    return {name: value for name, value in said.items() if value != {}}


def _write(file: Path, source: SourceFile, text: str, expected: dict[str, Any]) -> Path | None:
    if text == source.text:
        return None
    try:
        right = _full(_parsed(text, file)) == _full(expected)
    except UsageError:
        right = False
    if not right:
        raise UsageError(f"{file} is written in a way that cannot be changed safely: use --print, and edit it yourself")
    copy = None
    if source.path.exists():
        copy = source.real.with_name(source.real.name + _COPY)
        try:
            shutil.copy2(source.real, copy)
        except OSError as error:
            raise FastApplyError(f"no copy of {file} can be kept: {reason(error)}; nothing was written") from None
    before = source.data if copy is not None else None
    write_changes([FileChange(file, source.real, before, encode(text))], undo=None)
    return copy
