"""Edits as they are sent: every kind says what changes, in its place, and nothing that a reader could not apply."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from fastapply.text.markers import MarkerKind, classify
from fastapply_lab.data import sent_styles
from fastapply_lab.data.answerable import ShownRows, answerable
from fastapply_lab.data.compare import ChangedLines
from fastapply_lab.data.history import Pair, sent_task
from fastapply_lab.data.sent import Sent, write_sent
from fastapply_lab.data.sent_bare import write_bare
from fastapply_lab.data.sent_diffs import hunks, slip, write_diff, write_hybrid, write_patch, write_search
from fastapply_lab.data.sent_edit import headers, natural_changes, read_edit, signature, stands_once, tail_of
from fastapply_lab.data.sent_lazy import write_lazy, write_ordered
from fastapply_lab.data.sent_markers import comment_at
from fastapply_lab.data.sent_rows import sketches
from fastapply_lab.data.shown import Sides

STORE = """\
import os
import sys


class Store:
    def __init__(self, path):
        self.path = path
        self.items = {}

    def load(self):
        with open(self.path) as file:
            return file.read()

    def save(
        self,
        text,
    ):
        with open(self.path, "w") as file:
            file.write(text)
        self.items[self.path] = text


def main():
    store = Store(os.environ["STORE"])
    print(store.load())
    store.save("done")
"""
METHOD = "\n    def clear(self):\n        os.remove(self.path)\n"
AT_END = STORE.replace("= text\n\n\ndef", f"= text\n{METHOD}\n\ndef")
BETWEEN = STORE.replace("return file.read()\n", f"return file.read()\n{METHOD}")
TWO = STORE.replace("import os\n", "import json\nimport os\n").replace("file.read()", "json.load(file)")
LOOP = STORE.replace("file.read()", "file.read().strip()").replace("file.write(text)", "file.write(str(text))")


def sides_of(expected: str, original: str = STORE, language: str = "python") -> Sides:
    read = read_edit(original, expected, language)
    assert read is not None
    return read[0]


def first(write: Callable[[random.Random], list[str] | None], wanted: Callable[[str], bool] = bool) -> str:
    """The first text of a hundred draws that is as wanted."""
    texts = ("\n".join(lines) + "\n" for seed in range(100) if (lines := write(random.Random(seed))) is not None)
    return next(text for text in texts if wanted(text))


def drawn(expected: str, original: str = STORE, count: int = 50) -> Iterator[Sent]:
    for seed in range(count):
        sent = write_sent(original, expected, "python", "app/store.py", random.Random(seed), "Change the store")
        if sent is not None:
            yield sent


# ---- what a change is


def test_an_insertion_begins_with_its_own_first_line() -> None:
    body = ["    if x:", "        y()", "    return 1", ""]
    old = ["def a():", *body, "def b():", *body]
    new = [*old[:5], "def c():", *body, *old[5:]]
    assert natural_changes(old, new) == [ChangedLines(5, 5, 5, 10)]
    assert natural_changes(new, old) == [ChangedLines(5, 10, 5, 5)]


def test_a_closer_stays_with_what_it_closes() -> None:
    old = ["{", "  a: {", "    x", "  },", "  b: {", "    x", "  },", "}"]
    new = [*old[:4], "  c: {", "    z", "  },", *old[4:]]
    assert natural_changes(old, new) == [ChangedLines(4, 4, 4, 7)]


def test_changes_of_blank_lines_alone_are_taken_back() -> None:
    read = read_edit("one\n\ntwo\nthree\n", "one\ntwo\nTHREE\n", "python")
    assert read is not None
    assert read[1] == "one\n\ntwo\nTHREE\n"
    assert read_edit("a\n\nb\n", "a\nb\n", "python") is None


def test_the_final_newline_is_the_original_s() -> None:
    read = read_edit("a\nb", "a\nB\n", "python")
    assert read is not None
    assert read[1] == "a\nB"


def test_headers_are_outermost_first_and_whole() -> None:
    lines = STORE.split("\n")
    row = lines.index("            file.write(text)")
    assert [lines[rows[0]].strip() for rows in headers(lines, row, "python")] == [
        "class Store:", "def save(", 'with open(self.path, "w") as file:',
    ]  # fmt: skip
    save = lines.index("    def save(")
    assert headers(lines, row, "python")[1] == range(save, save + 4) == signature(lines, save)


def test_headings_in_a_fence_are_none() -> None:
    text = ["# Top", "```sh", "# not one", "```", "text", "", "## Next"]
    assert headers(text, 4, "markdown") == [range(1)]


# ---- tails


def test_a_new_last_method_needs_its_class_and_a_marker_alone() -> None:
    text = first(lambda rng: write_lazy(sides_of(AT_END), "tail", rng), lambda text: text.startswith("class"))
    header, marker, *method = [line for line in text.split("\n") if line.strip()]
    assert header == "class Store:"
    assert classify(marker, "python") in (MarkerKind.KEEP, MarkerKind.BARE)
    assert method == ["    def clear(self):", "        os.remove(self.path)"]


@pytest.mark.parametrize("expected", [BETWEEN, LOOP, STORE.replace("    print(store.load())\n", "")])
def test_what_is_not_added_at_an_end_is_no_tail(expected: str) -> None:
    assert write_lazy(sides_of(expected), "tail", random.Random(1)) is None


def test_the_end_of_the_file_needs_no_header() -> None:
    sides = sides_of(STORE + "\n\nif __name__ == '__main__':\n    main()\n")
    assert tail_of(sides, sides.changed[0]) == []


def test_a_header_that_stands_twice_tells_no_place() -> None:
    twice = "def a():\n    if x:\n        one()\n\ndef b():\n    if x:\n        two()\n"
    changed = sides_of(twice.replace("one()\n", "one()\n        more()\n"), twice)
    assert tail_of(changed, changed.changed[0]) is None


def test_a_section_of_a_higher_level_is_not_inside() -> None:
    text = "# Top\n\n## One\n\n### Deep\n\ntext\n\n### Other\n\nmore\n"
    changed = sides_of(text.replace("text\n", "text\n\n## Two\n\nnew\n"), text, "markdown")
    assert tail_of(changed, changed.changed[0]) is None


def test_what_is_settled_needs_no_neighbour() -> None:
    old, new = ["a()", "b()", "c()"], ["a()", "b()", "x()", "c()"]
    change, block = ChangedLines(2, 2, 2, 3), [ShownRows(2, 3)]
    assert not answerable(old, new, [change], block, set())
    assert answerable(old, new, [change], block, set(), frozenset({2}))
    assert not answerable(old, new, [change], [ShownRows(0, 1)], set(), frozenset({2}))


# ---- lines of the result


def test_the_definition_above_an_insertion_may_be_a_sketch() -> None:
    sides = sides_of(BETWEEN)
    (rows,) = sketches(sides).values()
    shown = [sides.expected[row] for row in sorted(rows) if sides.expected[row]]
    assert shown == ["    def load(self):", *METHOD.strip("\n").split("\n")]
    text = first(
        lambda rng: write_lazy(sides, "open", rng),
        lambda text: "def load" in text and "with open" not in text and "class" not in text,
    )
    kinds = [classify(line, "python") for line in text.split("\n") if line.startswith("        ")]
    assert kinds[0] in (MarkerKind.KEEP, MarkerKind.BARE)


def test_several_methods_come_without_their_class() -> None:
    text = first(lambda rng: write_bare(sides_of(LOOP), rng), lambda text: "class" not in text)
    assert [line for line in text.split("\n") if "def " in line] == ["    def load(self):", "    def save("]
    assert "file.read().strip()" in text
    assert "self.items[self.path] = text" in text
    assert not any(classify(line, "python") for line in text.split("\n"))


def test_what_stands_in_no_definition_is_not_sent_bare() -> None:
    assert write_bare(sides_of(TWO), random.Random(1)) is None


def test_chunks_out_of_order_begin_with_the_later_one() -> None:
    text = first(lambda rng: write_ordered(sides_of(TWO), rng))
    assert text.index("json.load(file)") < text.index("import json")
    assert any(classify(line, "python") for line in text.split("\n")[1:-2])


def test_an_open_end_does_not_stop_at_what_opens_more() -> None:
    last = [text.rstrip("\n").split("\n")[-1] for seed in range(60)
            if (text := "\n".join(write_lazy(sides_of(BETWEEN), "open", random.Random(seed)) or []))]  # fmt: skip
    assert last
    assert not any(line.rstrip().endswith((":", "(", ",")) for line in last if not classify(line, "python"))


def test_one_function_keeps_its_head_whole() -> None:
    changed = STORE.replace("= text\n\n\ndef", "= str(text)\n\n\ndef")
    text = first(lambda rng: write_lazy(sides_of(changed), "inner", rng), lambda text: "open(" not in text)
    assert text.startswith("    def save(\n        self,\n        text,\n    ):\n")


def test_markers_of_embedded_languages() -> None:
    page = ["<div>", "</div>", "<script>", "a()", "</script>", "<style>", "b {}", "</style>", "<p>"]
    signs = [comment_at(page, row, "vue", "x") for row in (0, 3, 6, 8)]
    assert signs == ["<!-- x -->", "// x", "/* x */", "<!-- x -->"]


# ---- two sides


def apply_pairs(text: str, pairs: list[tuple[list[str], list[str]]]) -> str:
    """What a strict reader makes of pairs of old and new lines: each old side stands once, after the one before."""
    lines = text.split("\n")
    for old, new in reversed(pairs):
        places = [at for at in range(len(lines)) if lines[at : at + len(old)] == old]
        assert len(places) == 1, old
        lines[places[0] : places[0] + len(old)] = new
    return "\n".join(lines)


def signed_pairs(text: str) -> list[tuple[list[str], list[str]]]:
    """The old and the new side of each hunk of a diff or a patch, between lines with `@@`."""
    body = [line for line in text.rstrip("\n").split("\n") if not re.match(r"(---|\+\+\+|\*\*\*) ", line)]
    parts: list[list[str]] = [[]]
    for line in body:
        if line.startswith("@@"):
            parts.append([])
        else:
            parts[-1].append(line or " ")
    return [
        ([row[1:] for row in part if row[0] in " -"], [row[1:] for row in part if row[0] in " +"])
        for part in parts if part
    ]  # fmt: skip


def search_pairs(text: str) -> list[tuple[list[str], list[str]]]:
    found = re.findall(r"<{7} \w+\n(.*?)={7}\n(.*?)>{7} \w+", text, re.DOTALL)
    return [(old.split("\n")[:-1], new.split("\n")[:-1]) for old, new in found]


texts = st.lists(st.sampled_from("abcdefghij"), min_size=6, max_size=30).map(
    lambda names: [f"{name}_{number % 7} = {name} + {number}" for number, name in enumerate(names)]
)


@given(texts, st.data())
@examples(150)
def test_two_sided_kinds_say_the_edit_exactly(lines: list[str], data: st.DataObject) -> None:
    new = list(lines)
    for number in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(new) - 1, 0)))
        what = data.draw(st.sampled_from(["insert", "delete", "change"]))
        new[at : at + (what != "insert")] = [] if what == "delete" else [f"new_{number} = {at}"]
    original, expected = "\n".join(lines) + "\n", "\n".join(new) + "\n"
    read = read_edit(original, expected, "python")
    if read is None:
        return
    rng = random.Random(data.draw(st.integers(0, 1000)))
    patch = write_patch(read[0], rng, "a.py")
    if patch is not None:
        assert apply_pairs(original, signed_pairs("\n".join(patch))) == expected
    search = write_search(read[0], rng, "a.py")
    if search is not None and not any(line.startswith(":") for line in search):
        assert apply_pairs(original, search_pairs("\n".join(search))) == expected
    diff = write_diff(read[0], rng, "a.py", numbers=True)
    if diff is not None:
        assert apply_pairs(original, signed_pairs("\n".join(diff))) == expected


def test_every_hunk_has_one_place() -> None:
    for seed in range(30):
        for hunk in hunks(sides_of(LOOP), random.Random(seed), least=1) or []:
            assert stands_once(STORE.split("\n"), hunk.side("-"))
            assert STORE.split("\n")[hunk.old.start : hunk.old.stop] == hunk.side("-")
            assert LOOP.split("\n")[hunk.new.start : hunk.new.stop] == hunk.side("+")


def test_an_elision_stands_on_both_sides() -> None:
    deep = STORE.replace("self.items[self.path] = text", "self.items[self.path] = str(text)")
    text = first(lambda rng: write_search(sides_of(deep), rng, "a.py"), lambda text: "..." in text)
    ((old, new),) = search_pairs(text)
    assert old[:2] == new[:2]
    assert old[1] == "..."


def test_a_hybrid_has_markers_and_signs() -> None:
    text = first(lambda rng: write_hybrid(sides_of(LOOP), rng), lambda text: "existing" in text)
    assert re.search(r"^-\s+return file.read\(\)$", text, re.MULTILINE)
    assert re.search(r"^\+\s+return file.read\(\).strip\(\)$", text, re.MULTILINE)


def test_context_with_signs_of_its_own_needs_the_diff_s_blank() -> None:
    listed = "items:\n- alpha\n- beta\n- gamma\n- delta\n"
    sides = sides_of(listed.replace("- gamma", "- epsilon"), listed, "yaml")
    texts = [write_hybrid(sides, random.Random(seed)) for seed in range(60)]
    assert any(texts)
    assert all(line[0] in " +-@#." for lines in texts if lines for line in lines)
    assert all(sum(line.startswith("-") for line in lines) == 1 for lines in texts if lines)


# ---- all together


def test_every_kind_is_sent_and_most_are_plain() -> None:
    edits = (AT_END, BETWEEN, TWO, LOOP)
    counts = Counter(sent.style.split("+")[0] for edit in edits for sent in drawn(edit, count=70))
    assert set(counts) >= set(sent_styles.KINDS) - {"whole"}  # which is rare
    assert counts["lazy"] + counts["open"] + counts["tail"] + counts["bare"] > 0.5 * counts.total()


@pytest.mark.parametrize("expected", [AT_END, BETWEEN, TWO, LOOP])
def test_every_new_line_is_in_the_update(expected: str) -> None:
    old = [line.strip() for line in STORE.split("\n")]
    new = [line.strip() for line in expected.split("\n") if line.strip() and line.strip() not in old]
    for sent in drawn(expected):
        shown = [re.sub(r"^[-+]", "", line).strip() for line in sent.update.split("\n")]
        assert all(line in shown for line in new), sent.update


def test_a_slip_is_small() -> None:
    line = "    x = call(1,  'a')  # why"
    mild = {slip(line, random.Random(seed), mild=True) for seed in range(30)}
    assert mild == {"    x = call(1,  'a')", "    x = call(1, 'a') # why"}
    assert "    x=call(1,  'a')  # why" in {slip(line, random.Random(seed)) for seed in range(30)}
    assert slip("}", random.Random(1)) == "}"


def test_new_lines_are_quoted_right() -> None:
    slipped = [sent for sent in drawn(LOOP, count=300) if "misquoted" in sent.style]
    assert slipped
    assert all("return file.read().strip()" in sent.update for sent in slipped)
    assert all("file.write(str(text))" in sent.update for sent in slipped)


def test_the_style_stands_in_the_id() -> None:
    pair = Pair("x/y", "app/store.py", STORE, LOOP, "fix: Strip what is read (#12)", "0" * 40)
    tasks = [task for seed in range(40) if (task := sent_task(pair, random.Random(seed), "x/y@0:app/store.py"))]
    assert {task.id.split("#")[0] for task in tasks} == {"x/y@0:app/store.py"}
    assert all(task.id.split("#")[1].split("+")[0] in sent_styles.KINDS for task in tasks)
    assert {task.instruction for task in tasks} == {"Strip what is read", ""}
    assert all(task.expected == LOOP for task in tasks)
