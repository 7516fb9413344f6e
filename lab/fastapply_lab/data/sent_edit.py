"""An edit as the writer of a sent snippet sees it: natural change boundaries, headers and ends of blocks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from fastapply_lab.data.compare import ChangedLines, changes, telling
from fastapply_lab.data.edit import lead_of
from fastapply_lab.data.shown import Sides, lines_of
from fastapply_lab.data.units import parse

CLOSING = re.compile(r"^\s*(</|[)\]}]|end\b|else\b|elif\b|except\b|finally\b|catch\b|fi$|done$|esac$|#endif|\{)")


def read_edit(original: str, expected: str, language: str) -> tuple[Sides, str] | None:
    """Both sides, and the expected text without changes of blank lines only, which snippets do not show.

    None if nothing else changes. Texts have LF line ends.
    """
    old = lines_of(original)
    new = _without_blank_changes(old, lines_of(expected))
    found = natural_changes(old, new)
    if not found:
        return None
    text = "\n".join(new) + ("\n" if original.endswith("\n") else "")
    return Sides(old, new, found, parse(text, language), parse(original, language), language), text


def natural_changes(original: Sequence[str], expected: Sequence[str]) -> list[ChangedLines]:
    """The changes, with each insertion or deletion slid to the boundaries that a person would choose."""
    found = changes(original, expected)
    for at, change in enumerate(found):
        before = found[at - 1].new_end if at else 0
        after = found[at + 1].new_start if at + 1 < len(found) else len(expected)
        if change.old_start == change.old_end:
            found[at] = _slid(change, expected, change.new_start, change.new_end, before, after)
        elif change.new_start == change.new_end:
            shift = change.old_start - change.new_start
            found[at] = _slid(change, original, change.old_start, change.old_end, before + shift,
                              after + change.old_end - change.new_end)  # fmt: skip
    return found


def headers(lines: Sequence[str], row: int, language: str) -> list[range]:
    """The rows that open each block around `row`, outermost first, from indentation (in Markdown, from headings)."""
    if language == "markdown":
        return _headings(lines, row)
    found: list[range] = []
    width = _inner_width(lines, row)
    at = row - 1
    while at >= 0 and width > 0:
        if lines[at].strip() and indentation(lines[at]) < width:
            last = at
            while at > 0 and _ends_header(lines[at], indentation(lines[last])):
                at -= 1
            width = indentation(lines[at])
            found.insert(0, range(at, last + 1))
        at -= 1
    return found


def signature(lines: Sequence[str], row: int) -> range:
    """The rows of a definition's head from `row` to its closing bracket, including a `{` on its own line."""
    depth, at = 0, row
    while at < min(row + 14, len(lines)):
        depth += sum(lines[at].count(sign) for sign in "([") - sum(lines[at].count(sign) for sign in ")]")
        at += 1
        if depth <= 0:
            break
    else:
        return range(row, row + 1)
    return range(row, at + (at < len(lines) and lines[at].strip() == "{"))


def tail_of(sides: Sides, change: ChangedLines) -> list[range] | None:
    """The headers of the block at whose end the change adds lines ([] for the file's end); None for other changes.

    A unique header, a marker and the added lines tell a reader where they belong.
    """
    new = sides.expected
    rows = [row for row in range(change.new_start, change.new_end) if new[row].strip()]
    if change.old_start != change.old_end or not rows:
        return None
    below = next((row for row in range(change.new_end, len(new)) if new[row].strip()), None)
    if below is None and indentation(new[rows[0]]) == 0 and not CLOSING.match(new[rows[0]]):
        return []
    around = headers(new, rows[0], sides.language)
    if not around or CLOSING.match(new[around[-1][0]]) or not _leaves(sides, around[-1], below):
        return None
    head = new[around[-1][0]].strip()
    first = [line.strip() for line in sides.original].count(head) == 1 == [line.strip() for line in new].count(head)
    shallow = min(indentation(new[row]) for row in rows)
    inside = shallow > indentation(new[around[-1][0]])
    if sides.language == "markdown":
        levels = [_level(new[row]) for row in rows if _level(new[row])]
        inside = min(levels, default=7) > _level(new[around[-1][0]])
    return around if first and telling(head) and inside and not CLOSING.match(new[rows[0]]) else None


def indentation(line: str) -> int:
    """The columns before the text. A tab counts as four."""
    return len(lead_of(line).replace("\t", "    "))


def stands_once(lines: Sequence[str], run: Sequence[str]) -> bool:
    """Whether the run, ignoring blanks, has content and occurs once in the lines."""
    if not any(telling(line) for line in run):
        return False
    all_lines, wanted = [line.strip() for line in lines], [line.strip() for line in run]
    places = (at for at, line in enumerate(all_lines) if line == wanted[0])
    return sum(all_lines[at : at + len(wanted)] == wanted for at in places) == 1


def _ends_header(line: str, width: int) -> bool:
    """Whether the header continues above this line, which is `{` or `):` alone, or a parameter."""
    return not telling(line) or bool(re.match(r"^\s*[)\]}]", line)) or indentation(line) > width


def _without_blank_changes(old: list[str], new: list[str]) -> list[str]:
    result: list[str] = []
    row = 0
    for change in changes(old, new):
        result += new[row : change.new_start]
        before, after = old[change.old_start : change.old_end], new[change.new_start : change.new_end]
        result += after if any(line.strip() for line in [*before, *after]) else before
        row = change.new_end
    return result + new[row:]


def _slid(change: ChangedLines, lines: Sequence[str], start: int, end: int, low: int, high: int) -> ChangedLines:
    """The change slid over equal lines to its most natural place, the lowest one among equals."""
    first = start
    while first > low and lines[first - 1] == lines[first - 1 + end - start]:
        first -= 1
    best, best_cost = 0, None
    at = first
    while True:
        cost = _oddness(lines, at, at + end - start)
        if best_cost is None or cost <= best_cost:
            best, best_cost = at - start, cost
        if at + end - start >= high or lines[at] != lines[at + end - start]:
            break
        at += 1
    return replace(
        change,
        old_start=change.old_start + best, old_end=change.old_end + best,
        new_start=change.new_start + best, new_end=change.new_end + best,
    )  # fmt: skip


def _oddness(lines: Sequence[str], start: int, end: int) -> int:
    """How unnatural a block of lines is: it begins with a closer, or is outdented below its first line."""
    rows = [row for row in range(start, end) if lines[row].strip()]
    if not rows:
        return 0
    first = indentation(lines[rows[0]])
    odd = 4 * bool(CLOSING.match(lines[rows[0]])) + 3 * any(indentation(lines[row]) < first for row in rows)
    opens = bool(re.search(r"[{(\[:,]\s*$|\*/\s*$", lines[rows[-1]])) and not lines[rows[-1]].strip().startswith("*")
    return odd + 2 * (indentation(lines[rows[-1]]) > first) + opens + (not lines[start].strip())


def _inner_width(lines: Sequence[str], row: int) -> int:
    near = next((at for at in range(row, len(lines)) if lines[at].strip()), None)
    return indentation(lines[near]) if near is not None else 0


def _headings(lines: Sequence[str], row: int) -> list[range]:
    found: list[range] = []
    level = 7
    code = False
    for at in range(row - 1, -1, -1):
        code ^= lines[at].lstrip().startswith(("```", "~~~"))
        if not code and 0 < _level(lines[at]) < level:
            level = _level(lines[at])
            found.insert(0, range(at, at + 1))
    return found


def _level(line: str) -> int:
    """The level of a Markdown heading; 0 for any other line."""
    heading = re.match(r"(#{1,6}) ", line)
    return len(heading[1]) if heading else 0


def _leaves(sides: Sides, header: range, below: int | None) -> bool:
    """Whether the block of the header ends before row `below`."""
    if below is None:
        return True
    line, head = sides.expected[below], sides.expected[header[0]]
    if sides.language == "markdown":
        return 0 < _level(line) <= _level(head)
    return indentation(line) <= indentation(head)
