"""Lines on a terminal: colours for light and dark, long lines in their column, sentences that break between words."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color
from rich.console import Console
from rich.text import Text

from fastapply.cli import terminal
from fastapply.cli.hunks import HunkLines
from fastapply.cli.terminal import first_differences, in_column, print_sentence
from fastapply.types import Hunk

COLOURS = {name: getattr(terminal, name) for name in ("ADDED", "REMOVED", "PLACE", "DOUBT", "FAINT")}
GROUNDS = {"white": (255, 255, 255), "black": (0, 0, 0), "nearly white": (253, 246, 227), "nearly black": (30, 30, 30)}


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative, as WCAG has it."""
    parts = [part / 255 for part in colour]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("name", COLOURS)
def test_colours_are_readable_on_light_and_on_dark(name: str, ground: str) -> None:
    shown = tuple(Color.parse(COLOURS[name]).get_truecolor())
    assert contrast(shown, GROUNDS[ground]) > 3  # what WCAG asks of large text and of signs; 1.1 for yellow on white


@given(st.text(st.sampled_from("ab 日本🎉"), max_size=400), st.integers(28, 60), st.integers(0, 300))
def test_a_long_line_keeps_its_column(line: str, width: int, shown_from: int) -> None:
    gutter = Text("12 12 + ")
    first, *rest = in_column(gutter, line, "", width, shown_from).split("\n", allow_blank=True)
    assert first.plain.startswith(gutter.plain)
    for row in rest:
        assert row.plain.startswith(" " * len(gutter))
    assert all(row.cell_len <= width for row in (first, *rest))
    assert len(rest) <= 6
    code = "".join(row.plain[len(gutter) :] for row in (first, *rest))
    if "characters)" not in code:
        assert code == line


def test_of_a_minified_line_the_change_is_seen() -> None:
    old = "a" * 5000 + "OLD" + "b" * 5000
    new = old.replace("OLD", "NEW")
    shown = HunkLines(old + "\n", 80).push([Hunk(0, 1, new + "\n")], 0)
    gone, come = (line.plain for line in shown[1:])
    assert "OLD" in gone
    assert "NEW" in come
    assert "(4,980 characters)" in gone
    assert "more characters)" in gone
    assert all(len(row) <= 80 for row in f"{gone}\n{come}".split("\n"))


def test_where_lines_part() -> None:
    assert first_differences(["same", "abc"], ["same", "abd", "x"]) == ([4, 2], [4, 2, 0])


def printed(sentence: str, width: int, hang: int, *, is_terminal: bool) -> str:
    out = io.StringIO()
    print_sentence(
        Console(file=out, width=width, force_terminal=is_terminal, color_system=None, soft_wrap=True), sentence, hang
    )
    return out.getvalue()


@given(st.lists(st.text("abc", min_size=1, max_size=12), min_size=1, max_size=30), st.integers(30, 60))
def test_a_sentence_breaks_between_words(words: list[str], width: int) -> None:
    sentence = "  " + " ".join(words)
    rows = printed(sentence, width, 4, is_terminal=True).removesuffix("\n").split("\n")
    assert all(len(row) <= width for row in rows)
    assert all(row.startswith("    ") and row[4] != " " for row in rows[1:])
    assert " ".join(" ".join(rows).split()) == " ".join(words)
    assert printed(sentence, width, 4, is_terminal=False) == f"{sentence}\n"
