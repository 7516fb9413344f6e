"""What a reading does to the gaps, the columns between the regions of two parts, as counts by feature name.

A gap stays or is deleted. `region_counts` counts what happens inside the regions, and `kept` what markers name.
"""

from __future__ import annotations

from functools import cached_property
from itertools import accumulate
from math import log1p

from fastapply.align.chunks import CLOSES
from fastapply.align.pairing import Pairing
from fastapply.align.parts import Part
from fastapply.align.reading import Counts

_FEW = 3  # lines; few authors write a marker for so few


class GapCounts:
    """Counts the gaps of one pairing."""

    def __init__(self, pairing: Pairing) -> None:
        self.pairing = pairing
        self.original = pairing.original
        self.snippet = pairing.snippet
        self.field = pairing.field
        self.parts = pairing.parts

    def kept(self, gap: int, marked: bool, first: bool) -> Counts:
        """Counts for `gap` lines that stay above a part. A marker should stand for more than a few lines."""
        counts: Counts = {}
        if marked and gap <= _FEW:
            counts["empty_marker" if not gap else "hides_one" if gap == 1 else "hides_few"] = 1.0
        elif not marked and gap and first:
            counts["open_start"] = 1.0
        return counts

    def kept_unmarked(self, part: Part, above: int, below: int) -> Counts:
        """Counts for the columns [above, below) that stay between two parts without a marker."""
        if below < len(self.field):
            line = self.field.solid[below]
            chunk = self.original.chunk_of[line]
            if chunk.header == line and self.field.columns(chunk).start == above:
                return {"kept_leading": 1.0}  # its decorators or its comment
        options = self.field.open_at[below]
        outer = options[-1].kind in ("file", "type")
        name = "kept_between" if outer else "kept_inside"
        if part.lines and CLOSES.match(self.snippet.stripped[part.start]):
            name = "kept_to_end"  # the part shows the end of the block, without a marker above
        if self.parts.has_markers:
            name += "_marked"
        said = self.pairing.wording.share(part, above, below)
        return {name: 1.0, "kept_lines": log1p(below - above), "kept_said": said}

    def gone(self, start: int, end: int, kind: str) -> Counts:
        """Counts for the columns [start, end) deleted without a partner."""
        headers, shown = self._headers_and_shown
        return {
            f"gone_{kind}": 1.0,
            f"gone_{kind}_lines": log1p(end - start),
            "gone_definitions": float(headers[end] - headers[start]),
            "gone_shown": log1p(shown[end] - shown[start]),
            "gone_keys": log1p(self._keys_shown[end] - self._keys_shown[start]),
        }

    @cached_property
    def _headers_and_shown(self) -> tuple[list[int], list[int]]:
        """For each boundary, how many columns above it head a definition that the snippet lacks, and how many have a
        text that it shows."""
        named = {chunk.name for chunk in self.snippet.definitions}
        shown = {self.snippet.stripped[line] for part in self.parts.units for line in part.lines}
        infos = (self.original.info[line] for line in self.field.solid)
        headers = (info.is_definition and info.name not in named for info in infos)
        return list(accumulate(headers, initial=0)), list(accumulate((t in shown for t in self.field.text), initial=0))

    @cached_property
    def _keys_shown(self) -> list[int]:
        """For each boundary, how many columns above it give a value to what a line of the snippet gives one to."""
        keys = set(self.pairing.keys) - {""}
        return list(accumulate((key in keys for key in self.field.keys), initial=0))
