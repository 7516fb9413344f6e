"""The edits to a file once the rows of an update have found their lines: deleted lines, and new lines with their
places.

A new line is indented like the row that it replaces, or else like its nearest neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from rapidfuzz import fuzz

from fastapply.text.diff import diff_lines, is_telling
from fastapply.text.indentation import width_of_step
from fastapply.text.lines import indent_of
from fastapply.text.places import Place
from fastapply.text.rows import OLD, Role, Row

_PAIR = 60.0  # per cent: the least similarity of a changed row to its old one
_BRACED = 0.03  # least share of solid lines that end with an opening bracket, in files with brackets
_OPENS = re.compile(r"(?:[({\[:]|\b(?:then|do|else|begin|of|->|=>))\s*$")
_CLOSES = re.compile(r"\s*(?:[)}\]]|(?:end|fi|done|esac|else|elif|except|finally|rescue|ensure|when)\b)")


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
        rewritten = text[: whole[0]] + new + text[whole[0] + len(old) :]
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
    new_lines = _NewLines(rows, at, lines, indented)
    for run in _runs_of_new(rows):
        where = _where(rows, at, run, lines)
        if where is None:
            return None
        edits.comes.setdefault(where, []).extend(new_lines.text(i) for i in run)
        edits.doubt = edits.doubt or new_lines.doubt(run)
    for i, row in enumerate(rows):
        above, below = (_first_line(rows, at, order) for order in (range(i - 1, -1, -1), range(i + 1, len(rows))))
        if row.indents[0] != row.indents[1] and above is not None and below is not None:
            edits.gone.update(range(above + 1, below))
            edits.comes[below] = new_lines.moved(lines[above + 1 : below], *row.indents) + edits.comes.get(below, [])
    return edits


def _with_commas(rows: Sequence[Row], at: Sequence[int | None], lines: Sequence[str]) -> Iterator[Row]:
    """The rows. Context whose comma differs from the file is rewritten if a new row follows it."""
    for i, row in enumerate(rows):
        line = at[i]
        follows = i + 1 < len(rows) and rows[i + 1].role is Role.NEW
        if row.role is Role.CONTEXT and follows and line is not None and _comma(lines[line]) != _comma(row.text):
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


def _comma(line: str) -> bool:
    return line.rstrip().endswith(",")


class _NewLines:
    """Gives new rows the indentation and comma of their place."""

    def __init__(self, rows: Sequence[Row], at: Sequence[int | None], lines: Sequence[str], indented: bool) -> None:
        self._rows, self._lines, self._at = rows, lines, at
        self._known = [i for i, line in enumerate(at) if line is not None and rows[i].text.strip()]
        self._done: dict[int, str] = {}
        self._guessed: set[int] = set()
        self._indented = indented or all(indent_of(rows[i].text) == indent_of(self._line(i)) for i in self._known)
        olds, ours = ({indent_of(text) for text in side} for side in self._sides())
        self._commas = any(_comma(rows[i].text) != _comma(self._line(i)) for i in self._known)
        self._lost = olds == {""} and ours != {""}

    def text(self, i: int) -> str:
        line = self._rows[i].text
        if line.strip() and not self._indented:
            line = self._indent(i) + line.lstrip(" \t")
        elif line.startswith("  ") and self._of_tabs:
            indent = indent_of(line)
            line = "\t" * (len(indent) // self._width) + " " * (len(indent) % self._width) + line.lstrip(" \t")
        line = self._with_comma(i, line)
        self._done[i] = line
        return line

    @cached_property
    def _of_tabs(self) -> bool:
        """Does the file indent with tabs only?"""
        indents = [line[0] for line in self._lines if line[:1] in (" ", "\t") and line.strip()]
        return bool(indents) and set(indents) == {"\t"}

    @cached_property
    def _width(self) -> int:
        """How many of the update's spaces stand for a tab: the shallowest indentation of a new line."""
        news = [indent_of(row.text) for row in self._rows if row.role is Role.NEW and row.text.startswith("  ")]
        return min(map(len, news), default=4)

    def moved(self, lines: Sequence[str], before: str, after: str) -> list[str]:
        """Lines of the file that an elision stands for, indented as much more (or less) as it is."""
        more = self._converted(after[len(before) :]) if after.startswith(before) else ""
        cut = self._converted(before[len(after) :]) if before.startswith(after) else ""
        if all(line.startswith(cut) for line in lines if line.strip()):
            lines = [line.removeprefix(cut) for line in lines]
        return [more + line if line.strip() else line for line in lines]

    def _sides(self) -> tuple[list[str], list[str]]:
        return [self._rows[i].text for i in self._known], [self._line(i) for i in self._known]

    def _line(self, i: int) -> str:
        number = self._at[i]
        assert number is not None
        return self._lines[number]

    def _pair(self, i: int) -> int | None:
        """The deleted row that this new row replaces: the most similar one in the same change."""
        run = [j for j in self._around(i) if self._rows[j].role is Role.GONE and j in self._known]
        scores = {j: fuzz.ratio(self._rows[j].text.strip(), self._rows[i].text.strip()) for j in run}
        best = max(run, key=lambda j: (scores[j], -abs(i - j)), default=None)
        return best if best is not None and scores[best] >= _PAIR else None

    def _around(self, i: int) -> list[int]:
        """The rows of the change around row `i`: new and deleted ones without context between."""
        start = end = i
        while start and self._rows[start - 1].role in (Role.NEW, Role.GONE):
            start -= 1
        while end + 1 < len(self._rows) and self._rows[end + 1].role in (Role.NEW, Role.GONE):
            end += 1
        return list(range(start, end + 1))

    def _indent(self, i: int) -> str:
        pair = self._pair(i)
        if pair is not None and (self._lost or indent_of(self._rows[pair].text) == indent_of(self._rows[i].text)):
            return indent_of(self._line(pair))
        if self._lost and indent_of(self._rows[i].text) == "":
            return self._by_brackets(i)
        if self._lost:
            self._guessed.add(i)
        return self._by_indents(i)

    def _by_brackets(self, i: int) -> str:
        """The indentation if all of it was lost: that of the line above, deeper below an opener, shallower for a
        closer."""
        line = self._rows[i].text
        above = next((j for j in range(i - 1, -1, -1) if self._rows[j].text.strip() and self._is_placed(j)), None)
        if above is None:
            below = next((j for j in range(i + 1, len(self._rows)) if j in self._known), None)
            return indent_of(self._line(below)) if below is not None else ""
        text = self._done.get(above) or self._line(above)
        self._guessed.add(i)
        return self._below(text, line)

    def _below(self, above: str, line: str) -> str:
        """The indentation of a line below another one, by their brackets."""
        indent, start = indent_of(above), above.lstrip()
        if line.startswith("*") and start.startswith(("/*", "*")):
            return indent + " " * start.startswith("/*")
        if start.startswith("- ") and not line.startswith("- ") and not _OPENS.search(above):
            return indent + "  "
        opens, closes = bool(_OPENS.search(above)), bool(_CLOSES.match(line))
        if opens and not closes:
            return indent + self._step()
        return indent.removesuffix(self._step()) if closes and not opens else indent

    def doubt(self, run: Sequence[int]) -> str:
        """What is a guess in a run of new rows: indentation by brackets that does not fit the next row."""
        filled = [i for i in run if self._rows[i].text.strip()]
        if not filled or not self._guessed.intersection(run):
            return ""
        after = (j for j in range(run[-1] + 1, len(self._rows)) if j in self._known)
        follows = next((j for j in after if self._rows[j].role is Role.CONTEXT), None)
        if follows is None:
            agrees = self._braced
        else:
            below = self._below(self._done[filled[-1]], self._rows[follows].text.strip())
            agrees = below == indent_of(self._line(follows))
        return "" if agrees else "the update came without its indentation, and that of its new lines is a guess"

    def _is_placed(self, j: int) -> bool:
        return j in self._done or (j in self._known and self._rows[j].role is not Role.GONE)

    def _step(self) -> str:
        """One step of the file's indentation."""
        if any(line.startswith("\t") for line in self._lines):
            return "\t"
        return " " * width_of_step(self._lines)

    @cached_property
    def _braced(self) -> bool:
        """Do brackets determine the depth of a line?"""
        filled = [line.rstrip() for line in self._lines if line.strip()]
        return sum(line.endswith(("{", "[", "(")) for line in filled) >= _BRACED * len(filled)

    def _by_indents(self, i: int) -> str:
        """The indentation by the nearest row that is indented alike, or else by the deepest one that encloses it."""
        indent = indent_of(self._rows[i].text)
        near = sorted(self._known, key=lambda j: (abs(i - j), j > i))
        alike = next((j for j in near if indent_of(self._rows[j].text) == indent), None)
        if alike is not None:
            return indent_of(self._line(alike))
        within = [j for j in near if indent.startswith(indent_of(self._rows[j].text))]
        if within:
            outer = max(within, key=lambda j: len(indent_of(self._rows[j].text)))
            known = indent_of(self._rows[outer].text)
            return indent_of(self._line(outer)) + self._converted(indent[len(known) :])
        if not near:
            return indent
        # Shallower than all known rows: further out by the same amount as in the update.
        shallow = min(near, key=lambda j: len(indent_of(self._rows[j].text)))
        cut = self._converted(indent_of(self._rows[shallow].text)[len(indent) :])
        ours = indent_of(self._line(shallow))
        return ours[: max(0, len(ours) - len(cut))]

    def _converted(self, extra: str) -> str:
        """The update's extra indentation in the file's steps, such as tabs for spaces."""
        theirs = sorted({(len(indent_of(self._rows[j].text)), len(indent_of(self._line(j)))) for j in self._known})
        steps = [(b - a, d - c) for (a, c), (b, d) in pairwise(theirs) if b > a and d > c]
        kinds = {c for j in self._known for c in indent_of(self._line(j))}
        if not extra or (not steps and not (kinds and set(extra) != kinds and len(kinds) == 1)):
            return extra
        width, ours = min(steps, default=(1 if "\t" in extra else 4, len(self._step())))
        kind = kinds.pop() if len(kinds) == 1 else " "
        if set(extra) == {kind} and width == ours:
            return extra
        whole, rest = divmod(len(extra), width)
        return kind * (whole * ours) + " " * rest

    def _with_comma(self, i: int, line: str) -> str:
        """The line with the file's comma if the update's old side had a different one. It goes to the row that replaces
        it."""
        if not self._commas:
            return line
        pair = self._pair(i)
        around = self._around(i)
        last_new = max(j for j in around if self._rows[j].role is Role.NEW)
        if i == last_new:  # the last new row replaces the last deleted one
            pair = max((j for j in around if self._rows[j].role is Role.GONE and j in self._known), default=pair)
        if pair is None:
            return line
        theirs, ours = _comma(self._rows[pair].text), _comma(self._line(pair))
        if theirs == ours or (i != last_new and (theirs or _comma(line))):
            return line
        bare = line.rstrip().removesuffix(",")
        return bare + "," if ours and not _OPENS.search(bare) else bare
