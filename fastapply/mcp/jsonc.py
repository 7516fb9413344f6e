"""Add, change or remove one member of a JSON text. Everything else stays byte for byte, comments included.

Reads JSON with comments, trailing commas and a BOM, as found in the settings of editors and agents.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from json import JSONDecodeError, JSONDecoder
from typing import Any

from fastapply.errors import UsageError

_BLANK = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/|\ufeff)*", re.DOTALL)
_DECODER = JSONDecoder()


@dataclass
class _Value:
    """The value at `text[start:end]`. An object has its `members`, in order."""

    start: int
    end: int
    value: Any
    members: list[_Member] = field(default_factory=list)


@dataclass
class _Member:
    """`"key": value`, from `start` to `value.end`. `comma`: the position of the comma after it, if there is one."""

    key: str
    start: int
    value: _Value
    comma: int | None = None


def parse(text: str) -> Any:
    """The value of a JSON text. Raises UsageError if it is not JSON."""
    return _read(text).value


def with_member(text: str, path: Sequence[str], value: Any) -> str:
    """`text` with `value` as the member at `path`. Missing objects on the path are added.

    Raises UsageError if the text is not JSON, or if a value on the path is not an object.
    """
    found = _read(text)
    for depth, key in enumerate(path):
        if not isinstance(found.value, dict):
            raise UsageError(f"{'.'.join(path[:depth]) or 'the file'} is not an object")
        member = _member(found, key)
        if member is None:
            for outer in reversed(path[depth + 1 :]):
                value = {outer: value}
            return _inserted(text, found, key, value)
        found = member.value
    shown = json.dumps(value, ensure_ascii=False, indent=_step(text))
    return text[: found.start] + _indented(shown, text, _indentation(text, found.start)) + text[found.end :]


def without_member(text: str, path: Sequence[str]) -> str:
    """`text` without the member at `path`; the object around it stays. Raises UsageError if the text is not JSON."""
    found, around = _read(text), None
    for key in path:
        member = _member(found, key)
        if member is None:
            return text
        found, around = member.value, found
    assert around is not None
    number = next(k for k, other in enumerate(around.members) if other.value is found)
    return _removed(text, around, number)


def _removed(text: str, around: _Value, number: int) -> str:
    member = around.members[number]
    start, end = member.start, member.value.end
    if member.comma is not None:
        end = member.comma + 1
    elif number > 0:  # the last member: remove the comma before it too
        comma = around.members[number - 1].comma
        assert comma is not None
        if not text[comma + 1 : start].strip():
            start = comma if "\n" not in text[comma:start] else start
        if start != comma:
            text = text[:comma] + text[comma + 1 :]
            start, end = start - 1, end - 1
            around = _Value(around.start, around.end - 1, None, around.members)
    line = text.rfind("\n", 0, start) + 1
    rest = re.compile(r"[ \t]*\r?\n").match(text, end)
    if not text[line:start].strip() and rest:
        start, end = line, rest.end()
    text, close = text[:start] + text[end:], around.end - 1 - (end - start)
    inside = text[around.start + 1 : close]
    if len(around.members) == 1 and not inside.strip():
        text = text[: around.start + 1] + text[close:]
    return text


def _inserted(text: str, around: _Value, key: str, value: Any) -> str:
    """`text` with a new last member in the object `around`."""
    newline = "\r\n" if "\r\n" in text else "\n"
    close = around.end - 1
    last = around.members[-1] if around.members else None
    name = json.dumps(key, ensure_ascii=False)
    if last is not None and "\n" not in text[around.start : last.start]:  # all in one line
        at = last.value.end if last.comma is None else last.comma
        return f"{text[:at]}, {name}: {json.dumps(value, ensure_ascii=False)}{text[at:]}"
    outer = _indentation(text, around.start)
    inner = _indentation(text, last.start) if last else outer + (_step(text) or "  ")
    shown = _indented(json.dumps(value, ensure_ascii=False, indent=_step(text)), text, inner)
    at = len(text[:close].rstrip())
    tail = text[at:close] if "\n" in text[at:close] else newline + outer
    comma = "," if last is not None and last.comma is not None else ""
    text = f"{text[:at]}{newline}{inner}{name}: {shown}{comma}{tail}{text[close:]}"
    if last is not None and last.comma is None:
        text = f"{text[: last.value.end]},{text[last.value.end :]}"
    return text


def _member(value: _Value, key: str) -> _Member | None:
    return next((member for member in reversed(value.members) if member.key == key), None)


def _indentation(text: str, place: int) -> str:
    """The indentation of the line at `place`."""
    line = text[text.rfind("\n", 0, place) + 1 : place]
    return line[: len(line) - len(line.lstrip())]


def _step(text: str) -> str:
    """The indentation of one level, which is that of the first member."""
    found = re.search(r'\{\s*\n([ \t]+)(?=["/])', text)
    return found[1] if found else "  "


def _indented(shown: str, text: str, indentation: str) -> str:
    return shown.replace("\n", ("\r\n" if "\r\n" in text else "\n") + indentation)


def _read(text: str) -> _Value:
    try:
        value = _value(text, _skip(text, 0))
        if _skip(text, value.end) != len(text):
            raise JSONDecodeError("something follows the end", text, value.end)
    except (JSONDecodeError, RecursionError) as error:
        where = f" (line {error.lineno}: {error.msg})" if isinstance(error, JSONDecodeError) else ""
        raise UsageError(f"not JSON{where}") from None
    return value


def _skip(text: str, place: int) -> int:
    found = _BLANK.match(text, place)
    assert found is not None
    return found.end()


def _value(text: str, place: int) -> _Value:
    start = text[place : place + 1]
    if start == "{":
        return _object(text, place)
    if start == "[":
        return _array(text, place)
    value, end = _DECODER.raw_decode(text, place)
    return _Value(place, end, value)


def _object(text: str, start: int) -> _Value:
    members: list[_Member] = []
    place = _skip(text, start + 1)
    while text[place : place + 1] != "}":
        if members and members[-1].comma is None:
            raise JSONDecodeError("a comma or } is missing", text, place)
        if text[place : place + 1] != '"':
            raise JSONDecodeError("a name in quotes is missing", text, place)
        key, end = _DECODER.raw_decode(text, place)
        colon = _skip(text, end)
        if text[colon : colon + 1] != ":":
            raise JSONDecodeError("a colon is missing", text, colon)
        member = _Member(key, place, _value(text, _skip(text, colon + 1)))
        members.append(member)
        place = _skip(text, member.value.end)
        if text[place : place + 1] == ",":
            member.comma = place
            place = _skip(text, place + 1)
    return _Value(start, place + 1, {member.key: member.value.value for member in members}, members)


def _array(text: str, start: int) -> _Value:
    values: list[Any] = []
    place, comma = _skip(text, start + 1), True
    while text[place : place + 1] != "]":
        if not comma:
            raise JSONDecodeError("a comma or ] is missing", text, place)
        value = _value(text, place)
        values.append(value.value)
        place = _skip(text, value.end)
        comma = text[place : place + 1] == ","
        if comma:
            place = _skip(text, place + 1)
    return _Value(start, place + 1, values)
