"""The output of a model that writes: passed on where it follows a candidate, held where it does not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastapply.text.on_track import OnTrack

FIRST = "def a():\n    return 1\n\n\ndef b():\n    return 2\n"
SECOND = "def a():\n    return 1\n\n\ndef c():\n    return 3\n"
GAP = "# lines 3 to 9 stand here\n"
WITH_GAP = f"one\ntwo\n{GAP}three\nfour\nfive\n"


def pushed(track: OnTrack, text: str, size: int = 3) -> str:
    return "".join(track.push(text[start : start + size]) for start in range(0, len(text), size))


@given(st.sampled_from([FIRST, SECOND]), st.integers(1, 60))
def test_a_candidate_is_passed_on_at_once(text, size):
    track, out = OnTrack([FIRST, SECOND]), ""
    for start in range(0, len(text), size):
        out += track.push(text[start : start + size])
        assert out == text[: start + size]
    assert (track.finish(), track.is_lost) == ("", False)


def test_what_no_candidate_has_is_held_until_two_lines_of_one_have_come():
    track = OnTrack([FIRST])
    assert pushed(track, "def a():\n    return 5\n\n") == "def a():\n    return "
    assert track.push("\ndef b():\n") == "5\n\n\ndef b():\n"
    assert track.push("    return 2\n") == "    return 2\n"
    assert not track.finish()


def test_lines_may_be_put_in_at_the_start_of_a_line_and_left_out():
    for text in (
        FIRST.replace("def b", "X = 1\n\n\ndef b"),
        "import os\n" + FIRST,
        FIRST.replace("    return 1\n", ""),
    ):
        track = OnTrack([FIRST])
        assert pushed(track, text) + track.finish() == text
        assert track.rest() == ""


def test_the_rest_of_a_lost_output_is_that_of_the_candidate_that_it_followed():
    for text in (FIRST, SECOND):
        kept = text.rindex("return")
        track = OnTrack([FIRST, SECOND])
        out = pushed(track, text[:kept] + "again and again and again\n" * 3)
        assert out + track.rest() == text


def test_an_output_is_back_only_behind_the_placeholders_that_it_has_written():
    track = OnTrack([WITH_GAP], [GAP])
    assert pushed(track, "one\nTWO\nthree\nfour\n") == "one\n"  # it has lost the lines of the gap
    assert track.is_lost
    assert track.rest() == WITH_GAP.removeprefix("one\n")
    track = OnTrack([WITH_GAP], [GAP])
    text = f"one\nTWO\n{GAP}three\nfour\n"
    assert pushed(track, text) == text
    assert not track.is_lost


def test_an_empty_answer_is_none():
    assert OnTrack(["a\n"]).is_lost
    assert not OnTrack(["\n"]).is_lost


@given(st.text("ab\n", max_size=30), st.lists(st.text("ab\n", max_size=30), min_size=1, max_size=3), st.integers(1, 5))
def test_nothing_is_lost_or_said_twice(text, candidates, size):
    track = OnTrack(candidates)
    assert pushed(track, text, size) + track.finish() == text
