"""The marker lines of a sent snippet: their words, comment signs and indentation.

One `Markers` makes all markers of one update, with the same words or with new words for each.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from fastapply.text.comments import comment
from fastapply_lab.data import sent_styles as styles
from fastapply_lab.data.edit import lead_of
from fastapply_lab.data.sent_edit import indentation
from fastapply_lab.data.shown import PLAIN_NAME, Sides
from fastapply_lab.data.styles import draw

_EMBEDDING = ("html", "vue", "svelte")
_OTHER_SIGNS = ("// {}", "# {}", "<!-- {} -->", "-- {}", "/* {} */")


@dataclass(slots=True)
class Markers:
    """Draws the markers of one update."""

    sides: Sides
    rng: random.Random
    words: str = ""  # the words of all markers; if empty, drawn anew for each
    bare: bool = False
    margin: bool = False
    signs: str = ""  # comment signs of another language

    @classmethod
    def drawn(cls, sides: Sides, rng: random.Random) -> Markers:
        """The markers of one update, drawn from the tables."""
        words = "" if rng.random() < styles.VARIED else draw(styles.MARKERS, rng)
        markers = cls(sides, rng, words)
        markers.bare = rng.random() < styles.BARE_MARKER
        markers.margin = rng.random() < styles.MARGIN_MARKER
        if rng.random() < styles.WRONG_COMMENT:
            right = comment(sides.language, "{}")
            markers.signs = rng.choice([signs for signs in _OTHER_SIGNS if signs != right])
        return markers

    def gap(self, start: int, end: int) -> str:
        """The marker for rows [start, end) of the expected text, which must not all be blank."""
        lines = self.sides.expected
        rows = [row for row in range(start, end) if lines[row].strip()]
        place = "first" if start == 0 else "last" if end == len(lines) else "middle"
        if place == "middle" and min(indentation(lines[row]) for row in rows) > 0 and self._in_function(start):
            place = "inside"
        words = self.words or styles.marker_words(self.rng, place)
        noun, name = _elided(self.sides, start, end)
        words = words.replace("{noun}", noun).replace("{name}", name).replace("{word}", _word(lines, rows, noun))
        least = min((lines[row] for row in rows), key=indentation)
        return ("" if self.margin else lead_of(least)) + self._signed(words, rows[0])

    def plain(self) -> str:
        """A marker at the margin for no particular rows."""
        words = self.words if self.words and "{" not in self.words else "... existing code ..."
        return self._signed(words, 0)

    def removal(self, name: str, row: int) -> str:
        """A comment that the definition `name`, which was before `row`, is removed."""
        lines = self.sides.expected
        words = draw(styles.REMOVALS, self.rng).replace("{name}", name)
        return lead_of(lines[min(row, len(lines) - 1)]) + comment_at(lines, row, self.sides.language, words)

    def _signed(self, words: str, row: int) -> str:
        if self.bare:
            return "..."
        if self.signs:
            return self.signs.format(words)
        if _in_jsx(self.sides, row):
            return f"{{/* {words} */}}"
        return comment_at(self.sides.expected, row, self.sides.language, words)

    def _in_function(self, row: int) -> bool:
        parsed = self.sides.parsed
        around = [u for u in parsed.units if u.kind == "definition" and u.body <= row < u.closer] if parsed else []
        return bool(around) and bool(re.search("function|method|constructor", around[-1].type))


def comment_at(lines: Sequence[str], row: int, language: str, words: str) -> str:
    """A comment in the language of that row, which differs in `<script>` and `<style>`."""
    if language not in _EMBEDDING:
        return comment(language, words)
    for line in reversed(lines[: row + 1]):
        if re.search(r"</(script|style)>", line):
            break
        if found := re.search(r"<(script|style)\b", line):
            return f"// {words}" if found[1] == "script" else f"/* {words} */"
    return comment(language, words)


def _in_jsx(sides: Sides, row: int) -> bool:
    if sides.language not in ("tsx", "javascript") or sides.parsed is None:
        return False
    inner = [unit for unit in sides.parsed.units if unit.body <= row < unit.closer]
    return bool(inner) and inner[-1].type.startswith("jsx")


def _elided(sides: Sides, start: int, end: int) -> tuple[str, str]:
    """A noun for the contents of rows [start, end), and the name of one of them."""
    units = [u for u in sides.parsed.units if start <= u.head < end] if sides.parsed is not None else []
    nouns = {"import": "imports", "definition": "methods" if units and units[0].parent >= 0 else "functions"}
    nouns |= {"member": "fields", "comment": "comments"}
    noun = nouns.get(units[0].kind, "code") if units else "code"
    if sides.language in ("yaml", "json", "toml", "ini"):
        noun = "entries"
    if sides.language == "markdown":
        noun = "sections"
    names = [u.name for u in units if u.kind in ("definition", "member") and PLAIN_NAME.match(u.name)]
    return noun, names[0] if names else "the code"


def _word(lines: Sequence[str], rows: Sequence[int], default: str) -> str:
    """A word from the hidden lines, as in `// existing planes...`."""
    found = [word.lower() for row in rows[:12] for word in re.findall(r"[A-Za-z]{4,12}", lines[row])]
    return found[len(rows) % len(found)] if found else default
