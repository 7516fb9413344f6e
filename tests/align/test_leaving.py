"""Markers below which a snippet leaves a block, though its lines are deeper than the head of that block."""

from __future__ import annotations

import pytest

from fastapply.align.chunks import Outline
from fastapply.align.rows import read_snippet

FILE = """\
setup() {
  mkdir -p out
}

clean() {
  rm -rf out
}

first() {
  if ! test -f first; then
      echo "first is missing"
      fetch first
  fi
}
"""


def around(update: str, line: str) -> list[str]:
    """The names of the chunks of the snippet around a line."""
    _, outline = read_snippet(update, "bash", Outline(FILE.split("\n"), "bash"))
    chunk = outline.chunk_of[outline.stripped.index(line)]
    return [each.name for each in chunk.chain()][:-1]


def test_lines_that_stand_elsewhere_leave_the_block() -> None:
    update = 'clean() {\n# ...\n      echo "first is missing"\n      fetch first second\n# ...\n'
    assert around(update, 'echo "first is missing"') == []


@pytest.mark.parametrize(
    "update",
    [
        "clean() {\n# ...\n  rm -rf out\n  rm -rf tmp\n}\n",  # the file has the line in this block
        "clean() {\n# ...\n  rm -rf tmp\n}\n",  # the file lacks it
        'clean() {\n    # ...\n  echo "first is missing"\n}\n',  # the marker is inside
    ],
)
def test_others_stay_in_it(update: str) -> None:
    line = next(text.strip() for text in update.split("\n")[2:] if text.strip())
    assert around(update, line) == ["clean"]


def test_deeper_lines_below_a_marker_do_not_belong_to_a_block_that_is_closed() -> None:
    """It has its closer; the marker stands for the head of another one."""
    update = 'helper() {\n  echo "helping"\n}\n# ...\n      fetch first second\n  fi\n'
    assert around(update, "fetch first second") == []
