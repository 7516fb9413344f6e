"""Line diffs: laws on random edits, and the real `git apply`."""

import itertools
import os
import random
import subprocess
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastapply.text.diff as diff_module
from fastapply.text.diff import (
    StreamingDiff,
    apply_hunks,
    common_ends,
    lf_lines,
    line_hunks,
    unified_diff,
    windows,
)
from fastapply.text.echoes import pairs
from fastapply.types import Hunk

SEED = int(os.environ.get("FASTAPPLY_SEED", "1"))

# Few distinct lines, so that near-duplicates and repeats are the rule.
texts = st.lists(
    st.sampled_from(["a\n", "b\n", "\n", "}\n", "call(x)\n", "x\r\n", "\f\u2028\n", "end"]), max_size=30
).map("".join)


def random_file(rng: random.Random, lines: int) -> str:
    vocabulary = [f"{'    ' * rng.randrange(3)}statement_{i}(argument)" for i in range(max(2, lines // 2))]
    vocabulary += ["", "}", "    return None", "", "}"] * (1 + lines // 20)
    text = "\n".join(rng.choice(vocabulary) for _ in range(lines))
    return text + rng.choice(["", "\n"])


def random_edit(rng: random.Random, text: str) -> str:
    lines = lf_lines(text)
    for _ in range(rng.randrange(1, 6)):
        start = rng.randrange(len(lines) + 1)
        end = min(len(lines), start + rng.choice([0, 0, 1, 2, 5, 40]))
        copied = rng.randrange(len(lines) + 1)
        new = rng.choice([[], [f"new_{rng.random()}\n"] * rng.randrange(1, 4), lines[copied : copied + 5]])
        lines[start:end] = new
    return "".join(lines)


def random_chunks(rng: random.Random, text: str) -> list[str]:
    longest = rng.choice([1, 4, 30, 1000])
    chunks = []
    at = 0
    while at < len(text):
        size = rng.randint(0 if longest > 1 else 1, longest)
        chunks.append(text[at : at + size])
        at += size
    return chunks


def streamed_hunks(original: str, chunks: list[str]) -> list[Hunk]:
    diff = StreamingDiff(original)
    hunks: list[Hunk] = []
    for chunk in chunks:
        hunks += diff.push(chunk)
    return hunks + diff.finish()


@given(texts, texts)
def test_hunks_turn_original_into_rewritten(original: str, rewritten: str) -> None:
    hunks = line_hunks(original, rewritten)
    assert apply_hunks(original, hunks) == rewritten
    for left, right in itertools.pairwise(hunks):
        assert left.end_line < right.start_line  # at least one kept line between two hunks


@given(texts, texts)
def test_hunks_are_minimal(original: str, rewritten: str) -> None:
    old, new = lf_lines(original), lf_lines(rewritten)
    kept = len(old) - sum(h.end_line - h.start_line for h in line_hunks(original, rewritten))
    assert kept == longest_common(old, new)


def test_huge_files_are_diffed_in_bounded_memory() -> None:
    rng = random.Random(3)
    lines = lf_lines(random_file(rng, 60_000))
    new = ["first\n", *lines[1:30_000], "middle\n", *lines[30_000:-1], "last\n"]
    start = time.process_time()
    hunks = line_hunks("".join(lines), "".join(new))
    assert time.process_time() - start < 3
    assert [(h.start_line, h.end_line) for h in hunks] == [(0, 1), (30_000, 30_000), (59_999, 60_000)]


@given(st.lists(st.integers(0, 12), max_size=20), st.lists(st.integers(0, 12), max_size=20))
def test_hunks_over_anchors_alone(old: list[int], new: list[int]) -> None:
    """The way of huge files, forced on small ones."""
    original, rewritten = ("".join(f"{n}\n" for n in side) for side in (old, new))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diff_module, "_MOST_CELLS", 12)
        assert apply_hunks(original, line_hunks(original, rewritten)) == rewritten


def longest_common(old: list[str], new: list[str]) -> int:
    row = [0] * (len(new) + 1)
    for a in old:
        previous = row[:]
        for j, b in enumerate(new):
            row[j + 1] = previous[j] + 1 if a == b else max(previous[j + 1], row[j])
    return row[-1]


@pytest.mark.parametrize(
    "hunks",
    [
        [Hunk(0, 2, ""), Hunk(1, 3, "")],
        [Hunk(2, 3, ""), Hunk(0, 1, "")],
        [Hunk(0, 4, "")],
        [Hunk(-1, 1, "")],
        [Hunk(2, 1, "")],
    ],
)
def test_bad_hunks_are_refused(hunks: list[Hunk]) -> None:
    with pytest.raises(ValueError, match="hunk"):
        apply_hunks("a\nb\nc\n", hunks)


def test_streaming_law_on_random_edits() -> None:
    for seed in range(SEED, SEED + 400):
        rng = random.Random(seed)
        original = random_file(rng, rng.choice([1, 5, 40, 300]))
        rewritten = random_edit(rng, original)
        hunks = streamed_hunks(original, random_chunks(rng, rewritten))
        assert apply_hunks(original, hunks) == rewritten, f"FASTAPPLY_SEED={seed}"


@given(texts, texts, st.integers(1, 7))
def test_streaming_law_on_unrelated_texts(original: str, rewritten: str, size: int) -> None:
    chunks = [rewritten[i : i + size] for i in range(0, len(rewritten), size)]
    hunks = streamed_hunks(original, chunks)
    assert apply_hunks(original, hunks) == rewritten
    assert hunks == streamed_hunks(original, [rewritten])  # the chunks make no difference


def numbered(count: int) -> list[str]:
    return [f"line number {i}\n" for i in range(count)]


def test_a_hunk_settles_after_two_telling_lines() -> None:
    lines = numbered(20)
    diff = StreamingDiff("".join(lines))
    assert diff.push("".join([*lines[:5], "inserted\n", lines[5]])) == []
    assert diff.push(lines[6]) == [Hunk(5, 5, "inserted\n")]
    assert diff.original_lines_done == 7
    assert diff.push("".join(lines[7:])) == []
    assert diff.finish() == []


def test_blank_lines_and_brackets_settle_nothing() -> None:
    lines = ["f() {\n", "  body()\n", "}\n", "\n", "gee() {\n", "  other()\n", "}\n", "\n"]
    diff = StreamingDiff("".join(lines))
    assert diff.push("f() {\n  changed()\n}\n\n") == []
    assert diff.push("gee() {\n  other()\n") == [Hunk(1, 2, "  changed()\n")]


def test_near_duplicates_wait_and_stay_minimal() -> None:
    """A changed head of the second of three like blocks: bodies match in all three places."""
    body = numbered(12)
    blocks = ["test one\n", *body, "test two\n", *body, "test three\n", *body]
    changed = [*blocks[:13], "test 2\n", *blocks[14:]]
    assert streamed_hunks("".join(blocks), ["".join(changed)]) == [Hunk(13, 14, "test 2\n")]


def test_an_inserted_copy_of_later_code_deletes_nothing() -> None:
    lines = numbered(400)
    new = [*lines[:50], "copy\n", *lines[300:306], *lines[50:]]
    hunks = streamed_hunks("".join(lines), ["".join(new)])
    assert sum(h.end_line - h.start_line for h in hunks) == 0


def test_a_truncated_stream_deletes_the_rest() -> None:
    assert streamed_hunks("a\nb\nc\n", ["a\nb"]) == [Hunk(1, 3, "b")]


@pytest.mark.parametrize("edit", ["few", "all", "shuffled", "blank"])
def test_ten_thousand_lines_stream_fast(edit: str) -> None:
    rng = random.Random(7)
    original = random_file(rng, 10_000)
    lines = lf_lines(original)
    if edit == "few":
        rewritten = random_edit(rng, original)
    elif edit == "all":
        rewritten = "".join(f"{line[:-1]}!\n" for line in lines)
    elif edit == "shuffled":
        rewritten = "".join(rng.sample(lines, len(lines)))
    else:
        original, rewritten = "\n" * 10_000 + "a\n", "x\n" + "\n" * 10_000 + "b\n"
    chunks = [rewritten[i : i + 4] for i in range(0, len(rewritten), 4)]
    start = time.process_time()
    hunks = streamed_hunks(original, chunks)
    seconds = time.process_time() - start
    assert apply_hunks(original, hunks) == rewritten
    assert len(chunks) / seconds > 10_000, f"{seconds:.2f} s for {len(chunks)} chunks"


@pytest.mark.parametrize("path", ["f.txt", "dir with space/ünï f.txt", 'new\nline/a "b" \\c\t.txt'])
def test_git_applies_the_unified_diff(tmp_path, path: str) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    target = tmp_path / path
    target.parent.mkdir(exist_ok=True)
    for seed in range(SEED, SEED + 25):
        rng = random.Random(seed)
        original = random_file(rng, rng.choice([1, 3, 40]))
        if rng.random() < 0.3:
            original = original.replace("\n", "\r\n")
        rewritten = random_edit(rng, original) if rng.random() < 0.8 else original.rstrip("\n") + rng.choice(["", "\n"])
        diff = unified_diff(original, rewritten, path)
        if original == rewritten:
            assert diff == ""
            continue
        if not rewritten or not original:
            continue  # git wants /dev/null there: creating and deleting files is not an edit
        target.write_bytes(original.encode())
        command = ["git", "-C", str(tmp_path), "apply", "--whitespace=nowarn", "-"]
        done = subprocess.run(command, input=diff.encode(), capture_output=True)
        assert done.returncode == 0, f"FASTAPPLY_SEED={seed}\n{done.stderr.decode()}\n{diff}"
        assert target.read_bytes() == rewritten.encode(), f"FASTAPPLY_SEED={seed}"


@given(st.text("ab\n", max_size=30), st.text("ab\n", max_size=30))
def test_common_ends_are_the_longest_there_are(first: str, second: str) -> None:
    start, tail = common_ends(first, second)
    limit = min(len(first), len(second))
    assert first[:start] == second[:start]
    assert start == limit or first[start] != second[start]
    assert first[len(first) - tail :] == second[len(second) - tail :]
    assert start + tail == limit or first[-1 - tail] != second[-1 - tail]


@given(st.text("ab \n", max_size=40), st.text("ab \n", max_size=40))
def test_windows_tell_which_lines_come_to_stand_below_which(original: str, rewritten: str) -> None:
    expected, found = Counter(pairs(rewritten)), Counter[tuple[str, str]]()
    expected.subtract(pairs(original))
    for before, after in windows(lf_lines(original), line_hunks(original, rewritten), lambda line: "a" in line):
        found.update(pairs(after))
        found.subtract(pairs(before))
    assert +found == +expected
    assert -found == -expected


def test_hunks_that_share_an_edge_are_in_one_window() -> None:
    old, new = "one\ntwo\n\nthree\nfour\nfive\n", "one\nTWO\n\nthree\nFOUR\nfive\n"

    def is_edge(line: str) -> bool:
        return bool(line.strip())

    assert list(windows(lf_lines(old), line_hunks(old, new), is_edge)) == [(old, new)]
    far = "one\n2\n\nthree\nfour\nfive\nsix\nseven\n", "one\nTWO\n\nthree\nfour\nfive\nsix\nSEVEN\n"
    found = list(windows(lf_lines(far[0]), line_hunks(*far), is_edge))
    assert found == [("one\n2\n\nthree\n", "one\nTWO\n\nthree\n"), ("six\nseven\n", "six\nSEVEN\n")]
