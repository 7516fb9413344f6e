"""Lines with the signs of a diff among others: which are old, which are new, and which are only markers.

The file decides: `- item` deletes a line if the file has `item`, and is content if the file has `- item`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from fastapply.text.diff import is_telling
from fastapply.text.lines import brief, indent_of
from fastapply.text.places import without_blanks
from fastapply.text.rows import Role, Row, is_elision

_SIGNED = re.compile(r"(?P<indent>[ \t]*)(?P<sign>[+-])(?P<rest>.*)")
_MOSTLY, _SOME = 0.75, 0.5
_ALIKE = 75.0  # per cent: an unknown line this similar to one of the file may be its new version


@dataclass(frozen=True)
class Known:
    """What the file says about single lines. Without a file, nothing is known."""

    text: str | None

    @classmethod
    def of(cls, original: str | None) -> Known:
        return cls(original or None)

    @cached_property
    def lines(self) -> frozenset[str]:
        return frozenset(line.rstrip() for line in (self.text or "").split("\n") if line.strip())

    @cached_property
    def stripped(self) -> frozenset[str]:
        return frozenset(line.strip() for line in self.lines)

    @cached_property
    def bare(self) -> frozenset[str]:
        return frozenset(map(without_blanks, self.lines))

    @cached_property
    def _signed(self) -> frozenset[str]:
        return frozenset(line[0] for line in self.lines if line[0] in "+-")

    @cached_property
    def has_tabs(self) -> bool:
        """Is the file indented with tabs only?"""
        return any(line[0] == "\t" for line in self.lines) and not any(line.startswith("  ") for line in self.lines)

    def has(self, line: str) -> bool:
        """Is a line in the file, regardless of blanks?"""
        return bool(line.strip()) and without_blanks(line) in self.bare

    @cached_property
    def has_lists(self) -> bool:
        """Does the file have lists whose items begin with a sign?"""
        stars = "/*" not in (self.text or "")
        return any(line.startswith("- ") or (stars and line.startswith("* ")) for line in self.stripped)

    def has_signs(self, sign: str) -> bool:
        """Does an unindented line of the file begin with the sign?"""
        return sign in self._signed

    def has_indent(self, indent: str) -> bool:
        """Does a line of the file have exactly this indentation?"""
        return any(indent_of(line) == indent and not line.lstrip().startswith("*") for line in self.lines)

    def holds(self, block: Sequence[str]) -> bool:
        """Are the lines consecutive in the file, regardless of indentation?"""
        wanted = "\n".join(line.strip() for line in block)
        return bool(block) and f"\n{wanted}\n" in self._joined

    @cached_property
    def _joined(self) -> str:
        return "\n" + "\n".join(line.strip() for line in (self.text or "").split("\n")) + "\n"

    def most_like(self, line: str) -> str | None:
        """The stripped line of the file that is nearly equal to an unknown one."""
        found = process.extractOne(brief(line.strip()), self._ordered.keys(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
        return self._ordered[found[0]] if found else None

    @cached_property
    def _ordered(self) -> dict[str, str]:
        return {brief(line): line for line in sorted(self.stripped)}


def looks_hybrid(lines: Sequence[str], known: Known) -> bool:
    """Is a text without diff headers signed like a diff? The file must have nearly all lines with a minus without it,
    and none with it. A plus alone is evidence only if no line of the file begins with one."""
    if known.text is None:
        return False
    code = [line for line in lines if not is_elision(line, known.stripped)]
    signed = [found for line in code if (found := _SIGNED.fullmatch(line)) and found["rest"].strip()]
    minus = [found for found in signed if found["sign"] == "-" and not known.has(found[0])]
    plus = [found for found in signed if found["sign"] == "+" and not known.has(found[0])]
    if minus:
        gone = sum(known.has(found["rest"]) for found in minus)
        return gone >= _MOSTLY * len(minus) and any(_tells(found["rest"], known) for found in minus)
    return _adds_only(lines, plus, known)


def _tells(text: str, known: Known) -> bool:
    return is_telling(text) or (text[:1].isspace() and text.rstrip() in known.lines)


def _adds_only(lines: Sequence[str], plus: Sequence[re.Match[str]], known: Known) -> bool:
    if not plus or known.has_signs("+") or any(found["indent"] for found in plus):
        return False
    others = [line for line in lines if line.strip() and not line.startswith("+") and not is_elision(line, ())]
    quoted = sum(known.has(line) for line in others)
    # "+ item" may be an item of a list, "+1" a number, "++x" code.
    items = known.has_lists and any(indent_of(found["rest"]) == " " for found in plus)
    code = not items and not any(re.match(r"[\d+=]", found["rest"]) for found in plus)
    return code and bool(quoted) and quoted >= _SOME * len(others)


def signed_rows(body: Sequence[str], known: Known, *, hybrid: bool = False) -> list[Row]:
    """The rows of one hunk. `hybrid`: its context may be written as in a snippet, so that a line without a sign may be
    new."""
    spaced = [line.rstrip() for line in body if line.startswith(" ") and line.strip()]
    with_blank = sum(line[1:] in known.lines for line in spaced)
    as_is = sum(line in known.lines for line in spaced)
    outermost = any(line.strip() and line[0] not in " \t+-\\" and known.has(line) for line in body)
    lost = as_is > with_blank or (as_is == with_blank and outermost)
    signless_is_new = hybrid or (with_blank > 0 and not lost)
    lines = (line for line in body if not line.startswith("\\"))  # "\ No newline at end of file"
    rows = list(_merged(_row(line, known, lost, hybrid, signless_is_new) for line in lines))
    return _decided(rows, known)


def _decided(rows: list[Row], known: Known) -> list[Row]:
    """The rows with CODE changed to NEW beside a new row, or if the similar line of the file is shown too."""
    shown = {row.text.strip() for row in rows if row.role in (Role.CONTEXT, Role.GONE)}
    for i, row in enumerate(rows):
        if row.role is not Role.CODE:
            continue
        beside = [rows[j].role for j in (i - 1, i + 1) if 0 <= j < len(rows)]
        if Role.NEW in beside or known.most_like(row.text) in shown:
            rows[i] = Row(Role.NEW, row.text)
    return rows


def unshifted(body: Sequence[str], known: Known) -> Sequence[str]:
    """The lines of an update with each sign directly followed by the line as in the file. Some authors add a blank
    after the sign, others put the sign in place of the first blank."""
    shift = _shift(body, known)
    if shift == 0:
        return body
    signed = {line for line in body if line[:1] in ("+", "-") and line[1:].strip() and not known.has(line)}
    moved = {line: line[0] + (line[2:] if shift < 0 else f" {line[1:]}") for line in signed}
    return [moved.get(line, line) if line.strip() not in ("+", "-") else line[0] for line in body]


def _shift(body: Sequence[str], known: Known) -> int:
    """How many blanks the signed lines lack."""
    signed = [line for line in body if line[:1] in ("+", "-") and line[1:].strip() and not known.has(line)]
    texts = [line[1:].rstrip() for line in signed]
    if not texts or not all(text.startswith((" ", "\t")) for text in texts):
        return 0
    gone = [line[1:].rstrip() for line in signed if line[0] == "-"]
    as_is = sum(text in known.lines for text in gone)
    spaced = sum(text[1:] in known.lines for text in gone if text[0] == " ")
    instead = sum(f" {text}" in known.lines for text in gone)
    if as_is or spaced or instead:
        return -1 if spaced > max(as_is, instead) else int(instead > max(as_is, spaced))
    return _shift_by_context(body, min(texts, key=lambda text: len(indent_of(text))), known)


def _shift_by_context(body: Sequence[str], outer: str, known: Known) -> int:
    """The same if all signed lines are new, by the depths of the lines between them."""
    quoted = [line.rstrip() for line in body if line.strip() and line[:1] not in ("+", "-")]
    with_blank = sum(line[1:] in known.lines for line in quoted if line[:1] == " ")
    if known.has_tabs:  # an odd number of spaces in the place of tabs
        with_blank += sum(set(indent_of(line)) == {" "} and _odd(line) and known.has(line) for line in quoted)
    bare = not with_blank or sum(line in known.lines for line in quoted) > with_blank
    if not bare or not outer.startswith(" "):
        return 0
    alike = [line for line in quoted if known.has(line) and _in_comment(line) == _in_comment(outer)]
    indent, indents = indent_of(outer), {indent_of(line) for line in alike}
    readings = {0: indent, -1: indent[1:], 1: f" {indent}"}
    for shift in (0, -1) if with_blank else (0, -1, 1):
        if readings[shift] in indents:
            return shift
    return -1 if _odd(outer) and not known.has_indent(" ") else 0


def _odd(text: str) -> bool:
    """Can the indentation of a text only be explained by an extra blank?"""
    indent = indent_of(text)
    return "\t" in indent or (len(indent) - _in_comment(text)) % 2 == 1


def _in_comment(text: str) -> bool:
    return text.lstrip().startswith("*")


def _row(line: str, known: Known, lost: bool, hybrid: bool, signless_is_new: bool) -> Row:
    sign, rest = line[:1], line[1:]
    if hybrid and sign not in ("+", "-") and (found := _SIGNED.fullmatch(line)) and not known.has(line):
        sign, rest = found["sign"], found["indent"] + found["rest"]
    if line.startswith("--") and is_elision(line, known.stripped):
        return Row(Role.REST, line)
    if sign in ("+", "-"):
        return _signed(sign, line, rest, known)
    text = _context(line, known, lost)
    if is_elision(text, known.stripped):
        return Row(Role.REST, text)
    unsigned = hybrid or (signless_is_new and not line.startswith(" "))
    if not unsigned or not text.strip() or known.has(text):
        return Row(Role.CONTEXT, text)
    return Row(Role.CODE if known.most_like(text) else Role.NEW, text)


def _signed(sign: str, line: str, rest: str, known: Known) -> Row:
    if sign == "-" and rest.strip() and not known.has(rest) and known.has(line):
        return Row(Role.CONTEXT, line)  # a list item or a command option
    if sign == "+" and is_elision(rest, known.stripped):
        return Row(Role.REST, rest)
    return Row(Role.GONE if sign == "-" else Role.NEW, rest)


def _context(line: str, known: Known, lost: bool) -> str:
    """A line without a sign, without the leading blank of a diff."""
    if not line.startswith(" "):
        return line
    one, other = (line, line[1:]) if lost else (line[1:], line)
    return other if one.rstrip() not in known.lines and other.rstrip() in known.lines else one


def _merged(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows without repeated elisions."""
    last: Row | None = None
    for row in rows:
        if not (row.role is Role.REST and last is not None and last.role is Role.REST):
            yield row
        last = row
