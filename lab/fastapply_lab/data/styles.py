"""How chat models write snippets: tables of shapes, markers, context, fences and prose, and drawing from them.

The module snippets writes a style as text.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

SHAPES: Mapping[str, float] = {
    "lazy": 58,  # hunks with context, markers in between
    "open": 13,  # like lazy, but the first or last marker (or both) is missing
    "bare_unit": 13,  # the whole enclosing definition and nothing else
    "marked_unit": 7,  # like bare_unit, between two markers
    "whole_units": 5,  # every changed top-level definition as a whole, without markers
    "whole_file": 4,
}
CONTEXT: Mapping[int, float] = {0: 10, 1: 27, 2: 26, 3: 24, 4: 7, 5: 6}  # lines on one side of a hunk
HEADERS = 0.55  # the lines that open the enclosing class and function are shown
CLOSERS = 0.7  # the lines that close these are shown too
DEDENTED = 0.07  # the whole snippet is moved to the left margin
DEDENTED_UNIT = 0.35  # the same for a bare method
INDENTED = 0.03  # the whole snippet is moved to the right, as in a list in a chat
RETABBED = 0.08  # each tab is replaced by four spaces, as chats show it
FENCED = 0.15
PROSE = 0.4  # a fence has a sentence before it
PROSE_LATER = 0.2  # a fence has a sentence after it
REMOVAL_COMMENT = 0.35  # a deleted definition with a name is shown as `// remove X`
BLANK_EDGE = 0.6  # blank lines next to a marker are kept
INSTRUCTION = 0.5
TERSE = 0.06  # there is no context if the changed lines are clear without it
SNAPPED = 0.6  # context extends to the end of a short statement of several lines

MARKERS: Mapping[str, float] = {
    "... existing code ...": 40,
    "... rest of code ...": 6,
    "... rest of the code ...": 3,
    "... existing code": 3,
    "... keep existing code": 4,
    "... keep existing code ...": 3,
    "... (existing code) ...": 2,
    "... same ...": 2,
    "... same as before ...": 2,
    "... unchanged ...": 3,
    "... unchanged code ...": 1,
    "...": 8,
    "existing code...": 2,
    "rest of the code remains the same": 2,
    "... other code ...": 1,
    "... keep the rest ...": 1,
    "[existing code]": 1,
    "... existing {noun} ...": 6,
    "... keep {name} ...": 4,
    "... rest of {name} ...": 2,
    "... other {noun} ...": 2,
}
BARE_MARKERS = 0.06  # markers are three dots without comment signs
MARKER_INDENT: Mapping[str, float] = {"block": 75, "none": 25}  # indented like the code beside it, or not

PROSE_BEFORE = (
    "Here is the updated code:",
    "Here's the change:",
    "I made the following edit:",
    "Updated version:",
    "Sure! Here is the edit to `{file}`:",
    "Apply this change:",
)

PROSE_AFTER = (
    "The rest of the file stays as it is.",
    "This should do what you asked for. Let me know if you want anything else changed.",
    "I left everything else untouched.",
    "You may want to run the tests after applying this.",
)

FENCE_NAMES: Mapping[str, tuple[str, ...]] = {
    "javascript": ("javascript", "js", "jsx"),
    "typescript": ("typescript", "ts"),
    "csharp": ("csharp", "cs"),
    "cpp": ("cpp", "c++"),
    "bash": ("bash", "sh"),
    "python": ("python", "py"),
    "yaml": ("yaml", "yml"),
    "markdown": ("markdown", "md"),
}


@dataclass(frozen=True, slots=True)
class Style:
    """One style of a snippet. `before` and `after`: context lines. `marker`: a template without comment signs."""

    shape: str = "lazy"
    before: int = 2
    after: int = 2
    snapped: bool = False
    headers: bool = False
    closers: bool = False
    marker: str = "... existing code ..."
    bare_marker: bool = False
    marker_indent: str = "block"
    omit_first: bool = False
    omit_last: bool = False
    blank_edges: bool = True
    removal_comments: bool = False
    dedented: bool = False
    indented: int = 0  # additional spaces before every line
    retabbed: bool = False
    fence: str | None = None
    prose: str | None = None
    prose_after: str | None = None


def draw(table: Mapping[str, float], rng: random.Random) -> str:
    """A random key of a table of weights."""
    return rng.choices(list(table), list(table.values()))[0]


def draw_style(language: str, rng: random.Random) -> Style:
    """A random style of the mix. `language` only determines the name on the fence."""
    shape = draw(SHAPES, rng)
    open_ends = rng.choice((("first",), ("last",), ("first", "last"))) if shape == "open" else ()
    fenced = rng.random() < FENCED and language != "markdown"
    headers = rng.random() < HEADERS
    terse = rng.random() < TERSE
    return Style(
        shape=shape,
        before=0 if terse else _context(rng),
        after=0 if terse else _context(rng),
        snapped=rng.random() < SNAPPED,
        headers=headers,
        closers=headers and rng.random() < CLOSERS,
        marker=draw(MARKERS, rng),
        bare_marker=rng.random() < BARE_MARKERS,
        marker_indent=draw(MARKER_INDENT, rng),
        omit_first="first" in open_ends,
        omit_last="last" in open_ends,
        blank_edges=rng.random() < BLANK_EDGE,
        removal_comments=rng.random() < REMOVAL_COMMENT,
        dedented=rng.random() < (DEDENTED_UNIT if shape == "bare_unit" else DEDENTED),
        indented=rng.choice((2, 3, 4)) if rng.random() < INDENTED else 0,
        retabbed=rng.random() < RETABBED,
        fence=rng.choice(FENCE_NAMES.get(language, (language,))) if fenced else None,
        prose=rng.choice(PROSE_BEFORE) if fenced and rng.random() < PROSE else None,
        prose_after=rng.choice(PROSE_AFTER) if fenced and rng.random() < PROSE_LATER else None,
    )


def _context(rng: random.Random) -> int:
    return rng.choices(list(CONTEXT), list(CONTEXT.values()))[0]
