"""Markers that share their line with code.

`f(a, /* unchanged */, c)` gets the argument from the file's line, if it is clear which line is meant. A marker in place
of a body, as in `{ /* unchanged */ }` or `pass # unchanged`, moves to a line of its own. So does one in place of all
arguments that the file has on lines of their own. A comment that ends in dots is quoted in short: the file's longer one
stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from fastapply.text.comments import uncomment
from fastapply.text.diff import common_ends
from fastapply.text.indentation import width_of_step
from fastapply.text.lines import indent_of
from fastapply.text.markers import InlineMarker, classify, inline_marker

_KEY = re.compile(r"[\w$\"'.-]+\s*(?:[:=]|=>)\s*$")
_CLOSER_OF = {"(": ")", "[": "]", "{": "}"}
# A statement that does nothing, alone or after the header of its block.
_STUB = re.compile(
    r"[ \t]*(?P<head>(?:(?:async\s+)?def|class)\b.*:)?\s*"
    r"(?:pass|\.{3}|…|;|TODO\(\)|todo!\(\);?|unimplemented!\(\);?|nil|null;?|return;?)[ \t]*"
)
_VARARGS = re.compile(r"\bfunction\b[^()\n]*\([^()\n]*\.{3}\)")  # Lua; dots in braces are then a value
_INSIDE = tuple(":=(,[>")  # what may precede a value
# Brackets with nothing but dots or a comment in them: all arguments. In braces a comment may be the whole new body.
_ALL = re.compile(r"(?P<before>.*[(\[])\s*(?:\.{3}|…|/\*[^*]*\*/)\s*(?P<after>[)\]][\s)\]};,{:]*)")
_DOCSTRING = re.compile(r"\s*(\"{3}|'{3})\s*(?:\.{3}|…)\s*\1\s*")
_IN_SHORT = re.compile(r"\s*(?P<head>(?:\S+\s+){2,}?\S.*?)[ \t]*(?:\.{3}|…)\s*(?P<closer>\*/|\"{3}|'{3})?\s*")


def filled_in(update: str, original: str) -> str:
    """The LF update without inline markers, as far as they can be resolved."""
    theirs = [line.strip() for line in original.split("\n")]
    olds = [line for line in theirs if line]
    known = set(olds)
    step = " " * width_of_step(update.split("\n"))
    varargs = bool(_VARARGS.search(update))
    lines: list[str] = []
    ours = update.split("\n")
    for line, below in zip(ours, [*ours[1:], ""], strict=True):
        signed = line.startswith(("+", "-"))
        marker = _marker(line, known) if line.strip() not in known and not signed else None
        if marker is not None and not marker.marker.strip(".… ") and (varargs or _is_value(marker, olds)):
            marker = None
        if marker is not None:
            lines += _without(marker, line, olds, step)
        else:
            lines += [line] if line.strip() in known or signed else _in_full(line, below.strip(), theirs)
    return "\n".join(lines)


def _marker(line: str, known: Set[str]) -> InlineMarker | None:
    """The inline marker of a line. Any comment alone in brackets is one if a line of the file ends with the bracket."""
    every = _ALL.fullmatch(line)
    if every and every["before"].strip() in known:
        return InlineMarker(every["before"], "...", every["after"])
    return inline_marker(line)


def _is_value(marker: InlineMarker, olds: Sequence[str]) -> bool:
    """Are dots in braces a value? They are code in Lua and others, if a value is expected and no line of the file
    begins like that."""
    head = marker.before.strip()
    opens_value = re.search(r"(?:[=(,\[]|\breturn)$", head.rstrip("{ "))
    return bool(opens_value) and not any(line.startswith(head) for line in olds)


def _without(marker: InlineMarker, line: str, olds: Sequence[str], step: str) -> list[str]:
    """The lines that replace a line with an inline marker."""
    body = _is_body(marker) or (marker.before.rstrip()[-1:] in _CLOSER_OF and marker.before.strip() in olds)
    if body or marker.before.rstrip()[-1:] in _INSIDE:
        value = _value(marker, olds)
        if value is not None:
            return [f"{marker.before}{value}{' ' * body}{marker.after.lstrip() if body else marker.after}"]
    indent = indent_of(line)
    if body:
        return [marker.before.rstrip(), f"{indent}{step}{_comment(marker.marker)}", indent + marker.after.strip()]
    stub = _STUB.fullmatch(marker.before)
    if stub and not marker.after.strip():
        inner = f"{indent}{step * bool(stub['head'])}{marker.marker}"
        return [f"{indent}{stub['head']}", inner] if stub["head"] else [inner]
    return [line]


def _in_full(line: str, below: str, theirs: Sequence[str]) -> list[str]:
    """The lines for a comment that ends in dots: the file's only one that begins like it, and a marker for what comes
    after it. For a docstring of dots a marker. `below`: the next line of the update."""
    if _DOCSTRING.fullmatch(line):
        return [f"{indent_of(line)}# ... existing docstring ..."]
    short = _IN_SHORT.fullmatch(line)
    quoted = line.lstrip().startswith(('"""', "'''"))
    if short is None or not (quoted or uncomment(line)[1]) or classify(line) is not None:
        return [line]
    head, closer = short["head"], short["closer"] or ""
    found = {text for text in theirs if text.startswith(head) and len(text) > len(head)}
    if len(found) != 1:
        return [line]
    text = found.pop()
    after = next(iter(theirs[theirs.index(text) + 1 :]), "")
    opener = "" if quoted else uncomment(text)[1].replace("/*", "*")
    goes_on = after not in ("", below, "*/") and (quoted or uncomment(after)[1] == opener)
    indent = indent_of(line)
    pad = indent + " " * (opener == "*" and not text.startswith("*"))
    marker = pad + f"{opener} ... existing comment ...".lstrip()
    if closer and not text.endswith(closer):
        return [indent + text, marker, pad + closer]
    return [indent + text, marker] if goes_on else [indent + text]


def _comment(marker: str) -> str:
    """A marker on its own line. Bare dots become a comment."""
    return marker if marker.strip(".…") else f"// {marker}"


def _is_body(marker: InlineMarker) -> bool:
    return marker.before.rstrip().endswith("{") and marker.after.lstrip().startswith("}")


def _value(marker: InlineMarker, olds: Sequence[str]) -> str | None:
    """The file's text in place of the marker."""
    before, after = marker.before.strip(), marker.after.strip()
    key = _KEY.search(marker.before)
    for head in (before, key[0].strip() if key else ""):
        having = [line for line in olds if head and line.count(head) == 1]
        if having:
            line = _meant(having, before)
            value = None if line is None else _from(line, line.index(head) + len(head), after[:1])
            return value if value is not None or head == before else None
    return None


def _meant(lines: Sequence[str], before: str) -> str | None:
    """The line that shares the longest beginning with `before`, by at least one whole name."""
    shared = {line: common_ends(line, before)[0] for line in lines}
    first, *others = sorted(shared, key=lambda line: -shared[line])
    longest = max((shared[line] for line in others), default=0)
    ahead = len(re.findall(r"\w+", before[longest : shared[first]])) > 0 or shared[first] == len(before)
    return first if ahead and shared[first] > longest and lines.count(first) == 1 else None


def _from(line: str, start: int, stop: str) -> str | None:
    """The text from `start` to the first `stop` outside brackets and quotes, or to the end if `stop` is ""."""
    depth, quote = list[str](), ""
    for at in range(start, len(line)):
        character = line[at]
        if quote:
            quote = "" if character == quote and line[at - 1] != "\\" else quote
        elif character == stop and not depth:
            return line[start:at].strip() or None
        elif character in "\"'`":
            quote = character
        elif character in _CLOSER_OF:
            depth.append(_CLOSER_OF[character])
        elif depth and character == depth[-1]:
            depth.pop()
        elif character in ")]}":
            return None
    return None if stop or depth or quote else line[start:].strip() or None
