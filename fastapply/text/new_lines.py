"""The indentation and commas of the lines that an update puts into a file.

A new line is indented like the row that it replaces, or else like its nearest neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise

from rapidfuzz import fuzz

from fastapply.text.indentation import width_of_step
from fastapply.text.lines import brief, indent_of
from fastapply.text.rows import Role, Row

_PAIR = 60.0  # per cent: the least similarity of a changed row to its old one
_BRACED = 0.03  # least share of solid lines that end with an opening bracket, in files with brackets
_OPENS = re.compile(r"(?:[({\[:]|\b(?:then|do|else|begin|of|->|=>))\s*$")
_CONTINUES = r"(?:else|elif|except|finally|rescue|ensure|when)\b"
_CLOSES = re.compile(rf"\s*(?:[)}}\]]|(?:end|fi|done|esac)\b|{_CONTINUES})")
# `if (a) b();` may be followed by its `else` at the same depth.
_HEADS = re.compile(rf"\s*(?:(?:if|unless|for|while|try|elsif)\b|{_CONTINUES})")


def has_comma(line: str) -> bool:
    return line.rstrip().endswith(",")


class NewLines:
    """Gives new rows the indentation and comma of their place."""

    def __init__(self, rows: Sequence[Row], at: Sequence[int | None], lines: Sequence[str], indented: bool) -> None:
        self._rows, self._lines, self._at = rows, lines, at
        self._known = [i for i, line in enumerate(at) if line is not None and rows[i].text.strip()]
        self._done: dict[int, str] = {}
        self._guessed: set[int] = set()
        self._indented = indented or all(indent_of(rows[i].text) == indent_of(self._line(i)) for i in self._known)
        olds, ours = ({depth[side] for depth in self._depths()} for side in (0, 1))
        self._commas = any(has_comma(rows[i].text) != has_comma(self._line(i)) for i in self._known)
        self._lost = olds == {""} and ours != {""}
        self._base = self._common_base()

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

    def _line(self, i: int) -> str:
        number = self._at[i]
        assert number is not None
        return self._lines[number]

    def _pair(self, i: int) -> int | None:
        """The deleted row that this new row replaces: the most similar one in the same change."""
        run = [j for j in self._around(i) if self._rows[j].role is Role.GONE and j in self._known]
        scores = {j: fuzz.ratio(brief(self._rows[j].text.strip()), brief(self._rows[i].text.strip())) for j in run}
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

    def _common_base(self) -> tuple[str, str] | None:
        """The update's shallowest indentation and what the file has instead, if all known rows differ alike, and both
        sides begin there: then the new side is a block that moves as one. None if its own depths are lost."""
        depths = self._depths()
        moved = {there.removesuffix(old) if there.endswith(old) else None for old, there in depths}
        more = moved.pop() if len(moved) == 1 else None
        news = {indent_of(row.text) for row in self._rows if row.role is Role.NEW and row.text.strip()}
        if more is None or not news or (self._lost and news == {""}):
            return None
        base = min((old for old, _ in depths), key=len)
        return (base, more + base) if base == min(news, key=len) else None

    def _depths(self) -> list[tuple[str, str]]:
        """The indentation of each known row, in the update and in the file."""
        return [(indent_of(self._rows[i].text), indent_of(self._line(i))) for i in self._known]

    def _indent(self, i: int) -> str:
        own = indent_of(self._rows[i].text)
        if self._base is not None and own.startswith(self._base[0]):
            return self._base[1] + self._converted(own[len(self._base[0]) :])
        pair = self._pair(i)
        if pair is not None:
            old, new, there = map(indent_of, (self._rows[pair].text, self._rows[i].text, self._line(pair)))
            if self._lost or new in (old, there):  # a changed line stays at its depth
                return there
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
        if re.match(_CONTINUES, line) and _HEADS.match(above) and not opens:
            return indent
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
        theirs, ours = has_comma(self._rows[pair].text), has_comma(self._line(pair))
        if theirs == ours or (i != last_new and (theirs or has_comma(line))):
            return line
        bare = line.rstrip().removesuffix(",")
        return bare + "," if ours and not _OPENS.search(bare) else bare
