"""Diff headers as tools and models write them: complete or incomplete, below a mail or a remark."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapply.text.comments import uncomment
from fastapply.text.signed import Known
from fastapply.text.wrapping import looks_like_code

HUNK_HEADER = re.compile(r"@@(?: ?-(?P<line>\d+)(?:,\d+)? \+\d+(?:,\d+)? ?@@(?!@).*|(?P<heading> .*))?")
PATCH_FILE = re.compile(r"\*\*\* (?P<verb>Update|Add|Delete) File: (?P<path>.+?)\s*")
NUMBERED = re.compile(r"@@ ?-(?P<line>\d+)(?:,\d+)? \+\d+(?:,\d+)? ?@@(?!@)")
_HEADER_LINE = re.compile(
    r"diff --git .+|index [0-9a-f]+\.\.[0-9a-f]+.*|Index: .+|={20,}|(?:old|new|new file|deleted file) mode \d+"
    r"|(?:dis)?similarity index .+|(?:rename|copy) (?:from|to) .+|(?P<side>---|\+\+\+) \S.*|Binary files .+"
    r"|GIT binary patch"
)
_HISTORY = re.compile(r"From [0-9a-f]{7,40} .*|commit [0-9a-f]{7,40}\b.*")
_SIGNATURE = re.compile(r"\d+\.\d+[\w.-]*(?: \(.*\))?")


def header_end(lines: Sequence[str], start: int, inside: bool) -> int:
    """The line below the file header that opens at `start`, or `start` if none does. `inside`: there are hunks above,
    so a removed line may look like a header."""
    if not _opens(lines, start, inside):
        return start
    for number in range(start, len(lines)):
        found = _HEADER_LINE.fullmatch(lines[number])
        other_file = number > start and lines[number].startswith("diff --git ")
        if found is None or other_file or (found["side"] and not _is_side(lines, start, number)):
            return number
    return len(lines)


def _is_side(lines: Sequence[str], start: int, number: int) -> bool:
    """Does a line name the old or new file of the header at `start`, rather than remove a comment? It must be beside
    the other name or right above the hunks."""
    other = "+++ " if lines[number].startswith("--- ") else "--- "
    above = lines[number - 1] if number > start else ""
    below = lines[number + 1] if number + 1 < len(lines) else ""
    if any(line[:4] == lines[number][:4] for line in lines[start:number]):
        return False
    return above.startswith(other) or below.startswith(other) or bool(HUNK_HEADER.fullmatch(below))


def _opens(lines: Sequence[str], number: int, inside: bool) -> bool:
    line = lines[number]
    below, third = [*lines[number + 1 : number + 3], "", ""][:2]
    if line.startswith("diff --git "):
        return True
    if line.startswith("Index: "):
        return below.startswith(("====", "--- ")) or bool(HUNK_HEADER.fullmatch(below))
    one, other = ("--- ", "+++ ") if line.startswith("--- ") else ("+++ ", "--- ")
    if not line.startswith(one) or not line[4:].strip():
        return False
    # "--- x" and "+++ y" may also be a removed and an added line.
    if below.startswith(other):
        return not inside or (one == "--- " and third.startswith("@@"))
    return not inside and bool(HUNK_HEADER.fullmatch(below))


def named_in(header: Sequence[str]) -> str:
    """The new name in a header, or else the old one. "" if it has none."""
    for start in ("+++ ", "--- ", "diff --git ", "Index: "):
        line = next((line for line in header if line.startswith(start)), None)
        if line is not None:
            name = line[len(start) :].split("\t")[0].strip()
            return name.split(" ")[-1] if start == "diff --git " else name
    return ""


def bare_diff(lines: Sequence[str], known: Known) -> Sequence[str]:
    """A diff or patch without the mail around it or the remarks above it."""
    start = next((i for i in range(len(lines)) if _is_plain_opener(lines, i)), None)
    if start is None or known.has(lines[start]) or not _is_preface(lines[:start], known):
        return lines
    return _without_signature(lines[start:]) if start and _HISTORY.fullmatch(lines[0]) else lines[start:]


def _is_plain_opener(lines: Sequence[str], number: int) -> bool:
    line = lines[number]
    if line.strip() == "*** Begin Patch" or PATCH_FILE.fullmatch(line) or NUMBERED.match(line):
        return True
    return line.startswith(("diff --git ", "--- ", "+++ ")) and _opens(lines, number, False)


def _is_preface(above: Sequence[str], known: Known) -> bool:
    if above and _HISTORY.fullmatch(above[0]):
        return True
    if any(line.lstrip().startswith(("```", "~~~")) for line in above):
        return False  # the diff is in a fence, which `unwrap` takes off
    return not any(known.has(line) or (looks_like_code(line) and not _names_file(line)) for line in above)


def _names_file(line: str) -> bool:
    """Is a line a comment that contains only a path?"""
    words, opener = uncomment(line)
    return bool(opener) and " " not in words and bool(re.search(r"[./]\w", words))


def _without_signature(lines: Sequence[str]) -> Sequence[str]:
    """The lines without the version below `-- ` at the end of git's mails."""
    filled = [i for i, line in enumerate(lines) if line.strip()]
    ends = len(filled) > 2 and lines[filled[-2]].rstrip() == "--" and _SIGNATURE.fullmatch(lines[filled[-1]])
    return lines[: filled[-2]] if ends else lines
