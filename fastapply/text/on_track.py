"""The output of a model that writes, held back where it follows no candidate.

A small model loses its way: it repeats itself, forgets the placeholder of lines that it was not shown, or never ends.
What it wrote meanwhile must not be out, or nothing could be put in its place.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapply.text.diff import lf_lines

RETURNED = 2  # lines of a candidate in a row with which an output is back on its way


class OnTrack:
    """Passes text on while it follows one of `candidates`; holds it from where it leaves all of them until it is back.

    `placeholders` are lines that every candidate contains once, in the same order. An output is back only where it has
    written those that it has passed.
    """

    def __init__(self, candidates: Sequence[str], placeholders: Sequence[str] = ()) -> None:
        self._ways = [(candidate, 0) for candidate in candidates]  # those that the output follows, and its place there
        self._placeholders = frozenset(placeholders)
        self._held = ""
        self._left = False

    def push(self, chunk: str) -> str:
        """The further text that may be passed on."""
        self._held += chunk
        ready = "" if self._left else self._followed()
        while self._left and (back := self._back()):
            ready += back + self._followed()
        return ready

    @property
    def is_lost(self) -> bool:
        """Would the output, if it ended here, lack a placeholder, or be empty? Some models answer with nothing if they
        are not sure."""
        way, at = self._ways[0]
        return self._marks(self._held) != self._marks(way[at:]) or not (at or self._held.strip() or not way.strip())

    def finish(self) -> str:
        """The text that is held, for an output that ends here."""
        return self._held

    def rest(self) -> str:
        """What follows, in the likeliest candidate, the text that was passed on."""
        way, at = self._ways[0]
        return way[at:]

    def _followed(self) -> str:
        """Take from the held text what a candidate goes on with."""
        lengths = [_common(way, at, self._held) for way, at in self._ways]
        longest = max(lengths)
        self._ways = [
            (way, at + longest) for (way, at), length in zip(self._ways, lengths, strict=True) if length == longest
        ]
        ready, self._held = self._held[:longest], self._held[longest:]
        self._left = bool(self._held)
        return ready

    def _back(self) -> str:
        """The held text up to where it is on the way again; "" if it is not. Then the rest of it is held."""
        lines = [line for line in lf_lines(self._held) if line.endswith("\n")]
        for end in range(RETURNED + 1, len(lines) + 1):  # the first line may be the end of one that was begun before
            tail, written = "".join(lines[end - RETURNED : end]), "".join(lines[:end])
            if ways := [(way, place) for way, at in self._ways if (place := self._place(way, at, tail, written))]:
                self._ways, self._left = ways, False
                self._held = self._held[len(written) :]
                return written
        return ""

    def _place(self, way: str, at: int, tail: str, written: str) -> int:
        """The first place in `way`, from the line of `at` on, that is behind `tail` and has passed the placeholders of
        `written`; 0 if there is none."""
        if not tail.strip():
            return 0
        lines = "\n" + way  # now every line follows a newline
        found = lines.find("\n" + tail, lines.rfind("\n", 0, at + 1))
        while found >= 0:
            place = found + len(tail)
            if self._marks(way[at:place]) == self._marks(written):
                return place
            found = lines.find("\n" + tail, found + 1)
        return 0

    def _marks(self, text: str) -> list[str]:
        return [line for line in lf_lines(text) if line in self._placeholders]


def _common(way: str, at: int, text: str) -> int:
    """How many characters of `text` stand at `at` in `way`."""
    if way.startswith(text, at):
        return len(text)
    return next(k for k, character in enumerate(text) if way[at + k : at + k + 1] != character)
