"""The coloured diff: every line is where its numbers say, none is shown twice, none reaches the terminal raw."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from fastapply.cli.hunks import CONTEXT, HunkLines, visible
from fastapply.text.diff import StreamingDiff, apply_hunks, lf_lines, line_hunks

texts = st.lists(st.sampled_from(["a", "b", "c", "d", "e", ""]), max_size=25).map(
    lambda parts: "".join(f"{p}\n" for p in parts)
)


def check(original: str, rewritten: str, shown: list[Text]) -> None:
    old, new = lf_lines(original), lf_lines(rewritten)
    width = len(str(len(old)))
    removed, added, seen_old, seen_new = [], [], [], []
    for line in shown:
        if line.plain.startswith("@@"):
            continue
        old_number, new_number, sign = (
            line.plain[:width],
            line.plain[width + 1 : 2 * width + 1],
            line.plain[2 * width + 2],
        )
        text = line.plain[2 * width + 4 :] + "\n"
        if old_number.strip():
            assert old[int(old_number) - 1] == text
            seen_old.append(int(old_number))
        if new_number.strip():
            assert new[int(new_number) - 1] == text
            seen_new.append(int(new_number))
        if sign == "-":
            removed.append(int(old_number))
        if sign == "+":
            added.append(int(new_number))
        assert bool(old_number.strip()) == (sign != "+")
        assert bool(new_number.strip()) == (sign != "-")
    assert seen_old == sorted(set(seen_old))
    assert seen_new == sorted(set(seen_new))
    assert len(old) - len(removed) == len(new) - len(added)
    assert [line for n, line in enumerate(old, 1) if n not in removed] == [
        line for n, line in enumerate(new, 1) if n not in added
    ]
    # Context: the lines around each change, as far as there are any.
    for number in removed:
        assert all(near in seen_old for near in range(number, min(len(old), number + CONTEXT) + 1))


@given(texts, texts)
def test_all_at_once(original: str, rewritten: str) -> None:
    if len(lf_lines(rewritten)) > 99 or len(str(len(lf_lines(original)))) < len(str(len(lf_lines(rewritten)))):
        return  # the columns are as wide as the old numbers
    lines = HunkLines(original)
    check(original, rewritten, lines.push(line_hunks(original, rewritten), 0) + lines.finish())


@given(texts, texts, st.lists(st.integers(1, 9), max_size=20))
def test_as_they_settle(original: str, rewritten: str, cuts: list[int]) -> None:
    if len(str(len(lf_lines(original)))) < len(str(len(lf_lines(rewritten)))):
        return
    diff, lines, shown, hunks = StreamingDiff(original), HunkLines(original), [], []
    rest = rewritten
    for cut in cuts:
        settled = diff.push(rest[:cut])
        rest = rest[cut:]
        hunks += settled
        shown += lines.push(settled, diff.original_lines_done)
    settled = diff.push(rest) + diff.finish()
    shown += lines.push(settled, diff.original_lines_done) + lines.finish()
    assert apply_hunks(original, hunks + settled) == rewritten
    check(original, rewritten, shown)


def test_nothing_reaches_the_terminal_raw() -> None:
    hostile = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0x202E, 0x2066, 0xFEFF]))
    shown = visible(f"a{hostile}é🎉z\r\n")
    assert shown.isprintable()
    assert shown.startswith("a")
    assert shown.endswith("é🎉z")
