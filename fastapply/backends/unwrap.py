"""The file inside a streamed answer: what stands between the opening and the last closing, given on as it arrives."""

from __future__ import annotations


class AnswerText:
    """Text is held back until the opening is there, and again from the last closing seen on: if more text follows, it
    was content; if not, it was the end. Without an opening and a closing everything is content.

    `closed`: both were found; else the answer is not what was asked for, and all of it is given.
    """

    def __init__(self, opening: str, closing: str) -> None:
        self._opening = opening.removesuffix("\n")
        self._newline = opening.endswith("\n")
        self._closing = closing
        self._held = ""
        self._inside = not opening
        self.closed = not opening and not closing

    def push(self, text: str) -> str:
        """What is certain now."""
        self._held += text
        if not self._inside and not self._enter():
            return ""
        if not self._closing:
            ready, self._held = self._held, ""
            return ready
        cut = self._held.rfind(self._closing)
        self.closed = cut >= 0
        if cut < 0:
            cut = len(self._held) - self._partial()
        ready, self._held = self._held[:cut], self._held[cut:]
        return ready

    def finish(self) -> str:
        """What was held back and is content after all."""
        return "" if self.closed else self._held

    def _enter(self) -> bool:
        start = self._held.find(self._opening)
        after = start + len(self._opening)
        if start < 0 or (self._newline and len(self._held) == after):  # its newline may follow
            return False
        self._held = self._held[after:].removeprefix("\n") if self._newline else self._held[after:]
        self._inside = True
        self.closed = not self._closing
        return True

    def _partial(self) -> int:
        """Length of the longest end of the held text with which a closing may begin."""
        longest = min(len(self._closing) - 1, len(self._held))
        return next((n for n in range(longest, 0, -1) if self._closing.startswith(self._held[-n:])), 0)
