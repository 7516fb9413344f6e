"""Add, change or remove one table of a TOML text. Everything else stays byte for byte.

A line inside a multi-line string that looks like a header would be misread, so callers must check the result.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from fastapply.errors import UsageError

_HEADER = re.compile(r"\s*\[+\s*([^\]]*?)\s*\]+\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")


def parse(text: str) -> dict[str, Any]:
    """The values of a TOML text. Raises UsageError if it is not TOML."""
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"not TOML ({error})") from None


def rendered(path: Sequence[str], values: Mapping[str, str | Sequence[str]]) -> str:
    """A TOML table of strings and lists of strings."""
    return "".join([f"[{'.'.join(path)}]\n", *(_line(key, value) for key, value in values.items())])


def with_table(text: str, path: Sequence[str], values: Mapping[str, str | Sequence[str]]) -> str:
    """`text` with these values in the table at `path`. Other values of the table stay. A missing table is added at the
    end."""
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines(keepends=True)
    span = _span(lines, path)
    if span is None:
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += newline
        gap = [newline] if any(map(str.strip, lines)) else []
        return "".join([*lines, *gap, rendered(path, values).replace("\n", newline)])
    start, end = span
    chunks: list[tuple[str | None, list[str]]] = []  # the key and the lines of each value
    for line in lines[start + 1 : end]:
        found = _KEY.match(line)
        if found or not chunks:
            chunks.append((found[1] if found else None, []))
        chunks[-1][1].append(line)
    kept = [line for key, group in chunks if key not in values for line in group]
    new = [_line(key, value).replace("\n", newline) for key, value in values.items()]
    return "".join([*lines[: start + 1], *new, *kept, *lines[end:]])


def without_table(text: str, path: Sequence[str]) -> str:
    """`text` without the table at `path`, its subtables, and the blank line before each of them."""
    lines = text.splitlines(keepends=True)
    while (span := _span(lines, path, below=True)) is not None:
        start, end = span
        if start > 0 and not lines[start - 1].strip() and (end == len(lines) or not lines[end].strip()):
            start -= 1
        lines[start:end] = []
    return "".join(lines)


def _line(key: str, value: str | Sequence[str]) -> str:
    return f"{key} = {json.dumps(value, ensure_ascii=False)}\n"  # JSON's strings and lists are TOML's too


def _span(lines: Sequence[str], path: Sequence[str], *, below: bool = False) -> tuple[int, int] | None:
    """The lines of a table, from its header to the next one. Blank lines and comments just before a header belong to
    it. `below`: also accept a subtable of `path`."""
    start = next((k for k, line in enumerate(lines) if _names(line, path, below=below)), None)
    if start is None:
        return None
    end = next((k for k in range(start + 1, len(lines)) if _HEADER.match(lines[k])), len(lines))
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return start, end


def _names(line: str, path: Sequence[str], *, below: bool) -> bool:
    found = _HEADER.match(line)
    keys = [key.strip().strip("\"'") for key in found[1].split(".")] if found else []
    return keys[: len(path)] == list(path) if below else keys == list(path)
