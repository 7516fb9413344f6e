"""Lines, line ends and indentation: from a file's bytes to the LF text that the model sees, and back.

Only `SourceText` remembers the original's BOM and line ends. Between `SourceText.of` and `SourceText.restore`, every
`str` has "\\n" line ends.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from fastapply.errors import UsageError
from fastapply.text.diff import common_ends, line_hunks
from fastapply.types import Hunk

BOM = "\ufeff"
_LONG = 2000  # characters of a line that is compared whole

# str.splitlines also splits at form feed, U+2028, ..., unlike editors and compilers.
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_LINE_END = re.compile(r"\r\n|\r|\n")
_WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),  # before UTF-16, whose BOM is a prefix
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def split_lines(text: str) -> list[str]:
    """The lines of `text` with their ends. Only "\\n", "\\r\\n" and a lone "\\r" end a line. Joined they are `text`."""
    return _LINE.findall(text)


def decode(data: bytes) -> str:
    """The text of a file's bytes, including the BOM. Raises UsageError for anything but UTF-8 text."""
    for bom, name in _WIDE_BOMS:
        if data.startswith(bom):
            raise UsageError(f"the file is {name}, not UTF-8: convert it first (iconv -f {name} -t UTF-8)")
    zero = data.find(b"\0")
    if zero >= 0:
        raise UsageError(f"the file is binary (NUL at byte {zero}): only UTF-8 text can be edited")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"the file is not UTF-8 (byte {error.start}): convert it to UTF-8 first") from None


def encode(text: str) -> bytes:
    """The bytes to write for `text`. Raises UsageError for a lone surrogate, which no UTF-8 file can hold."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UsageError(f"the text holds a lone surrogate at character {error.start}: not UTF-8") from None


@dataclass(frozen=True)
class SourceText:
    """A file's text as read, and as the model sees it.

    `raw` has the original BOM and line ends. `text` has no BOM and only "\\n". `newline` is the most frequent line end
    ("\\n" if there is none).
    """

    raw: str
    text: str
    bom: bool
    newline: str

    @classmethod
    def of(cls, raw: str) -> SourceText:
        bom = raw.startswith(BOM)
        body = raw[1:] if bom else raw
        if "\r" not in body:
            return cls(raw, body, bom, "\n")
        ends = Counter(_LINE_END.findall(body))
        return cls(raw, _LINE_END.sub("\n", body), bom, max(ends, key=lambda end: ends[end]))

    @cached_property
    def raw_lines(self) -> tuple[str, ...]:
        """The raw lines with their own ends, without BOM. There are as many as in `text`."""
        return tuple(split_lines(self.raw[1:] if self.bom else self.raw))

    def restore(self, rewritten: str) -> str:
        """The raw text of a rewrite. Unchanged lines keep their bytes, new lines end like their neighbours. Every line
        end in `rewritten` counts as "\\n". A BOM in it is dropped."""
        rewritten = _LINE_END.sub("\n", rewritten) if "\r" in rewritten else rewritten
        return patched(self.raw, self.restore_hunks(line_hunks(self.text, self.without_new_bom(rewritten))))

    def without_new_bom(self, rewritten: str) -> str:
        """`rewritten` without a BOM that `text` lacks. An edit cannot add a BOM."""
        return rewritten if self.text.startswith(BOM) else rewritten.removeprefix(BOM)

    def restore_hunks(self, hunks: Sequence[Hunk]) -> tuple[Hunk, ...]:
        """The hunks of `text` with the line ends of the raw file, over the lines of `raw_lines`."""
        return tuple(self._restored(hunk) for hunk in hunks)

    def _restored(self, hunk: Hunk) -> Hunk:
        start, new = hunk.start_line, self._raw_new_lines(hunk)
        before = self.raw_lines[start - 1] if start else ""
        after = self.raw_lines[hunk.end_line] if hunk.end_line < len(self.raw_lines) else ""
        if before.endswith("\r") and "".join([*new, after]).startswith("\n"):
            start, new = start - 1, [before, *new]
        # A lone "\r" in front of a "\n" would merge two lines, so it becomes "\r\n".
        pairs = zip(new, [*new, after][1:], strict=True)
        apart = [line + "\n" if line.endswith("\r") and follows.startswith("\n") else line for line, follows in pairs]
        return Hunk(start, hunk.end_line, "".join(apart), hunk.reasons)

    def _raw_new_lines(self, hunk: Hunk) -> list[str]:
        lines = split_lines(hunk.new_text)
        last_replaced = max(hunk.start_line, hunk.end_line - 1)
        return [
            line[:-1] + self._newline_near(hunk, min(hunk.start_line + i, last_replaced))
            if line.endswith("\n")
            else line
            for i, line in enumerate(lines)
        ]

    def _newline_near(self, hunk: Hunk, replaced: int) -> str:
        """The line end of the replaced line. For an insertion, that of the line before it, or else after it."""
        near = (replaced, hunk.start_line - 1) if hunk.end_line > hunk.start_line else (replaced - 1, replaced)
        for number in near:
            if 0 <= number < len(self.raw_lines):
                end = _LINE_END.search(self.raw_lines[number])
                if end:
                    return end.group()
        return self.newline


def patched(raw: str, hunks: Sequence[Hunk]) -> str:
    """The raw text with ascending raw hunks applied, as `SourceText.restore_hunks` makes them."""
    lines = split_lines(raw.removeprefix(BOM))
    for hunk in reversed(hunks):
        lines[hunk.start_line : hunk.end_line] = [hunk.new_text]
    return BOM * raw.startswith(BOM) + "".join(lines)


def match_final_newline(original: str, rewritten: str) -> str:
    """`rewritten` with a final newline if and only if `original` has one. LF texts. An empty text stays empty.

    Models and snippets add or drop the final newline at random.
    """
    if not original or not rewritten:
        return rewritten
    if not original.endswith("\n"):
        return rewritten.rstrip("\n")
    return rewritten if rewritten.endswith("\n") else rewritten + "\n"


def indent_of(line: str) -> str:
    """The leading spaces and tabs of `line`."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def brief(line: str) -> str:
    """A line for comparison by similarity, which takes quadratic time: of a very long one the start and the end."""
    return line if len(line) <= _LONG else line[: _LONG // 2] + line[-_LONG // 2 :]


def starts_of(run: Sequence[str], lines: Sequence[str], first: int = 0) -> Iterator[int]:
    """Where the lines of `run`, at least one, stand in a row, from line `first` on."""
    size, whole = len(run), list(run)
    return (
        k for k in range(first, len(lines) - size + 1) if lines[k] == whole[0] and list(lines[k : k + size]) == whole
    )


def common_indent(lines: Sequence[str]) -> str:
    """The longest indent that all lines share, ignoring blank lines."""
    indents = [indent_of(line) for line in lines if line.strip()]
    low, high = min(indents, default=""), max(indents, default="")
    return low[: common_ends(low, high)[0]]
