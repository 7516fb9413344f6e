"""Counts of readings that go on in another block than the snippet shows, and the order that an instruction tells."""

from __future__ import annotations

import pytest

from fastapply.align.beam import Breadth
from fastapply.align.propose import Candidate, Proposer
from fastapply.judge.weights import PROPOSE

FILE = """\
class Crawler {
  visit(url) {
    const page = this.load(url);
    for (const link of page.links) {
      this.queue.push(link);
    }
    return page;
  }

  again(url) {
    const page = this.load(url);
    this.pages.set(url, page);
    return page;
  }
}
"""


def candidates(
    update: str, original: str = FILE, language: str = "javascript", instruction: str = ""
) -> list[Candidate]:
    proposer = Proposer(original[:-1], update[:-1], language, instruction, PROPOSE, Breadth())
    return proposer.candidates()


def counted(name: str, found: list[Candidate]) -> dict[bool, set[str]]:
    """The texts of the candidates that have this count, and of those that do not."""
    return {has: {c.text for c in found if (name in c.counts) is has} for has in (True, False)}


@pytest.mark.parametrize(
    ("marker", "leaves"), [("    // ...", True), ("// ...", False)], ids=["in it", "at the margin"]
)
def test_a_line_below_a_marker_leaves_the_block_that_holds_both(marker: str, leaves: bool) -> None:
    update = f"  visit(url) {{\n{marker}\n    this.pages.set(url, page, true);\n// ...\n"
    elsewhere = FILE.replace("set(url, page)", "set(url, page, true)")[:-1]
    assert elsewhere in counted("left_block", candidates(update))[leaves]


def test_lines_shown_together_stay_in_one_block() -> None:
    loop = FILE[FILE.index("    for") : FILE.index("    return page;")]
    update = loop + "    this.pages.set(url, page);\n    return page;\n  }\n"
    found = candidates("  visit(url) {\n    // ...\n" + update)
    told = {"left_block", "closes_other", "gone_definitions"}
    split = {has: {c.text for c in found if bool(told & c.counts.keys()) is has} for has in (True, False)}
    start, end = FILE.index("    return page;"), FILE.index("    this.pages")
    assert (FILE[:start] + FILE[end:])[:-1] not in split[False]  # without the head of the other method
    assert (FILE[:start] + "    this.pages.set(url, page);\n" + FILE[start:])[:-1] in split[False]


def test_a_new_function_stands_where_the_answer_says_in_spite_of_the_order_of_its_blocks() -> None:
    original = "__all__ = ('load', 'save')\n\n\ndef load(x):\n    return x\n\n\ndef save(x):\n    return -x\n"
    new = "def sync(x):\n    return 2 * x\n"
    update = new + "# ...\n__all__ = ('load', 'save', 'sync')\n# ...\n"
    meant = original.replace("'save'", "'save', 'sync'").replace("def save", new + "\n\ndef save")[:-1]
    found = candidates(update, original, "python", "Put it directly after `load`. Export it.")
    assert meant in {candidate.text for candidate in found}


def test_what_ends_a_part_and_stands_in_the_file_as_it_is_keeps_its_indentation() -> None:
    old = "\tif failed() {\n\t\tvar code int\n\t\texit(code)\n\t}\n"
    new = "\tvar code int\n\tswitch {\n\tcase failed():\n\t\texit(code)\n\t}\n"
    original = f"func main() {{\n\trun(\n\t\ta,\n\t\tb,\n\t)\n{old}}}\n"
    update = f"func main() {{\n\trun(\n\t\t// ...\n\t)\n{new}}}\n"
    found = candidates(update, original, "go")
    reindented = {c.text for c in found if "reindented_edges" in c.counts}
    assert original.replace(old, new)[:-1] in {c.text for c in found} - reindented
    assert reindented
