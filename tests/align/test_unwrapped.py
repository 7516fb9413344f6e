"""A block whose inside stays while its head and its end go: the snippet shows the inside, one step further out."""

from __future__ import annotations

import pytest
from candidates import ranked

from fastapply.align.chunks import Outline

RUBY = """\
  def perform(rows)
    @logger.info("begins")
    @db.transaction do
      rows.each do |row|
        @db.insert(:plants, row)
      end
      @db.insert(:imports, count: rows.size)
    end
    @logger.info("done")
  end
"""
GO = """\
func run(jobs []Job) {
	start()
	if verbose {
		for _, job := range jobs {
			job.Do()
		}
	}
	stop()
}
"""
CSS = """\
.page {
  margin: 0;
}

@supports (display: grid) {
  .gallery {
    display: grid;
  }

  .gallery > figure {
    margin: 1px;
  }
}

.caption {
  color: red;
}
"""


def _without(text: str, head: str, end: str, step: str) -> str:
    """The text with one block unwrapped."""
    above, inside = text.split(head + "\n")
    inside, below = inside.split(f"\n{end}\n", 1)
    return above + "\n".join(line.removeprefix(step) for line in inside.split("\n")) + "\n" + below


@pytest.mark.parametrize(
    ("original", "language", "head", "end", "step", "shown"),
    [
        (RUBY, "ruby", "    @db.transaction do", "    end", "  ", (2, 6)),
        (GO, "go", "\tif verbose {", "\t}", "\t", (2, 5)),
        (CSS, "css", "@supports (display: grid) {", "}", "  ", (4, 11)),
    ],
)
@pytest.mark.parametrize("marker", ["# ... existing code ..."])
def test_the_block_is_taken_away_around_what_stays(original, language, head, end, step, shown, marker) -> None:
    expected = _without(original, head, end, step)
    marker = {"go": "// ...", "css": "/* ... */"}.get(language, marker)
    lines = expected.split("\n")[shown[0] : shown[1]]
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    update = "\n".join([indent + marker, *lines, indent + marker]) + "\n"
    found = ranked(original, update, language, "Remove the block around it.")
    assert expected in [candidate.text for candidate in found]


def test_a_rule_around_others_does_not_belong_to_the_first_of_them() -> None:
    outline = Outline(CSS.split("\n"), "css")
    gallery = next(chunk for chunk in outline.chunks if chunk.name == ".gallery")
    assert gallery.start == gallery.header
    assert gallery.parent is not None
    assert gallery.parent.name == "@supports (display: grid) {"
