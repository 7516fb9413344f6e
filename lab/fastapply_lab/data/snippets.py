"""Write the snippet that a chat model would send for an edit, such that a careful reader can apply it.

`write_snippet` shows the changed lines of `expected` in a drawn style and elides the rest. It needs only the two texts,
so it works for commits and for made edits. An ambiguous snippet is rewritten with more context, and refused if that
does not help.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from fastapply.text.comments import comment
from fastapply_lab.data.answerable import ShownRows, answerable
from fastapply_lab.data.compare import ChangedLines, changes
from fastapply_lab.data.edit import lead_of
from fastapply_lab.data.shown import (
    PLAIN_NAME,
    Sides,
    lines_of,
    looks_like_markers,
    removal_comments,
    shown_lines,
    trimmed,
    whole_definitions,
)
from fastapply_lab.data.styles import Style, draw_style
from fastapply_lab.data.units import parse

_MOST_CONTEXT = 8
_INDENTATION_COUNTS = ("markdown", "make", "dockerfile")  # indentation changes the meaning of a line
_TABS_COUNT = ("make", "markdown")


def write_snippet(
    original: str, expected: str, language: str, rng: random.Random, style: Style | None = None
) -> str | None:
    """The update that leads from `original` to `expected`, in `style` or a drawn one.

    None if a snippet of that style would not be clear even with more context, or if nothing changes. Texts have LF line
    ends.
    """
    style = style or draw_style(language, rng)
    sides = Sides(
        lines_of(original),
        lines_of(expected),
        changes(lines_of(original), lines_of(expected)),
        parse(expected, language),
        parse(original, language),
        language,
    )
    if not sides.changed or looks_like_markers(sides) or any(_only_blank(sides, change) for change in sides.changed):
        return None
    lines = _write(sides, style)
    if lines is None:
        return None
    if style.dedented:
        lines = _dedent(lines)
    elif style.indented and language not in _INDENTATION_COUNTS:
        lines = [" " * style.indented + line if line.strip() else line for line in lines]
    if style.retabbed and language not in _TABS_COUNT:
        lines = [lead_of(line).replace("\t", "    ") + line.lstrip() for line in lines]
    return _dress("\n".join(lines) + "\n", style, language)


def _only_blank(sides: Sides, change: ChangedLines) -> bool:
    """Whether only blank lines change, for which snippets are not reliable."""
    touched = sides.original[change.old_start : change.old_end] + sides.expected[change.new_start : change.new_end]
    return not any(line.strip() for line in touched)


def _write(sides: Sides, style: Style) -> list[str] | None:
    if style.shape == "whole_file" and _ends_kept(sides):
        return sides.expected
    if style.shape in ("bare_unit", "marked_unit", "whole_units"):
        shown = whole_definitions(sides, style)
        if shown is not None:
            if style.shape == "marked_unit":
                return _render(sides, replace(style, omit_first=False, omit_last=False), shown, {})
            return [sides.expected[row] for row in sorted(shown)]
    for wider in _widening(style):
        removed = removal_comments(sides) if wider.removal_comments else {}
        shown = shown_lines(sides, wider)
        if answerable(sides.original, sides.expected, sides.changed, _blocks(sides, shown, removed), set(removed)):
            return _render(sides, wider, shown, removed)
    return None


def _ends_kept(sides: Sides) -> bool:
    """Whether the first and last lines stay. Else a whole file would read like a snippet without an end marker."""
    first, last = sides.changed[0], sides.changed[-1]
    return (first.old_start > 0 or first.old_end == 0) and last.old_end < len(sides.original)


def _widening(style: Style) -> Iterator[Style]:
    """The drawn style, then with more and more context, then with the enclosing headers too."""
    yield style
    for extra in range(1, 4):
        yield replace(
            style, before=min(style.before + extra, _MOST_CONTEXT), after=min(style.after + extra, _MOST_CONTEXT)
        )
    for extra in range(5):
        yield replace(style, headers=True, before=style.before + extra, after=style.after + extra)


def _blocks(sides: Sides, shown: set[int], removed: dict[int, str]) -> list[ShownRows]:
    """The runs of shown rows between markers. A removal comment ends a run as a marker does."""
    blocks: list[ShownRows] = []
    start: int | None = None
    for row in range(len(sides.expected) + 1):
        if start is not None and row not in shown:
            blocks.append(ShownRows(start, row))
            start = None
        if row in shown and start is None:
            start = row
    return blocks


def _render(sides: Sides, style: Style, shown: set[int], removed: dict[int, str]) -> list[str]:
    lines: list[str] = []
    count = len(sides.expected)
    row = 0
    while row <= count:
        if row in removed:
            lines.append(_removal_line(sides, style, removed[row], row))
        if row == count:
            break
        if row in shown:
            lines.append(sides.expected[row])
            row += 1
            continue
        end = row
        while end < count and end not in shown and (end == row or end not in removed):
            end += 1
        skip = (style.omit_first and row == 0) or (style.omit_last and end == count)
        if not skip and any(sides.expected[at].strip() for at in range(row, end)):
            lines += _marker(sides, style, row, end)
        row = end
    return trimmed(lines)


def _removal_line(sides: Sides, style: Style, name: str, row: int) -> str:
    near = sides.expected[min(row, len(sides.expected) - 1)] if sides.expected else ""
    words = f"remove {name}" if len(name) % 3 else f"removed: {name}"
    return lead_of(near) + comment(sides.language, words)


def _marker(sides: Sides, style: Style, start: int, end: int) -> list[str]:
    """The marker line for rows [start, end), with the blank lines around it that the style keeps."""
    rows = [row for row in range(start, end) if sides.expected[row].strip()]
    lead = "" if style.marker_indent == "none" else lead_of(_least_indented(sides.expected, rows))
    text = style.marker
    if "{" in text:
        noun, name = _elided(sides, start, end)
        text = text.replace("{noun}", noun).replace("{name}", name)
    if not style.bare_marker:
        in_jsx = _in_jsx(sides, rows[0])
        text = f"{{/* {text} */}}" if in_jsx else comment(sides.language, text)
    elif not text.startswith("..."):
        text = "..."
    before = [""] if style.blank_edges and start > 0 and not sides.expected[start].strip() else []
    after = [""] if style.blank_edges and end < len(sides.expected) and not sides.expected[end - 1].strip() else []
    return [*before, lead + text, *after]


def _least_indented(lines: list[str], rows: list[int]) -> str:
    return min((lines[row] for row in rows), key=lambda line: len(lead_of(line)))


def _in_jsx(sides: Sides, row: int) -> bool:
    if sides.language not in ("tsx", "javascript") or sides.parsed is None:
        return False
    inner = [u for u in sides.parsed.units if u.body <= row < u.closer]
    return bool(inner) and inner[-1].type.startswith("jsx")


def _elided(sides: Sides, start: int, end: int) -> tuple[str, str]:
    """A noun for the contents of rows [start, end), and the name of one of them."""
    units = [u for u in sides.parsed.units if start <= u.head < end] if sides.parsed is not None else []
    nouns = {"import": "imports", "definition": "methods" if units and units[0].parent >= 0 else "functions"}
    nouns |= {"member": "fields", "comment": "comments"}
    noun = nouns.get(units[0].kind, "code") if units else "code"
    names = [u.name for u in units if u.kind in ("definition", "member") and PLAIN_NAME.match(u.name)]
    return noun, names[0] if names else "the code"


def _dedent(lines: list[str]) -> list[str]:
    widths = [len(lead_of(line)) for line in lines if line.strip()]
    return [line[min(widths) :] if line.strip() else line for line in lines]


def _dress(text: str, style: Style, language: str) -> str:
    if style.fence is None or "```" in text:
        return text
    prose = style.prose.replace("{file}", language) + "\n\n" if style.prose else ""
    after = f"\n{style.prose_after}\n" if style.prose_after else ""
    return f"{prose}```{style.fence}\n{text}```\n{after}"
