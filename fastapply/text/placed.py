"""The edits to a file once the rows of an update have found their lines: deleted lines, and new lines with their
places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from fastapply.text.diff import diff_lines, is_telling
from fastapply.text.new_lines import NewLines, has_comma
from fastapply.text.places import Place
from fastapply.text.rows import OLD, Role, Row


@dataclass
class Edits:
    """Lines that are deleted (`gone`), and lines inserted before a line, by its number (`comes`)."""

    gone: set[int] = field(default_factory=set)
    comes: dict[int, list[str]] = field(default_factory=dict)
    start: int = 0
    end: int = 0
    doubt: str = ""  # what is a guess

    @classmethod
    def insertion(cls, at: int, new: Sequence[str]) -> Edits:
        return cls(comes={at: list(new)}, start=at, end=at)

    @classmethod
    def within(cls, lines: Sequence[str], old: str, new: str) -> Edits | None:
        """Replace `old` with `new` if `old` occurs once as whole words. Its ends may lie within lines."""
        if "\n" not in old:
            old, new = old.strip(), new.strip() if "\n" not in new else new
        if not is_telling(old):
            return None
        text = "\n".join(lines)
        places = [found.start() for found in re.finditer(re.escape(old), text)]
        whole = [at for at in places if not _cuts_a_word(text, at, at + len(old))]
        if len(whole) != 1:
            return None
        rest = text[whole[0] + len(old) :]
        said = rest.partition("\n")[0].strip()
        if said and not is_telling(said) and new.endswith(said):  # `a = 1` becomes `a = 2;` before a `;`
            new = new.removesuffix(said)
        rewritten = text[: whole[0]] + new + rest
        return cls.between(lines, rewritten.split("\n"))

    @classmethod
    def between(cls, lines: Sequence[str], rewritten: Sequence[str]) -> Edits:
        edits = cls()
        hunks = list(diff_lines([line + "\n" for line in lines], [line + "\n" for line in rewritten]))
        for hunk in hunks:
            edits.gone.update(range(hunk.start_line, hunk.end_line))
            if hunk.new_text:
                edits.comes[hunk.end_line] = hunk.new_text.split("\n")[:-1]
        if hunks:
            edits.start, edits.end = hunks[0].start_line, hunks[-1].end_line
        return edits

    def clashes(self, other: Edits) -> bool:
        """Do both delete the same line?"""
        return bool(self.gone & other.gone)

    def add(self, other: Edits) -> None:
        first = not self.gone and not self.comes
        self.start = other.start if first else min(self.start, other.start)
        self.end = max(self.end, other.end)
        self.gone |= other.gone
        self.doubt = self.doubt or other.doubt
        for at, new in other.comes.items():
            self.comes.setdefault(at, []).extend(new)

    def applied(self, lines: Sequence[str]) -> str:
        out: list[str] = []
        for number in range(len(lines) + 1):
            out += self.comes.get(number, ())
            if number < len(lines) and number not in self.gone:
                out.append(lines[number])
        return "".join(line + "\n" for line in out)


def _cuts_a_word(text: str, start: int, end: int) -> bool:
    return any(0 < at < len(text) and _in_word(text[at - 1]) and _in_word(text[at]) for at in (start, end))


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def edits_of(rows: Sequence[Row], place: Place, lines: Sequence[str], *, indented: bool, loose: bool) -> Edits | None:
    """The edits for rows whose old ones are at `place`. None if it is unclear between which lines new ones belong.

    `indented`: the rows are indented as in the file. `loose`: the rows may omit lines between deleted ones.
    """
    rows = list(_with_commas(rows, _lines_of(rows, place), lines))
    at = _lines_of(rows, place)
    mapped = [line for line in place if line is not None]
    edits = Edits(start=mapped[0], end=mapped[-1] + 1)
    for i, row in enumerate(rows):
        if row.role is Role.GONE and at[i] is not None:
            edits.gone.add(at[i])  # type: ignore[arg-type]
        elif row.role is Role.LEFT_OUT:
            above, below = _above(rows, at, i), _below(rows, at, i)
            if above is None or below is None:
                return None
            edits.gone.update(range(above + 1, below))
    if not loose and _torn(rows, at, lines):
        return None
    new_lines = NewLines(rows, at, lines, indented)
    for run in _runs_of_new(rows):
        where = _where(rows, at, run, lines)
        if where is None:
            return None
        news = _without_known_blanks([new_lines.text(i) for i in run], where, edits.gone, at, lines)
        edits.comes.setdefault(where, []).extend(news)
        edits.doubt = edits.doubt or new_lines.doubt(run)
    for i, row in enumerate(rows):
        above, below = (_first_line(rows, at, order) for order in (range(i - 1, -1, -1), range(i + 1, len(rows))))
        if row.indents[0] != row.indents[1] and above is not None and below is not None:
            edits.gone.update(range(above + 1, below))
            edits.comes[below] = new_lines.moved(lines[above + 1 : below], *row.indents) + edits.comes.get(below, [])
    return edits


def _without_known_blanks(
    new: list[str], where: int, gone: set[int], at: Sequence[int | None], lines: Sequence[str]
) -> list[str]:
    """New lines without a blank one at either end that the file has there, though the old side does not show it."""
    before = next((k for k in range(where - 1, -1, -1) if k not in gone), None)
    after = next((k for k in range(where, len(lines)) if k not in gone), None)
    for end, beside in ((0, before), (-1, after)):
        unseen = beside is not None and not lines[beside].strip() and beside not in at
        if len(new) > 1 and unseen and not new[end].strip():
            del new[end]
    return new


def _with_commas(rows: Sequence[Row], at: Sequence[int | None], lines: Sequence[str]) -> Iterator[Row]:
    """The rows. Context whose comma differs from the file is rewritten if a new row follows it."""
    for i, row in enumerate(rows):
        line = at[i]
        follows = i + 1 < len(rows) and rows[i + 1].role is Role.NEW
        if row.role is Role.CONTEXT and follows and line is not None and has_comma(lines[line]) != has_comma(row.text):
            yield Row(Role.GONE, row.text)
            yield Row(Role.NEW, row.text)
        else:
            yield row


def _lines_of(rows: Sequence[Row], place: Place) -> list[int | None]:
    """The line of each row. None for new and absent rows."""
    old = iter(place)
    return [next(old) if row.role in OLD else None for row in rows]


def _above(rows: Sequence[Row], at: Sequence[int | None], i: int) -> int | None:
    """The line of the nearest row above that has one. None if an elision comes first."""
    return _first_line(rows, at, range(i - 1, -1, -1))


def _below(rows: Sequence[Row], at: Sequence[int | None], i: int) -> int | None:
    return _first_line(rows, at, range(i + 1, len(rows)))


def _first_line(rows: Sequence[Row], at: Sequence[int | None], order: Iterable[int]) -> int | None:
    found = next((j for j in order if rows[j].role is Role.REST or at[j] is not None), None)
    return None if found is None or rows[found].role is Role.REST else at[found]


def _torn(rows: Sequence[Row], at: Sequence[int | None], lines: Sequence[str]) -> bool:
    """Are two consecutive deleted rows apart in the file?"""
    last: int | None = None
    for row, line in zip(rows, at, strict=True):
        if row.role is Role.NEW:
            continue
        if row.role is not Role.GONE:
            last = None
            continue
        if last is not None and line is not None and _filled_between(lines, last + 1, line):
            return True
        last = line if line is not None else last
    return False


def _filled_between(lines: Sequence[str], start: int, end: int) -> bool:
    return any(line.strip() for line in lines[start:end])


def _runs_of_new(rows: Sequence[Row]) -> Iterator[list[int]]:
    run: list[int] = []
    for i, row in enumerate(rows):
        if row.role is Role.NEW:
            run.append(i)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _where(rows: Sequence[Row], at: Sequence[int | None], run: Sequence[int], lines: Sequence[str]) -> int | None:
    """The line before which a run of new rows is inserted."""
    above, below = _above(rows, at, run[0]), _below(rows, at, run[-1])
    before, after = run[0] - 1, run[-1] + 1
    if before >= 0 and rows[before].role is Role.GONE and above is not None:
        return above + 1
    if after < len(rows) and rows[after].role is Role.GONE and below is not None:
        return below
    if above is None or below is None:
        return above + 1 if above is not None else below
    if Role.LEFT_OUT in (rows[before].role, rows[after].role):
        return below  # everything between is deleted
    if _filled_between(lines, above + 1, below):
        return None
    blank_above = before >= 0 and not rows[before].text.strip()
    blank_below = after < len(rows) and not rows[after].text.strip()
    return below if blank_above and not blank_below else above + 1
