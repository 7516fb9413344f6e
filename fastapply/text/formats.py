"""Update formats: what kind of update a text is, and its parts.

Every update that is not a diff is a snippet: lazy snippets, whole files, bare methods. Diffs of every kind become
`Replacement`s (`text/apply_blocks` applies them).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePath

from fastapply.errors import UsageError
from fastapply.text.comments import uncomment
from fastapply.text.diff_headers import HUNK_HEADER, NUMBERED, PATCH_FILE, bare_diff, header_end, named_in
from fastapply.text.lines import SourceText
from fastapply.text.replacements import Replacement
from fastapply.text.rows import Role, Row, split_at_rests
from fastapply.text.signed import Known, looks_hybrid, signed_rows, unshifted
from fastapply.text.wrapping import Wrapped, is_diff_file, looks_like_code, unwrap


class UpdateKind(StrEnum):
    """The formats that are distinguished."""

    SNIPPET = "snippet"
    UNIFIED_DIFF = "unified_diff"
    SEARCH_REPLACE = "search_replace"
    PATCH = "patch"


@dataclass(frozen=True, slots=True)
class Update:
    """An update without its wrapping. `text` is LF. `replacements` is empty for a snippet.

    `left_out`: the first line of each code block that is no part of the edit. `said`: the prose around the blocks.
    """

    kind: UpdateKind
    text: str
    replacements: tuple[Replacement, ...] = ()
    left_out: tuple[str, ...] = ()
    said: str = ""


def parse_update(update: str, *, path: str | None = None, original: str | None = None) -> Update:
    """Recognise and parse an update for the file `path`. `original`, the file's LF text, settles what looks cannot:
    whether a line begins with a sign, and which ======= divides a block.

    Raises UsageError for an empty or broken update.
    """
    known = Known.of(original)
    whole = SourceText.of(update).text
    if not whole.strip():
        raise UsageError("the update is empty: give a snippet or a diff")
    if is_diff_file(path):
        return Update(UpdateKind.SNIPPET, whole)
    if _looks_search_replace(_split(whole)) or _is_cut_off(
        _split(whole), known
    ):  # before unwrapping, since each block may have its own fence
        return _taken_apart(UpdateKind.SEARCH_REPLACE, whole, _parse_search_replace(_split(whole), known))
    wrapped = unwrap(whole, path, original)
    return replace(_unwrapped(wrapped, path, known), left_out=wrapped.left_out, said=wrapped.said)


def _unwrapped(wrapped: Wrapped, path: str | None, known: Known) -> Update:
    lines = _split(wrapped.text)
    if not wrapped.text.strip():
        raise UsageError("the update is empty inside its fence or tag: give a snippet or a diff")
    if _looks_search_replace(lines):  # old and new code, each in a block of its own
        return _taken_apart(UpdateKind.SEARCH_REPLACE, wrapped.text, _parse_search_replace(lines, known))
    lines = list(bare_diff(lines, known))
    if _looks_patch(lines):
        return _taken_apart(UpdateKind.PATCH, wrapped.text, _parse_patch(lines, known))
    if _looks_unified(lines, wrapped.info):
        return _taken_apart(UpdateKind.UNIFIED_DIFF, wrapped.text, _parse_unified(lines, path, known))
    if looks_hybrid(lines, known):
        bodies = (body for _, body in _hunks(unshifted(lines, known)))
        parts = (part for body in bodies for part in _replacement(body, known, hybrid=True))
        return _taken_apart(UpdateKind.UNIFIED_DIFF, wrapped.text, parts)
    snippet = SourceText.of(wrapped.text).text  # the fence may contain a BOM
    return Update(UpdateKind.SNIPPET, _without_place(snippet, path, known))


def _without_place(snippet: str, path: str | None, known: Known) -> str:
    """The snippet without a leading comment that only names its file."""
    first, _, rest = snippet.lstrip("\n").partition("\n")
    said, opener = uncomment(first)
    said = re.sub(r"^(?:file(?:name)?|path):\s*", "", said.strip("`* "), flags=re.IGNORECASE)
    place = PurePath(path) if path and opener and said and first.strip() not in known.stripped else None
    named = place is not None and place.parts[-len(PurePath(said).parts) :] == PurePath(said).parts
    return rest if named and rest.strip() else snippet


def form_of(text: str) -> UpdateKind:
    """The format of an LF text without wrapping. SEARCH/REPLACE blocks may have fences."""
    lines = _split(text)
    if not text.strip():
        return UpdateKind.SNIPPET
    if _looks_search_replace(lines):
        return UpdateKind.SEARCH_REPLACE
    if _looks_patch(lines):
        return UpdateKind.PATCH
    headed = lines[0].startswith("diff --git ") or _looks_unified(lines, "")
    return UpdateKind.UNIFIED_DIFF if headed else UpdateKind.SNIPPET


def _taken_apart(kind: UpdateKind, text: str, parts: Iterator[Replacement]) -> Update:
    replacements = tuple(parts)
    if not replacements:
        raise UsageError(f"the update looks like a {kind.value.replace('_', ' ')} but changes nothing")
    return Update(kind, text, replacements)


def _split(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


# Unified diffs ------------------------------------------------------------------------------------------------------


def _looks_unified(lines: Sequence[str], info: str) -> bool:
    filled = [line for line in lines if line.strip()]
    end = header_end(filled, 0, False)
    if not any(line.startswith(("+", "-")) for line in filled[end:]):
        return False
    return end > 0 or info in ("diff", "patch") or HUNK_HEADER.fullmatch(filled[0]) is not None


def _parse_unified(lines: Sequence[str], path: str | None, known: Known) -> Iterator[Replacement]:
    files = list(_diff_files(lines))
    if len(files) > 1:
        name = PurePath(path).name if path else None
        files = [(target, body) for target, body in files if PurePath(target).name == name]
    if len(files) != 1:
        raise UsageError(
            "the update is a diff of several files: give the part for this file alone, or apply it to their directory"
        )
    for header, body in _hunks(unshifted(files[0][1], known)):
        heading = header["heading"].strip().removesuffix("@@").strip() if header and header["heading"] else ""
        yield from _replacement(body, known, header, (heading,) if known.has(heading) else ())


def _diff_files(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each file's new name ("" if there is none) and the lines below its header."""
    target, body, number = "", list[str](), 0
    while number < len(lines):
        end = header_end(lines, number, bool(body))
        if end == number:
            body.append(lines[number])
            number += 1
            continue
        if any(other.startswith(("@@", "+", "-")) for other in body):
            yield target, body
        target, body, number = named_in(lines[number:end]), [], end
    if body:
        yield target, body


def _hunks(lines: Sequence[str]) -> Iterator[tuple[re.Match[str] | None, list[str]]]:
    header: re.Match[str] | None = None
    body: list[str] = []
    for line in lines:
        found = HUNK_HEADER.fullmatch(line)
        if found:
            yield header, body
            header, body = found, []
        else:
            body.append(line)
    yield header, body


def _replacement(
    body: Sequence[str],
    known: Known,
    header: re.Match[str] | None = None,
    anchors: tuple[str, ...] = (),
    *,
    hybrid: bool = False,
) -> Iterator[Replacement]:
    """The replacement of one hunk body, if it changes anything."""
    while body and not body[-1]:  # blank lines between hunks are not context
        body = body[:-1]
    rows = signed_rows(body, known, hybrid=hybrid)
    if not any(row.role is Role.CODE for row in rows):
        yield from _of_rows(rows, header, anchors)
        return
    for part in split_at_rests(rows):
        yield from _of_rows(part, None, anchors)


def _of_rows(rows: Sequence[Row], header: re.Match[str] | None, anchors: tuple[str, ...]) -> Iterator[Replacement]:
    before = tuple(row.text for row in rows if row.role in (Role.CONTEXT, Role.GONE, Role.REST))
    after = tuple(row.text for row in rows if row.role is not Role.GONE)
    if before == after:
        return
    hint = int(header["line"]) if header and header["line"] else None
    if hint is not None and before:
        hint = max(0, hint - 1)  # an empty range names the line before it, any other its first line
    yield Replacement(before, after, hint, anchors, loose=True, rows=tuple(rows))


# SEARCH/REPLACE blocks ----------------------------------------------------------------------------------------------

_SEARCH = re.compile(r"[<-]{5,9} ?(?i:SEARCH|ORIGINAL|FIND)\b.*|<{5,9} ?(?:HEAD|OLD|BEFORE|CURRENT)\b.*|<{7} \S+")
_DIVIDER = re.compile(r"={5,9}\s*")
_REPLACE = re.compile(
    r"[>+]{5,9} ?(?i:REPLACED?|UPDATED?|MODIFIED|NEW|AFTER)\b.*|REPLACE\s*|>{7}(?: [\w./-]+(?: \(.*\))?)?\s*"
)
_START_LINE = re.compile(r":start_line: ?(?P<line>\d+)\s*|:end_line: ?\d+\s*")
_RULE = re.compile(r"-{5,9}\s*")


def _looks_search_replace(lines: Sequence[str]) -> bool:
    """Are there blocks, with only prose and fences around them? Otherwise they are content, such as a fixture."""
    inside = found = False
    for line in lines:
        inside = inside or _SEARCH.fullmatch(line) is not None
        if not inside and looks_like_code(line):
            return False
        if inside and _REPLACE.fullmatch(line):
            inside, found = False, True
    return found


def _is_cut_off(lines: Sequence[str], known: Known) -> bool:
    """Does the update end within its first block?"""
    start = _find(_SEARCH, lines, 0)
    if start is None or any(map(looks_like_code, lines[:start])) or known.has(lines[start]) or not known.text:
        return False
    ends = [line for line in lines[start:] if line.startswith((">>>>>", "+++++"))]
    return "SEARCH" in lines[start] and not ends and _find(_DIVIDER, lines, start) is not None


@dataclass(frozen=True, slots=True)
class SearchBlock:
    """A SEARCH/REPLACE block, lines [start, end) of the update. The lines from `above` to it belong to no block.
    `line_hint`: the stated first line of `before`, from 0."""

    above: int
    start: int
    end: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    line_hint: int | None = None


def search_blocks(lines: Sequence[str], known: Known | None = None) -> Iterator[SearchBlock]:
    """The SEARCH/REPLACE blocks of an update. Raises UsageError for a broken one."""
    at = 0
    while (start := _find(_SEARCH, lines, at)) is not None:
        end = _find(_REPLACE, lines, start)
        found = end is not None and _divided(lines[start + 1 : end], known)
        if end is None or not found:
            raise UsageError(f"the SEARCH block at line {start + 1} of the update needs one ======= and a REPLACE line")
        hint, before, after = found
        yield SearchBlock(at, start, end + 1, before, after, hint)
        at = end + 1


_Sides = tuple[int | None, tuple[str, ...], tuple[str, ...]]


def _divided(body: Sequence[str], known: Known | None) -> _Sides | None:
    """The stated line number, if any, and the two sides of a block. If several lines look like the divider, the lines
    above the right one are in the file."""
    start, hint = 0, None
    while start < len(body) and (said := _START_LINE.fullmatch(body[start])):
        hint = int(said["line"]) - 1 if said["line"] else hint
        start += 1
    if start and start < len(body) and _RULE.fullmatch(body[start]):
        start += 1
    dividers = [i for i in range(start, len(body)) if _DIVIDER.fullmatch(body[i])]
    if len(dividers) > 1:
        dividers = list(_likeliest(body, start, dividers, known))
    if len(dividers) != 1:
        return None
    return hint, tuple(body[start : dividers[0]]), tuple(body[dividers[0] + 1 :])


def _likeliest(body: Sequence[str], start: int, dividers: Sequence[int], known: Known | None) -> Sequence[int]:
    fitting = [i for i in dividers if known and known.holds(body[start:i])]
    if fitting:
        return fitting[-1:]  # the longest: the other dividers are content of the file
    usual = [i for i in dividers if len(body[i].rstrip()) == 7]
    return usual if len(usual) == 1 or known is None else ()


def _parse_search_replace(lines: Sequence[str], known: Known) -> Iterator[Replacement]:
    for block in search_blocks(lines, known):
        if block.before != block.after:
            yield Replacement(block.before, block.after, block.line_hint)


def _find(pattern: re.Pattern[str], lines: Sequence[str], start: int) -> int | None:
    return next((i for i in range(start, len(lines)) if pattern.fullmatch(lines[i])), None)


# *** Begin Patch ----------------------------------------------------------------------------------------------------


def _looks_patch(lines: Sequence[str]) -> bool:
    first = next(line for line in lines if line.strip())
    return first.strip() == "*** Begin Patch" or PATCH_FILE.fullmatch(first) is not None


def _parse_patch(lines: Sequence[str], known: Known) -> Iterator[Replacement]:
    verbs = [found["verb"] for line in lines if (found := PATCH_FILE.fullmatch(line))]
    if verbs not in ([], ["Update"], ["Add"]):
        raise UsageError("the patch must update or add exactly one file; apply it to a directory for several")
    anchors: tuple[str, ...] = ()
    body: list[str] = []
    header: re.Match[str] | None = None
    headed = 0  # the line below a diff header inside the patch
    for number, line in enumerate(lines):
        headed = max(headed, header_end(lines, number, bool(body)))
        if number < headed:
            continue
        if line.startswith("@@"):
            yield from _replacement(body, known, header, anchors)
            # Consecutive headers narrow the place down: @@ class A, then @@ def f().
            header = NUMBERED.match(line) or (header if not body else None)
            said = (line[header.end() :] if header else line[2:]).strip().removesuffix("@@").strip()
            anchors = (anchors if not body else ()) + ((said,) if said.strip(". ") else ())
            body = []
        elif not line.startswith("*** "):
            body.append(line)
    yield from _replacement(body, known, header, anchors)
