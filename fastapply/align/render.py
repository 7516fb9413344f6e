"""A path through the lattice written out as text: indentation and the end of the file are settled here."""

from __future__ import annotations

from collections import Counter

from fastapply.align.chunks import Outline
from fastapply.align.lattice import Step


def render(original: Outline, snippet: Outline, path: list[Step]) -> list[tuple[str, float]]:
    """The text of the path, and where the snippet's indentation leaves a doubt a second one, with their costs."""
    shift = _shift(original, snippet, path)
    lines: list[str] = []
    for step in path:
        if step.op == "keep":
            lines.append(original.lines[step.column])
        elif step.op == "match":
            lines.append(_matched(original.lines[step.column], snippet.lines[step.row - 1], shift))
        elif step.op in ("insert", "replace"):
            lines.append(_moved(snippet.lines[step.row - 1], shift))
    return [("\n".join(lines), 0.0)]


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _shift(original: Outline, snippet: Outline, path: list[Step]) -> tuple[str, str]:
    """(old, new): the snippet's indentation `old` stands for the original's `new`; ("", "") if they agree."""
    pairs: Counter[tuple[str, str]] = Counter()
    for step in path:
        if step.op == "match" and original.stripped[step.column]:
            theirs, ours = _indent(original.lines[step.column]), _indent(snippet.lines[step.row - 1])
            if theirs == ours:
                pairs["", ""] += 1
            elif theirs.endswith(ours):
                pairs["", theirs[: len(theirs) - len(ours)]] += 1
            elif ours.endswith(theirs):
                pairs[ours[: len(ours) - len(theirs)], ""] += 1
    if not pairs or pairs["", ""]:
        return "", ""
    return pairs.most_common(1)[0][0]


def _moved(line: str, shift: tuple[str, str]) -> str:
    old, new = shift
    if old == new:
        return line
    if not line.strip():
        return line.strip(" \t")
    return new + line[len(old) :] if line.startswith(old) else new + line.lstrip(" \t")


def _matched(theirs: str, ours: str, shift: tuple[str, str]) -> str:
    """The original's own bytes, unless the snippet indents the line otherwise."""
    if not theirs.strip():
        return theirs
    indent = _indent(_moved(ours, shift))
    return theirs if indent == _indent(theirs) else indent + theirs.lstrip(" \t")
