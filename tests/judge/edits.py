"""Random files of several languages' shapes, random edits of them, and updates that say so in each format."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from fastapply.text.comments import comment
from fastapply.text.diff import lf_lines, line_hunks, unified_diff

# A file of each kind: the lines above its entries, an entry ({0} is its name, {1} a value), the lines below.
SHAPES = {
    "python": (["import os", "import sys", ""], ["def {0}(x):", "    y = {1}", "    check(y)", "    return y", ""], []),
    "javascript": (
        ["import { run } from './run';", ""],
        ["function {0}(x) {{", "  const y = {1};", "  if (x) {{", "    check(y);", "  }}", "  return y;", "}}", ""],
        [],
    ),
    "go": (
        ["package main", "", 'import "fmt"', ""],
        ["func {0}(x int) int {{", "\ty := {1}", "\tfmt.Println(y)", "\treturn y", "}}", ""],
        [],
    ),
    "java": (
        ["class Depot {"],
        ["    int {0}(int x) {{", "        int y = {1};", "        check(y);", "        return y;", "    }}", ""],
        ["}"],
    ),
    "yaml": (
        ["version: 2", "jobs:"],
        ["  {0}:", "    runs: {1}", "    steps:", "      - check", "      - make {1}"],
        [],
    ),
    "toml": (["title = 'x'", ""], ["[{0}]", "size = {1}", "check = true", ""], []),
    "json": (
        ["{", '  "version": 2,'],
        ['  "{0}": {{', '    "size": {1},', '    "check": true', "  }},"],
        ['  "end": 0', "}"],
    ),
    "css": (["body {", "  margin: 0;", "}", ""], [".{0} {{", "  width: {1}px;", "  color: red;", "}}", ""], []),
    "html": (["<ul>"], ["  <li>", "    {0} {1}", "  </li>"], ["</ul>"]),
    "markdown": (["# Title", ""], ["## {0}", "", "- a {1}", "- check", ""], []),
}
NAMES = ("alpha", "beta", "gamma", "delta", "omega", "kappa")


@dataclass
class Edit:
    """A file and what becomes of it: `lines` of the new file, each with the original's line that it is, or None.

    `shown` are the new file's lines that the update shows.
    """

    language: str
    original: str
    lines: list[tuple[str, int | None]]
    gone: set[int] = field(default_factory=set)
    shown: set[int] = field(default_factory=set)

    @property
    def expected(self) -> str:
        return "".join(text + "\n" for text, _ in self.lines)


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[str]]:
    language = draw(st.sampled_from(sorted(SHAPES)))
    head, entry, tail = SHAPES[language]
    lines = list(head)
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True)):
        value = draw(st.integers(1, 4))
        lines += [line.format(name, value) for line in entry]
    lines += tail
    while not lines[-1]:
        lines.pop()
    return language, lines


@st.composite
def edits(draw: st.DrawFn, *, adds_only: bool = False) -> Edit:
    """One to three places of a file where lines come, go or change."""
    language, old = draw(files())
    gone: set[int] = set()
    new_above: dict[int, list[str]] = {}
    kinds = ["add"] if adds_only else ["add", "change", "delete", "block"]
    for number in range(draw(st.integers(1, 3))):
        at = draw(st.integers(1, len(old) - 1))
        kind = draw(st.sampled_from(kinds))
        if kind in ("add", "change"):
            like = old[draw(st.integers(max(0, at - 3), min(len(old) - 1, at + 3)))] or old[at - 1]
            fresh = draw(st.sampled_from([like, f"{like[: len(like) - len(like.lstrip())]}fresh_{number}()"]))
            new_above.setdefault(at, []).append(_renamed(fresh, number))
        if kind in ("change", "delete"):
            gone.add(at)
        if kind == "block":
            gone |= set(range(at, min(len(old), at + draw(st.integers(2, 6)))))
    lines: list[tuple[str, int | None]] = []
    for k, line in enumerate(old):
        lines += [(text, None) for text in new_above.get(k, [])]
        if k not in gone:
            lines.append((line, k))
    return Edit(language, "".join(line + "\n" for line in old), lines, gone)


def _renamed(line: str, number: int) -> str:
    for name in NAMES:
        line = line.replace(name, f"{name}{number}")
    return line.replace("check", f"verify{number}")


@st.composite
def snippets(draw: st.DrawFn, edit: Edit) -> str:
    """What changed with some lines around it, and markers in random words for the rest."""
    near = draw(st.integers(1, 3))
    places = [k for k, (_, old) in enumerate(edit.lines) if old is None]
    at = {old: k for k, (_, old) in enumerate(edit.lines) if old is not None}
    ends = [k for k in (_beside(edit, g, at) for g in edit.gone) if k is not None]
    shown = {j for k in [*places, *ends] for j in range(k - near, k + near + 1) if 0 <= j < len(edit.lines)}
    shown |= {k for k in range(len(edit.lines)) if draw(st.integers(0, 9)) == 0}
    edit.shown = shown
    words = draw(st.sampled_from(["... existing code ...", "...", "... rest of the file ..."]))
    out: list[str] = []
    hidden = False
    for k, (text, _) in enumerate(edit.lines):
        if k in shown:
            if hidden:
                out.append(text[: len(text) - len(text.lstrip())] + comment(edit.language, words))
            out.append(text)
        hidden = k not in shown
    if hidden:
        out.append(comment(edit.language, words))
    return "\n".join(out) + "\n"


def _beside(edit: Edit, gone: int, at: dict[int, int]) -> int | None:
    """The line of the new file above a line that goes."""
    return next((at[k] for k in range(gone - 1, -1, -1) if k in at), None)


@st.composite
def diffs(draw: st.DrawFn, edit: Edit) -> str:
    """A unified diff, of which some context lines may be left out unsaid or stand behind an elision."""
    out: list[str] = []
    for line in unified_diff(edit.original, edit.expected, "file").split("\n"):
        if line.startswith(" ") and line.strip():
            match draw(st.integers(0, 11)):
                case 0:
                    continue
                case 1:
                    line = " " + comment(edit.language, "... existing code ...")
        out.append(line)
    return "\n".join(out)


@st.composite
def blocks(draw: st.DrawFn, edit: Edit) -> str:
    """SEARCH/REPLACE blocks, one for each change, some with an elision on both sides."""
    old, out = lf_lines(edit.original), list[str]()
    for hunk in line_hunks(edit.original, edit.expected):
        near = draw(st.integers(1, 3))
        above = old[max(0, hunk.start_line - near) : hunk.start_line]
        below = old[hunk.end_line : hunk.end_line + near]
        if len(above) > 2 and draw(st.integers(0, 3)) == 0:
            above[1] = comment(edit.language, "... existing code ...") + "\n"
        before = "".join([*above, *old[hunk.start_line : hunk.end_line], *below])
        after = "".join([*above, hunk.new_text, *below])
        out.append(f"<<<<<<< SEARCH\n{before}=======\n{after}>>>>>>> REPLACE\n")
    return "\n".join(out)
