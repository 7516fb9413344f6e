"""Stream the final text while it is written. The pieces add up to exactly the text of the result.

The model writes LF text, but a client gets the file's own line ends, BOM and final newline. So the pieces are made from
the settled hunks and the raw lines between them.
"""

from __future__ import annotations

from fastapply.text.lines import BOM, SourceText
from fastapply.types import ApplyResult, Delta


class TextStream:
    """`push` each delta, then `finish` with the result."""

    def __init__(self, original: str) -> None:
        source = SourceText.of(original)
        self._lines = source.raw_lines
        self._done = 0  # lines of the original that are written or replaced
        self._head = BOM if source.bom else ""
        self._pieces: list[str] = []
        # If line ends are mixed, only the whole rewrite determines which lines keep theirs.
        self._whole = original.count("\r") not in (0, original.count("\r\n")) or (
            0 < original.count("\r\n") < original.count("\n")
        )

    def push(self, delta: Delta) -> str:
        """The further text that is certain now; often empty."""
        if self._whole:
            return ""
        parts = [] if self._pieces else [self._head]
        for hunk in delta.hunks:
            parts += self._lines[self._done : hunk.start_line]
            parts.append(hunk.new_text)
            self._done = hunk.end_line
        if delta.lines_done > self._done:
            parts += self._lines[self._done : delta.lines_done]
            self._done = delta.lines_done
        piece = "".join(parts)
        if piece:
            self._pieces.append(piece)
        return piece

    def finish(self, result: ApplyResult) -> str:
        """The rest of the text. Raises ValueError (a bug) if the result does not begin with the pieces so far."""
        written = "".join(self._pieces)
        if not result.text.startswith(written):
            raise ValueError("the streamed text is not the text of the result")
        return result.text[len(written) :]
