"""A snippet holds every new line, elides the rest in the language's own comments, and keeps to its style."""

from __future__ import annotations

import random

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from fastapply.text.markers import MarkerKind, classify
from fastapply_lab.data.snippets import write_snippet
from fastapply_lab.data.sources import LANGUAGES
from fastapply_lab.data.styles import MARKERS, SHAPES, Style, draw_style

CLASS = """\
import os


class Store:
    def __init__(self, path):
        self.path = path
        self.items = {}

    def load(self):
        with open(self.path) as file:
            return file.read()

    def save(self, text):
        with open(self.path, "w") as file:
            file.write(text)


def main():
    Store(os.environ["STORE"]).load()
"""
CHANGED = CLASS.replace("return file.read()", "return file.read().strip()")


def written(style: Style, expected: str = CHANGED, original: str = CLASS) -> str:
    update = write_snippet(original, expected, "python", random.Random(1), style)
    assert update is not None
    return update


def test_lazy_snippet_with_headers() -> None:
    style = Style(before=1, after=0, headers=True, blank_edges=False)
    assert written(style) == (
        "# ... existing code ...\n"
        "class Store:\n"
        "    # ... existing code ...\n"
        "    def load(self):\n"
        "        with open(self.path) as file:\n"
        "            return file.read().strip()\n"
        "# ... existing code ...\n"
    )


def test_bare_method_and_its_dedented_form() -> None:
    method = "    def load(self):\n        with open(self.path) as file:\n            return file.read().strip()\n"
    assert written(Style(shape="bare_unit")) == method
    assert written(Style(shape="bare_unit", dedented=True)).startswith("def load(self):\n    with open")


def test_a_definition_that_loses_its_comment_is_not_shown_bare() -> None:
    original = "x = 1\n\n\n# FIXME\ndef f():\n    return 1\n\n\ndef g():\n    return f()\n"
    update = written(Style(shape="bare_unit"), original.replace("# FIXME\n", ""), original)
    assert "x = 1" in update


def test_open_ends_have_no_marker() -> None:
    update = written(Style(shape="open", omit_first=True, omit_last=True))
    assert not any(classify(line, "python") for line in update.splitlines())


def test_removal_comment_names_what_goes() -> None:
    expected = CLASS.replace(CLASS[CLASS.index("    def save") : CLASS.index("def main")], "\n")
    assert "    def save" not in expected
    assert "remove save" in written(Style(removal_comments=True), expected)


def test_fence_and_prose() -> None:
    update = written(Style(fence="py", prose="Here you go:"))
    assert update.startswith("Here you go:\n\n```py\n")
    assert update.endswith("```\n")


def test_jsx_children_get_jsx_comments() -> None:
    rows = "".join(f"      <Row id={{{number}}} />\n" for number in range(9))
    original = f"export function List() {{\n  return (\n    <div>\n{rows}    </div>\n  );\n}}\n"
    expected = original.replace("<Row id={1} />", "<Row id={1} wide />").replace(
        "<Row id={7} />", "<Row id={7} wide />"
    )
    update = write_snippet(original, expected, "tsx", random.Random(0), Style(before=1, after=1, headers=True))
    assert update is not None
    assert "{/* ... existing code ... */}" in update


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_marker_is_understood(language: str) -> None:
    from fastapply.text.comments import comment

    for template in MARKERS:
        text = template.replace("{noun}", "methods").replace("{name}", "fetch_all")
        assert classify(comment(language, text), language) is MarkerKind.KEEP, text


@examples(60)
@given(st.integers(0, 2**32), st.sampled_from(sorted(SHAPES)))
def test_every_new_line_is_shown_and_nothing_is_made_up(seed: int, shape: str) -> None:
    rng = random.Random(seed)
    lines = CLASS.splitlines()
    for row in sorted(rng.sample(range(4, len(lines)), 2), reverse=True):
        if lines[row].strip() and "def " not in lines[row]:
            lines[row] = lines[row] + f"  # note {row}"
    expected = "\n".join(lines) + "\n"
    style = draw_style("python", rng)
    update = write_snippet(CLASS, expected, "python", rng, Style(shape=shape, before=style.before, after=style.after))
    if update is None:
        assert expected == CLASS
        return
    shown = [line for line in update.splitlines() if line.strip() and classify(line, "python") is None]
    assert set(shown) <= set(lines)
    assert set(lines) - set(CLASS.splitlines()) <= set(shown)
    assert shown == [line for line in lines if line in set(shown)] or len(set(lines)) < len(lines)
