from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply.align.window import Expander, cut_windows, whole_file
from fastapply.errors import RejectedError

LONG = "".join(f"line {number}\n" for number in range(1000))

lines = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n"]), max_size=120)
change = st.tuples(lines, st.integers(0, 200), st.integers(0, 3))


def expanded(window, text, size=7):
    expander = Expander(window)
    chunks = [text[start : start + size] for start in range(0, len(text), size)]
    return "".join(map(expander.push, chunks)) + expander.finish()


@given(lines, st.lists(st.lists(change, max_size=3), max_size=3), st.integers(1, 40))
def test_windows_and_what_they_leave_out_are_the_whole_file(original, edits, size):
    text = "".join(original)
    texts = []
    for edit in edits:
        changed = list(original)
        for new, at, drop in edit:
            changed[min(at, len(changed)) : at + drop] = new[:4]
        texts.append("".join(changed))
    for windows in (cut_windows(text, texts), whole_file(text, texts)):
        wholes = ["" for _ in texts]
        for window in windows:
            assert sorted(number for way in window.ways for number in way) == list(range(len(texts)))
            assert not texts or window.ways[0][0] == 0
            for candidate, way in zip(window.candidates, window.ways, strict=True):
                for number in way:
                    wholes[number] += window.head + expanded(window, candidate, size) + window.tail
        assert wholes == texts
        assert "".join(w.head + expanded(w, w.original, size) + w.tail for w in windows) == text


def test_a_small_edit_in_a_long_file_has_a_small_window():
    [window] = cut_windows(LONG, [LONG.replace("line 500\n", "new\n")])
    assert window.original.count("\n") < 40


def test_far_places_share_a_window_that_leaves_out_what_lies_between():
    [window] = cut_windows(LONG, [LONG.replace("line 100\n", "new\n").replace("line 900\n", "")], "python")
    assert window.original.count("\n") < 60
    assert [line for line, _ in window.left_out] == ["# lines 114 to 888 stand here\n"]


def test_many_places_are_several_windows_but_for_a_candidate_that_holds_them_together():
    first = LONG
    for number in range(20, 1000, 60):
        first = first.replace(f"line {number}\n", f"line {number}!\n")
    rival = first.replace("line 50\n", "").replace("line 950\n", "line 950\nline 50\n")
    assert len(cut_windows(LONG, [first])) > 1
    assert len(cut_windows(LONG, [first, first.replace("line 50\n", "")])) > 1
    assert len(cut_windows(LONG, [first, rival])) == 1


def test_a_line_of_the_file_is_never_taken_for_a_placeholder():
    tricky = LONG.replace("line 300\n", "# lines 114 to 888 stand here\n")
    text = tricky.replace("line 100\n", "new\n").replace("line 900\n", "")
    [window] = cut_windows(tricky, [text], "python")
    assert window.head + expanded(window, window.candidates[0]) + window.tail == text


@pytest.mark.parametrize("spoil", [lambda text, line: text.replace(line, ""), lambda text, line: text + line])
def test_a_text_that_loses_or_repeats_a_placeholder_is_refused(spoil):
    [window] = cut_windows(LONG, [LONG.replace("line 100\n", "new\n").replace("line 900\n", "")])
    with pytest.raises(RejectedError, match="lost the place"):
        expanded(window, spoil(window.candidates[0], window.left_out[0][0]))
