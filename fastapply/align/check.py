"""Checks of a rewritten file against the original and the update, as a careful reviewer would make them.

Rewrites by a model and by the alignment are checked alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from fastapply.align import check_lines
from fastapply.align.checked import TELLING, Checked, count
from fastapply.align.chunks import Chunk, Outline
from fastapply.align.languages import file_tree, new_errors
from fastapply.text.asked import adds_to, told_renames
from fastapply.text.markers import MarkerKind, classify, is_marker_leak
from fastapply.types import Check

_LONG_BLOCK = 3
_PROSE = frozenset({None, "markdown", "rst"})
_WORD = re.compile(r"\w+")
_OVERLOADS = frozenset({"cpp", "csharp", "java", "kotlin", "scala", "swift"})
_KEY = re.compile(r"[\"']?[\w.-]+[\"']?\s*[:=](?=\s*[\"'\d])")  # of a literal


def run_checks(
    original: str,
    rewritten: str,
    update: str,
    language: str | None,
    instruction: str = "",
    *,
    explained: frozenset[int] = frozenset(),
    placed: bool = False,
) -> list[Check]:
    """All checks of LF texts, in a fixed order. `explained`: the lines of the original for whose deletion the update or
    the instruction gives a reason. `placed`: the update says where it belongs, as a diff that fits does."""
    case = Checked(original, rewritten, update, language, instruction, explained)
    return [
        _syntax(case),
        _markers(case),
        _lost_chunks(case),
        _overwritten(case),
        _ambiguous(case, placed),
        _renamed(case, instruction),
        _duplicates(case),
        check_lines.truncated(case),
        check_lines.no_op(case),
        check_lines.moved(case),
        check_lines.arrived(case),
        check_lines.explained(case),
        check_lines.blast_radius(case),
        check_lines.comments(case),
        check_lines.indentation(case),
        check_lines.depth(case, placed),
    ]


def _syntax(case: Checked) -> Check:
    if _has_brace_left(case):
        return Check("syntax", False, "The file had as many `{` as `}`, and has not any more.")
    if file_tree(case.original, case.language) is None:
        return Check("syntax", True, "No grammar for this file: the syntax was not checked.")
    more = new_errors(case.rewritten, case.original, case.language)
    if more > 0:
        return Check("syntax", False, f"{more} new syntax errors.")
    return Check("syntax", True, "No new syntax errors.")


def _has_brace_left(case: Checked) -> bool:
    """Has code one brace too many that had as many opening as closing ones? Some grammars take it for a word."""
    old, new = ((text.count("{"), text.count("}")) for text in (case.original, case.rewritten))
    return case.language not in _PROSE and old[0] == old[1] and new[0] != new[1]


def _markers(case: Checked) -> Check:
    more = Counter(case.new.stripped) - Counter(case.old.stripped)
    shown = set(case.update_lines)
    leaked = [
        text
        for text in more
        if is_marker_leak(text) or (text in shown and classify(text, case.language) is MarkerKind.KEEP)
    ]
    if leaked:
        return Check("markers", False, f"A marker was left in the file: {leaked[0][:60]}")
    return Check("markers", True, "No marker was left in the file.")


def _lost_chunks(case: Checked) -> Check:
    """Do definitions or imports vanish that the update neither removes nor replaces?"""
    kept = {chunk.name for chunk in case.new.definitions} | case.removed_names
    words = set(case.rewritten.split())
    unexplained = (chunk for chunk in case.old.definitions if chunk.header not in case.explained)
    gone = [chunk for chunk in unexplained if not {chunk.name, chunk.name.split(" ")[0]} & kept]
    added = len(case.new.definitions) - len([c for c in case.old.definitions if c.name in kept])
    lost = [chunk.name for chunk in gone if chunk.name not in words][max(0, added) :]
    imports = [
        case.old.stripped[k]
        for k, info in enumerate(case.old.info)
        if info.kind == "import"
        and info.name
        and k not in case.explained
        and case.old.stripped[k] not in case.new.stripped
    ]
    names = {info.name for info in case.new.info if info.kind == "import"}
    inserted = sum(info.kind == "import" for k, info in enumerate(case.new.info) if case.new.stripped[k] in case.shown)
    missing = [text for text in imports if not any(name and name in text for name in names)]
    if lost:
        return Check("lost_chunks", False, f"{count(len(lost), 'definition')} vanished: {', '.join(lost[:3])}")
    if missing and not inserted and "import" not in " ".join(case.update_lines):
        return Check("lost_chunks", False, f"{count(len(missing), 'import')} vanished: {missing[0][:60]}")
    return Check("lost_chunks", True, "All definitions and imports are present or replaced.")


def _overwritten(case: Checked) -> Check:
    """Is a definition replaced by an unlike one of another name? The new one was probably meant to stand beside it."""
    old_names = {chunk.name for chunk in case.old.definitions}
    new_names = {chunk.name for chunk in case.new.definitions} | case.removed_names
    words = set(_WORD.findall(case.update))
    fresh = [set(case.new.stripped[c.start : c.end]) for c in case.new.definitions if c.name not in old_names]
    for chunk in case.old.definitions:
        if not fresh or chunk.name in new_names or chunk.name in words:
            continue
        body = {text for text in case.old.stripped[chunk.header + 1 : chunk.end] if len(text) >= TELLING}
        if not any(2 * len(body & lines) >= len(body) > 0 for lines in fresh):
            return Check("overwritten", False, f"`{chunk.name}` was replaced by a definition of another name.")
    if (header := _replaced_overload(case)) is not None:
        return Check("overwritten", False, f"`{header[:60]}` was replaced by one with other parameters.")
    if (value := _replaced_value(case)) is not None:
        return Check("overwritten", False, f"`{value[:60]}` was replaced, and something was to be added.")
    if (line := _replaced_item(case)) is not None:
        return Check("overwritten", False, f"The item at line {line + 1} was replaced by another one.")
    return Check("overwritten", True, "No definition was replaced by an unrelated one.")


def _renamed(case: Checked, instruction: str) -> Check:
    """What the instruction wants renamed goes when its new version comes."""
    before, after = ({chunk.name for chunk in outline.definitions} for outline in (case.old, case.new))
    for old, new in told_renames(instruction):
        if old in before & after and new in after - before:
            return Check("renamed", False, f"`{old}` is still there beside `{new}`, its new name.")
    return Check("renamed", True, "Nothing is left that was to be renamed.")


def _replaced_overload(case: Checked) -> str | None:
    """The header of a definition that went, if the file has several of its name, and another one of it is new."""
    if case.language not in _OVERLOADS:
        return None
    several = Counter((_path(chunk), chunk.name) for chunk in case.old.definitions if chunk.kind == "function")
    old, new = (
        [(chunk, _head(outline, chunk)) for chunk in outline.definitions if chunk.kind == "function"]
        for outline in (case.old, case.new)
    )
    heads = [{head for _, head in found} for found in (old, new)]
    fresh = {chunk.name for chunk, head in new if head not in heads[0]}
    for chunk, head in old:
        if chunk.name in fresh and several[_path(chunk), chunk.name] > 1 and head not in heads[1]:
            return head
    return None


def _head(outline: Outline, chunk: Chunk) -> str:
    """The head of a definition, with the lines of its parameters."""
    lines, depth = [], 0
    for text in outline.stripped[chunk.header : chunk.end]:
        lines.append(text)
        depth += text.count("(") - text.count(")")
        if depth <= 0:
            break
    return " ".join(lines)


def _replaced_value(case: Checked) -> str | None:
    """A line with a key whose value is gone, though the instruction wants something as well as what is there."""
    if not adds_to(case.instruction):
        return None
    new = set(case.new.stripped)
    for a, b, c, d in case.hunks:
        keys = {found[0] for text in case.new.stripped[c:d] if (found := _KEY.match(text))}
        for text in case.old.stripped[a:b]:
            if (found := _KEY.match(text)) and found[0] in keys and text not in new:
                return text
    return None


def _replaced_item(case: Checked) -> int | None:
    """The first line of a list item that lost everything but what other items have too. Its brackets are on lines of
    their own."""
    lines, counts = case.old.stripped, Counter(case.old.stripped)
    new = set(case.new.stripped) | case.shown
    for start, end in _items(case.old):
        own = {text for text in lines[start:end] if len(text) >= TELLING and counts[text] == 1}
        others = end - start - 1 - len(own)
        within = any(start < a and b <= end and c < d for a, b, c, d in case.hunks)
        if within and len(own) > 1 and others > 0 and not own & new:
            return start
    return None


def _items(outline: Outline) -> Iterator[tuple[int, int]]:
    """The ranges between a bare opening bracket and its closer."""
    for start, text in enumerate(outline.stripped):
        if text in ("{", "[", "(") and outline.chunk_of[start].header == start:
            same = (k for k in range(start + 1, len(outline.lines)) if outline.width[k] <= outline.width[start])
            end = next((k for k in same if outline.stripped[k]), start)
            if outline.stripped[end][:1] in ("}", "]", ")"):
                yield start, end


def _ambiguous(case: Checked, placed: bool) -> Check:
    """Does a changed definition have an unchanged twin, and does the update not show which one it means?"""
    lines = case.old.stripped
    twins: dict[tuple[str, ...], list[Chunk]] = {}
    for chunk in case.old.definitions:
        twins.setdefault(tuple(lines[chunk.start : chunk.end]), []).append(chunk)
    for chunks in twins.values():
        changed = [chunk for chunk in chunks if any(a < chunk.end and chunk.start < b for a, b, _, _ in case.hunks)]
        if placed or not changed or len(changed) == len(chunks):
            continue
        parent = changed[0].parent
        if parent is None or parent.header < 0 or lines[parent.header] not in case.shown:
            places = ", ".join(str(chunk.header + 1) for chunk in chunks[:5])
            return Check("ambiguous", False, f"`{changed[0].name}` stands alike at lines {places}; not all changed.")
    return Check("ambiguous", True, "No other place looks like the changed one.")


def _duplicates(case: Checked) -> Check:
    """Does a definition or a run of lines occur twice that did not before?"""
    before = Counter((_path(chunk), chunk.kind, chunk.name) for chunk in case.old.definitions)
    after = Counter((_path(chunk), chunk.kind, chunk.name) for chunk in case.new.definitions)
    update = Outline(case.update.split("\n"), case.language)
    shown = Counter((chunk.kind, chunk.name) for chunk in update.definitions)
    for key, times in after.items():
        if times > max(1, before[key]) and times > shown[key[1:]]:
            return Check("duplicates", False, f"The definition of {key[2]} stands twice.")
    for _, _, c, d in case.hunks:
        block = case.new.stripped[c:d]
        size = len(block)
        if size < _LONG_BLOCK or sum(len(text) >= TELLING for text in block) < _LONG_BLOCK:
            continue
        if case.new.stripped[d : d + size] == block or case.new.stripped[max(0, c - size) : c] == block:
            return Check("duplicates", False, f"{size} lines stand twice, one after the other: {block[0][:40]}")
    return Check("duplicates", True, "Nothing is duplicated.")


def _path(chunk: Chunk) -> tuple[str, ...]:
    return tuple(inner.name for inner in chunk.chain() if inner is not chunk)
