"""Extract the file from a streamed answer: the text between the opening and the last closing, as it arrives."""

from __future__ import annotations


class AnswerText:
    """Holds text back until the opening has come, and again from the last closing on: more text after a closing makes
    that closing content. An empty opening and closing make everything content.

    `closed`: both were found. If they were not, `finish` returns what is still held back.
    """

    def __init__(self, opening: str, closing: str) -> None:
        self._opening = opening.removesuffix("\n")
        self._newline = opening.endswith("\n")
        self._closing = closing
        self._held = ""
        self._inside = not opening
        self.closed = not opening and not closing

    def push(self, text: str) -> str:
        """The further content that is certain now."""
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
        """The rest of the content: text that was held back in case a closing came."""
        return "" if self.closed else self._held

    def _enter(self) -> bool:
        start = self._held.find(self._opening)
        after = start + len(self._opening)
        if start < 0 or (self._newline and len(self._held) == after):  # the opening's newline may follow
            return False
        self._held = self._held[after:].removeprefix("\n") if self._newline else self._held[after:]
        self._inside = True
        self.closed = not self._closing
        return True

    def _partial(self) -> int:
        """The length of the longest suffix of the held text with which a closing may begin."""
        longest = min(len(self._closing) - 1, len(self._held))
        return next((n for n in range(longest, 0, -1) if self._closing.startswith(self._held[-n:])), 0)
