"""A path through the lattice written out as text: indentation and the end of the file are settled here."""

from __future__ import annotations

from collections import Counter

from fastapply.align.chunks import Outline
from fastapply.align.lattice import Step

_VERBATIM = 3.0  # nats against the indentation of a snippet that is shifted as a whole
_Shift = tuple[str, str]
_NONE: _Shift = ("", "")


def render(original: Outline, snippet: Outline, path: list[Step]) -> list[tuple[str, float]]:
    """The text of the path, and where the snippet's indentation leaves a doubt a second one, with their costs."""
    shift = _shift(original, snippet, path)
    texts = [(_write(original, snippet, path, shift), 0.0)]
    if shift != _NONE:
        texts.append((_write(original, snippet, path, _NONE), _VERBATIM))
    return texts


def _write(original: Outline, snippet: Outline, path: list[Step], shift: _Shift) -> str:
    lines: list[str] = []
    for step in path:
        if step.op == "keep":
            lines.append(original.lines[step.column])
        elif step.op == "match":
            lines.append(_matched(original.lines[step.column], snippet.lines[step.row - 1], shift))
        elif step.op in ("insert", "replace"):
            lines.append(_moved(snippet.lines[step.row - 1], shift))
    return "\n".join(lines)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _shift(original: Outline, snippet: Outline, path: list[Step]) -> _Shift:
    """(old, new): the snippet's indentation `old` stands for the original's `new`; ("", "") if they agree.

    The outermost lines that both sides share decide: those inside may be indented anew on purpose.
    """
    shared = [
        (len(_indent(snippet.lines[step.row - 1]).expandtabs(4)), step.op == "match", step)
        for step in path
        if step.op in ("match", "replace") and original.stripped[step.column]
    ]
    outermost = min((width for width, _, _ in shared), default=0)
    votes: Counter[_Shift] = Counter()
    for width, exact, step in shared:
        if width == outermost:
            votes[_difference(_indent(original.lines[step.column]), _indent(snippet.lines[step.row - 1]))] += 1 + exact
    if not votes:
        return _NONE
    old, new = max(votes, key=lambda shift: (votes[shift], shift == _NONE))
    code = (line for k, line in enumerate(snippet.lines) if line.strip() and k not in snippet.markers)
    return (old, new) if all(line.startswith(old) for line in code) else _NONE


def _difference(theirs: str, ours: str) -> _Shift:
    if theirs.endswith(ours):
        return "", theirs[: len(theirs) - len(ours)]
    if ours.endswith(theirs):
        return ours[: len(ours) - len(theirs)], ""
    return ours, theirs


def _moved(line: str, shift: _Shift) -> str:
    old, new = shift
    if old == new:
        return line
    if not line.strip():
        return line.strip(" \t")
    return new + line[len(old) :] if line.startswith(old) else new + line.lstrip(" \t")


def _matched(theirs: str, ours: str, shift: _Shift) -> str:
    """The original's own bytes, unless the snippet indents the line otherwise."""
    if not theirs.strip():
        return theirs
    indent = _indent(_moved(ours, shift))
    return theirs if indent == _indent(theirs) else indent + theirs.lstrip(" \t")
