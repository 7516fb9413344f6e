"""The protocol's text edits, applied as an editor would: over encoded bytes, with nothing of fastapply's own code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def apply_edits(text: str, edits: Sequence[Any], encoding: str) -> str:
    """`text` with the edits (JSON objects) applied, which must ascend and not overlap."""
    codec, size = _CODECS[encoding]
    data = text.encode(codec, "surrogatepass")
    starts = line_starts(data, size)
    pieces, done = [], 0
    for edit in edits:
        start, end = (place(data, starts, size, edit["range"][side]) for side in ("start", "end"))
        assert done <= start <= end, "edits overlap or descend"
        pieces += [data[done:start], edit["newText"].encode(codec, "surrogatepass")]
        done = end
    return b"".join([*pieces, data[done:]]).decode(codec, "surrogatepass")


def line_starts(data: bytes, size: int) -> list[int]:
    starts, at = [0], 0
    while at < len(data):
        unit = data[at : at + size]
        at += size
        if unit == b"\r".ljust(size, b"\0") and data[at : at + size] == b"\n".ljust(size, b"\0"):
            at += size
            starts.append(at)
        elif unit in (b"\r".ljust(size, b"\0"), b"\n".ljust(size, b"\0")):
            starts.append(at)
    return starts


def place(data: bytes, starts: list[int], size: int, position: Any) -> int:
    """The byte of a position, which must exist: neither past the end of its line nor inside a character."""
    assert position["line"] < len(starts), "a line past the end"
    start = starts[position["line"]]
    line_end = starts[position["line"] + 1] if position["line"] + 1 < len(starts) else len(data)
    at = start + position["character"] * size
    assert at <= line_end, "a character past the end of its line"
    return at
