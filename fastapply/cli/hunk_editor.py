"""Show one hunk as text in an editor, as `git add -p` does, and read it back.

Each line has a sign: a blank if it stays, `-` if it is removed, `+` if it is added.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path

from fastapply.cli.hunks import CONTEXT
from fastapply.errors import FastApplyError, UsageError
from fastapply.text.diff import diff_lines, lf_lines
from fastapply.text.lines import SourceText
from fastapply.types import Hunk

_COMMENT = """\
# To keep a line with -, replace the - by a blank. To leave out a line with +, delete it.
# New lines begin with +. Lines that begin with # here, and all below them, are not part of the hunk.
# If nothing is left above, the hunk stays as it was.
"""


def hunk_as_text(original: str, hunk: Hunk, before: int, after: int) -> str:
    """The hunk with the lines around it. No other hunk changes the original's lines [before, after)."""
    lines, start, end = _region(original, hunk, before, after)
    rows = [
        *(f" {line}" for line in lines[start : hunk.start_line]),
        *(f"-{line}" for line in lines[hunk.start_line : hunk.end_line]),
        *(f"+{line}" for line in _bare_lines(hunk.new_text)),
        *(f" {line}" for line in lines[hunk.end_line : end]),
    ]
    return "".join(f"{row}\n" for row in rows) + _COMMENT


def read_hunk(original: str, hunk: Hunk, before: int, after: int, text: str) -> tuple[Hunk, ...] | None:
    """The hunks that the edited text stands for; None if nothing was left of it.

    Raises:
        UsageError: a line has no sign, or the lines that stay or are removed are not the file's.
    """
    rows = list(takewhile(lambda row: not row.startswith("#"), text.removesuffix("\n").split("\n")))
    if not any(rows):
        return None
    lines, start, end = _region(original, hunk, before, after)
    new, at = [], start
    for number, row in enumerate(rows, 1):
        sign = row[:1] or " "  # many editors remove trailing blanks
        if sign == "+":
            new.append(row[1:])
            continue
        if sign not in " -":
            raise UsageError(f"line {number} begins neither with a blank nor with - or +")
        if at == end or row[1:].rstrip() != lines[at].rstrip():
            raise UsageError(f"line {number} is not marked with + and differs from line {at + 1} of the file")
        if sign == " ":
            new.append(lines[at])
        at += 1
    if at != end:
        raise UsageError(f"line {at + 1} of the file is missing")
    source = SourceText.of(original)
    rewritten = "\n".join(new) + "\n" if new else ""
    if not _ends_with_newline(source, hunk, end):
        rewritten = rewritten.removesuffix("\n")
    old = lf_lines(source.text)[start:end]
    return source.restore_hunks(tuple(diff_lines(old, lf_lines(rewritten), offset=start)))


def _region(original: str, hunk: Hunk, before: int, after: int) -> tuple[Sequence[str], int, int]:
    """The original's lines without line ends, and the range of lines to show."""
    return _bare_lines(original), max(before, hunk.start_line - CONTEXT), min(after, hunk.end_line + CONTEXT)


def _bare_lines(text: str) -> list[str]:
    return [line.removesuffix("\n") for line in lf_lines(SourceText.of(text).text)]


def _ends_with_newline(source: SourceText, hunk: Hunk, end: int) -> bool:
    """Whether the last line shown would end with a newline if the hunk were taken unedited."""
    if end < len(source.raw_lines):
        return True
    if end > hunk.end_line:
        return source.text.endswith("\n")
    return not hunk.new_text or hunk.new_text.endswith(("\n", "\r"))


def edit_text(text: str) -> str:
    """The text after the user has edited it. Raises FastApplyError if there is no editor or it fails."""
    said = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        command = shlex.split(said)
    except ValueError as error:
        raise FastApplyError(f"the editor `{said}` cannot be started: {error}") from None
    with tempfile.TemporaryDirectory(prefix="fastapply-") as folder:
        path = Path(folder) / "hunk.diff"
        path.write_bytes(text.encode())
        try:
            status = subprocess.run([*command, str(path)], check=False).returncode
        except OSError as error:
            raise FastApplyError(f"the editor `{command[0]}` cannot be started: {error.strerror}; set EDITOR") from None
        if status:
            raise FastApplyError(f"the editor `{command[0]}` failed: the hunk is as it was")
        try:
            return SourceText.of(path.read_text(encoding="utf-8")).text
        except UnicodeDecodeError:
            raise FastApplyError("what the editor wrote is not UTF-8: the hunk is as it was") from None
