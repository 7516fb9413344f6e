"""Line checks: which lines were removed or added, and whether the update accounts for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from fastapply.align.checked import TELLING, Checked, count
from fastapply.align.chunks import Outline
from fastapply.align.depths import Depths
from fastapply.align.rows import read_snippet
from fastapply.text.asked import moves, removes
from fastapply.text.indentation import in_steps_of, outdented
from fastapply.text.lines import indent_of
from fastapply.types import Check

_LEFT = re.compile(r"[-#*/@]|(?:case|default|public|private|protected)\b|.*:$")  # may stand left of a block's lines
_SHORT = 8  # characters of a line that may stand in many places
_TAIL = 5  # final lines of the file, which edits rarely remove
_FEW = 10  # lines that an edit of any size may remove
_PER_LINE = 3  # further lines for each line that it shows


def truncated(case: Checked) -> Check:
    """Are the last lines of the original gone without the update showing a new end?"""
    tail = [text for text in case.old.stripped if text][-_TAIL:]
    new = set(case.new.stripped)
    if not tail or any(text in new for text in tail if len(text) >= TELLING):
        return Check("truncated", True, "The end of the file is present.")
    last = next((text for text in reversed(case.new.stripped) if text), "")
    if last in case.shown and last == next((t for t in reversed(case.update_lines) if t), ""):
        return Check("truncated", True, "The update shows a new end of the file.")
    if all(len(text) < TELLING for text in tail):
        return Check("truncated", True, "The end of the file has only brackets.")
    _, b, c, d = case.hunks[-1]
    if any(case.old.stripped[b:]) and any(
        len(text) >= TELLING and text in case.shown for text in case.new.stripped[c:d]
    ):
        return Check("truncated", True, "The update shows new lines for the end of the file.")
    return Check("truncated", False, f"The last {len(tail)} lines of the file are gone.")


def no_op(case: Checked) -> Check:
    if case.rewritten != case.original:
        return Check("no_op", True, "The file changed.")
    old = set(case.old.stripped)
    fresh = [text for text in case.shown if text not in old]
    if fresh or case.removed_names:
        return Check("no_op", False, "Nothing changed although the update has new code.")
    if removes(case.instruction):
        return Check("no_op", False, "Nothing changed although something was to go.")
    return Check("no_op", True, "Nothing changed; the update shows the file as it is.")


def moved(case: Checked) -> Check:
    """Does a line that was to be moved stand in both places?"""
    more = Counter(case.new.stripped) - Counter(case.old.stripped) if moves(case.instruction) else Counter[str]()
    old = set(case.old.stripped)
    twice = next((text for text in more if text in old and text in case.shown and len(text) > _SHORT), None)
    if twice is not None:
        return Check("moved", False, f"Something was to move, and `{twice[:60]}` is in two places now.")
    return Check("moved", True, "No line that was to move is in two places.")


def explained(case: Checked) -> Check:
    """Does every inserted line come from the update, and does every deleted one lie beside a line that the update
    shows?"""
    strange: list[str] = []
    unexplained: list[str] = []
    vanished = Counter(case.old.stripped) - Counter(case.new.stripped)  # without moved lines
    for a, b, c, d in case.hunks:
        new = case.new.stripped[c:d]
        known = {*case.shown, *case.old.stripped[a:b]}
        # The last element gets a comma when a new one follows it.
        strange += [text for text in new if text and text not in known and text.removesuffix(",") not in known]
        old = [text for text in case.old.stripped[a:b] if len(text) >= TELLING and text in vanished]
        if not old or any(name in text for name in case.removed_names for text in old):
            continue
        above = next((text for text in reversed(case.old.stripped[:a]) if text), "")
        below = next((text for text in case.old.stripped[b:] if text), "")
        if not any(text in case.shown for text in (above, below, *new) if text):
            unexplained += old
    if strange:
        return Check("explained", False, f"{count(len(strange), 'line')} not in the update: {strange[0][:60]}")
    if unexplained:
        return Check(
            "explained", False, f"{count(len(unexplained), 'line')} vanished unexplained: {unexplained[0][:60]}"
        )
    return Check("explained", True, "The update explains every change.")


def arrived(case: Checked) -> Check:
    """Is every line of code in the update in the file?"""
    new = set(case.new.stripped)
    missing = [text for text in case.shown_lines if text not in new]
    if missing:
        return Check("arrived", False, f"{count(len(missing), 'line')} of the update did not arrive: {missing[0][:60]}")
    return Check("arrived", True, "All lines of the update are in the file.")


def comments(case: Checked) -> Check:
    """Do comments vanish while the code around them stays, without the update showing that code uncommented?"""
    lost: list[str] = []
    for a, b, c, d in case.hunks:
        whole = all(case.old.info[k].comment or not case.old.stripped[k] for k in range(a, b))
        above = next((text for text in reversed(case.old.stripped[:a]) if text), "")
        below = next((text for text in case.old.stripped[b:] if text), "")
        if whole and not any(case.new.stripped[c:d]) and not (above in case.shown and below in case.shown):
            gone = (case.old.stripped[k] for k in range(a, b) if k not in case.explained)
            lost += [text for text in gone if len(text) >= TELLING and text not in case.new.stripped]
    lost = [text for text in lost if not any(name in text for name in case.removed_names)]
    if lost:
        return Check("comments", False, f"{count(len(lost), 'comment line')} vanished: {lost[0][:60]}")
    return Check("comments", True, "No comment vanished from code that stays.")


def indentation(case: Checked) -> Check:
    """Are new lines indented like the file, and do lines move only where the update shows it?"""
    used = {character for line in case.old.lines if line.strip() for character in indent_of(line)}
    for a, b, c, d in case.hunks:
        for k in range(c, d):
            line = case.new.lines[k]
            if line.strip() and used and not case.new.info[k].inside and not used.issuperset(indent_of(line)):
                kind = "tabs" if used == {"\t"} else "spaces"
                return Check("indentation", False, f"Line {k + 1} is not indented with {kind}, as the file is.")
        same = [text for text in case.old.stripped[a:b] if text] == [text for text in case.new.stripped[c:d] if text]
        moved = [text for text in case.new.stripped[c:d] if text]
        if same and any(text not in case.shown for text in moved):
            return Check("indentation", False, f"{count(len(moved), 'line')} moved that the update does not show.")
    if (shallow := _shallow(case)) is not None:
        return Check("indentation", False, f"Line {shallow + 1} is in a block, and not deeper than the head of it.")
    return Check("indentation", True, "The indentation matches the file.")


def _shallow(case: Checked) -> int | None:
    """A new line that is not deeper than the line which opens the brackets around it, where no other line is so."""
    shallow = set(_shallow_lines(case.new))
    if not shallow or next(_shallow_lines(case.old), None) is not None:
        return None
    new = {k for _, _, c, d in case.hunks for k in range(c, d)}
    return min(shallow) if shallow <= new else None


def _shallow_lines(outline: Outline) -> Iterator[int]:
    opened: list[int] = []
    for k, text in enumerate(outline.stripped):
        if not text or outline.info[k].inside:
            continue
        if text[0] in ")]}":
            del opened[-1:]
        elif opened and outline.width[k] <= opened[-1] and not _LEFT.match(text):
            yield k
        if text[-1] in "([{":
            opened.append(outline.width[k])


def depth(case: Checked, placed: bool) -> Check:
    """Is each line of the update in the block in which the update shows it?"""
    if not placed:
        update = outdented(case.original, in_steps_of(case.original, case.update)).removesuffix("\n")
        rows, snippet = read_snippet(update, case.language, case.old)
        if off := Depths(snippet, rows).off(case.new.lines):
            text = snippet.stripped[off[0]][:60]
            return Check("depth", False, f"The update shows `{text}` in another block than it is in now.")
    return Check("depth", True, "Each line of the update is in the block that the update shows.")


def blast_radius(case: Checked) -> Check:
    """Is the number of removed lines in proportion to what the update shows?"""
    new = Counter(case.new.stripped)
    gone = Counter(text for text in case.old.stripped if len(text) >= TELLING) - new
    total, shown = sum(gone.values()), len(case.shown_lines)
    if total > _FEW + _PER_LINE * shown and not case.removed_names:
        return Check("blast_radius", False, f"{count(total, 'line')} vanished by an update of {count(shown, 'line')}.")
    return Check("blast_radius", True, "The update is large enough for what it removes.")
