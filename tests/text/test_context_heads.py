"""Context of a diff that only says in what a block is: the class or function far above what changes."""

from __future__ import annotations

import pytest

from fastapply.text.apply_blocks import apply_fitting, apply_replacements
from fastapply.text.formats import parse_update

HARBOUR = """\
module Harbour
  class Boat
    # one of many
    def load
      require_crane
    end

    def sail
      weigh_anchor
      set_course
    end
  end
end

if Harbour::Boat.loaded?
  require 'harbour/crane'
end
"""


def applied(diff: str) -> str:
    return apply_replacements(HARBOUR, parse_update(diff, path="a.rb", original=HARBOUR).replacements)


@pytest.mark.parametrize("head", [" module Harbour\n", " module Harbour\n   class Boat\n", ""])
def test_a_diff_names_the_block_far_above_what_it_deletes(head: str) -> None:
    gone = "-if Harbour::Boat.loaded?\n-  require 'harbour/crane'\n-end\n"
    diff = f"--- a/a.rb\n+++ b/a.rb\n@@ -90,9 +90,3 @@\n{head}   end\n end\n-\n{gone}"
    assert applied(diff) == HARBOUR[: HARBOUR.index("\nif Harbour")]


def test_what_is_deleted_may_follow_such_a_head_at_once() -> None:
    diff = "@@ -9,3 +9,3 @@\n   class Boat\n-      set_course\n+      set_course(:north)\n     end\n"
    assert applied(diff) == HARBOUR.replace("set_course", "set_course(:north)")


def test_a_new_line_right_below_such_a_head_is_not_moved_away_from_it() -> None:
    diff = "@@ -1,3 +1,4 @@\n module Harbour\n+  COUNT = 3\n   end\n end\n"
    applied_text = apply_fitting(HARBOUR, parse_update(diff, path="a.rb", original=HARBOUR).replacements).text
    assert "COUNT" not in applied_text.partition("class Boat")[2]
