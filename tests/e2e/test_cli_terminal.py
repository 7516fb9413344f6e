"""What a person sees: colours and progress on a terminal only, and help that teaches."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import pyte
import pytest
from peer import peer, says
from program import SECONDS, Cli

from fastapply.text.diff import apply_hunks
from fastapply.types import Hunk

pytestmark = pytest.mark.process

ORIGINAL = ["def first():", "    return 1", "", "", "def second():", "    return 2"]
UPDATE = ["def first():", "    return 10", "", "", "# ... existing code ..."]
COLOUR = re.compile(r"\x1b\[[\d;]*m")
ROWS = 100


def on_terminal(
    cli: Cli, *arguments: str, env: dict[str, str] | None = None, typed: str = "", columns: int = 80
) -> tuple[int, str]:
    """Run with a terminal as every standard stream; the exit status and all that was shown. `typed`: waits there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    os.write(ours, typed.encode())
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
    process = subprocess.Popen(cli.command(*arguments), cwd=cli.folder, env={**cli.env, **(env or {})}, **streams)
    os.close(theirs)
    shown, end = b"", time.monotonic() + SECONDS
    while time.monotonic() < end:
        ready, _, _ = select.select([ours], [], [], 1)
        try:
            data = os.read(ours, 65536) if ready else b""
        except OSError:  # the terminal is gone with the last process on it
            break
        if ready and not data:
            break
        shown += data
    os.close(ours)
    return process.wait(timeout=SECONDS), shown.decode()


def on_screen(shown: str, columns: int = 80) -> list[str]:
    """What is left on the terminal at the end."""
    screen = pyte.Screen(columns, ROWS)
    pyte.Stream(screen).feed(shown)
    return [row.rstrip() for row in screen.display]


@pytest.fixture
def files(cli: Cli) -> Cli:
    cli.write("app.py", ORIGINAL)
    cli.write("update.py", UPDATE)
    return cli


def test_a_coloured_preview(files: Cli) -> None:
    status, shown = on_terminal(files, "apply", "app.py", "-u", "update.py", "--model", "none")
    assert status == 0
    assert COLOUR.search(shown)
    plain = COLOUR.sub("", shown)
    assert "2   -     return 1\r\n" in plain
    assert "  2 +     return 10\r\n" in plain
    assert re.search(r"applied: 1 hunk, confidence [01]\.\d\d; ", plain)
    assert "app.py not written (no --write)" in plain


def test_no_colour_when_asked(files: Cli) -> None:
    _, shown = on_terminal(files, "apply", "app.py", "-u", "update.py", "--model", "none", env={"NO_COLOR": "1"})
    assert "+     return 10" in shown
    assert not any(re.search(r"\b(3[0-8]|9[0-7])\b", code) for code in COLOUR.findall(shown))


def test_a_narrow_terminal_cuts_no_word_and_no_column(files: Cli) -> None:
    files.write("update.py", [UPDATE[0], "    return " + " + ".join(map(str, range(10, 40))), *UPDATE[2:]])
    _, shown = on_terminal(files, "apply", "app.py", "-u", "update.py", "--model", "none", columns=44)
    rows = on_screen(shown, 44)
    begin = next(k for k, row in enumerate(rows) if row.startswith("  2 +"))
    more = [row for row in rows[begin + 1 :] if row.startswith("      ")]
    assert rows[0] == "app.py"
    assert len(more) >= 3
    assert "".join(row[6:] for row in [rows[begin], *more]).replace(" ", "").endswith("38+39")
    told = " ".join(rows[rows.index(next(row for row in rows if row.startswith("applied"))) :])
    assert "app.py not written (no --write)" in re.sub(r"\s+", " ", told)


def test_the_spinner_leaves_no_trace(files: Cli) -> None:
    """With a model that takes its time, on a terminal that is narrower than the line of progress."""
    changed = "".join(f"{line}\n" for line in ORIGINAL).replace("return 1", "return 10")
    with peer(says(changed, pieces=8, pause=0.2)) as model:
        options = ("--backend", "openai", "--base-url", model.url, "--model", "m", "--template", "morph")
        status, shown = on_terminal(files, "apply", "app.py", "-u", "update.py", *options, columns=40)
    rows = on_screen(shown, 40)
    assert status == 0, shown
    assert "writing" in shown  # it was there
    assert not any("writing" in row or "aligning" in row or "lines" in row or "━" in row for row in rows[:-1])
    assert rows[0] == "app.py"
    assert rows[1].startswith("@@ line")
    last = max(k for k, row in enumerate(rows) if row)
    assert all(rows[:last])  # no blank rows where it was


def test_formats_are_for_programs_even_on_a_terminal(files: Cli) -> None:
    _, shown = on_terminal(files, "apply", "app.py", "-u", "update.py", "--model", "none", "--format", "diff")
    assert "-    return 1\r\n+    return 10\r\n" in shown


def test_an_edit_is_asked_for(files: Cli) -> None:
    status, shown = on_terminal(files, "apply", "app.py", "--model", "none")
    assert status == 2
    assert shown.startswith("fastapply: error: which edit? give --update FILE, or pipe it in")


# Two methods that are alike: an update that shows one of them needs review, however sure the weights are.
METHOD = ["    def read(self):", "        x = open(self.path)", "        return x.read()"]
TWO = ["LIMIT = 1", "", "", "class First:", *METHOD, "", "", "class Second:", *METHOD]
OPEN = [
    "LIMIT = 2",
    "# ... existing code ...",
    *METHOD[:-1],
    "        return x.read().strip()",
    "# ... existing code ...",
]


@pytest.fixture
def doubtful(cli: Cli) -> Cli:
    cli.write("two.py", TWO)
    cli.write("open.py", OPEN)
    return cli


def text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def readings(cli: Cli) -> list[list[Hunk]]:
    """The hunks of each reading, as a program gets them."""
    result = json.loads(cli.run("apply", "two.py", "-u", "open.py", "--model", "none", "--format", "json").out)
    shown = (result, *result["alternatives"])
    return [[Hunk(h["start_line"], h["end_line"], h["new_text"]) for h in reading["hunks"]] for reading in shown]


def test_a_doubtful_result_says_what_and_where_and_how_to_go_on(doubtful: Cli) -> None:
    status, shown = on_terminal(doubtful, "apply", "two.py", "-u", "open.py", "--model", "none")
    plain = COLOUR.sub("", shown)
    assert status == 3
    assert re.search(r"\n  in doubt: two places fit: line \d+ or line \d+; reading 2 takes the second\r\n", plain)
    main, _, other = plain.partition("reading 2, against the first:")
    assert "two.py" in main.splitlines()[0]
    assert "+         return x.read().strip()" in main
    assert "-        return x.read().strip()" in other
    steps = r"next: --reading 2 +takes that reading\r\n +--write +asks hunk by hunk\r\n +--write --force +writes this"
    assert re.search(steps, plain)
    assert "or give an edit with more of the code around it" in plain
    assert "no model was asked" in plain


ANSWERS = {  # what is typed: the reading that counts, and which of its hunks are taken
    "y\ny\n": (0, [0, 1]),
    "a\n": (0, [0, 1]),
    "y\nn\n": (0, [0]),
    "n\ny\n": (0, [1]),
    "n\nn\n": (0, []),
    "y\nd\n": (0, [0]),
    "y\nq\n": (0, []),
    "o\na\n": (1, [0, 1]),
    "y\no\nwhat\ny\ny\n": (1, [0, 1]),
    "\x04": (0, []),  # the end of the input
}
_TWICE = ["    x = 1", "    return x"]
APART = ["def f():", *_TWICE, *(f"N{k} = {k}" for k in range(30)), "def g():", *_TWICE]


@pytest.mark.parametrize("typed", ANSWERS, ids=repr)
def test_writing_a_doubtful_result_asks_hunk_by_hunk(doubtful: Cli, typed: str) -> None:
    number, taken = ANSWERS[typed]
    hunks = readings(doubtful)[number]
    assert len(hunks) == 2
    status, shown = on_terminal(doubtful, "apply", "two.py", "-u", "open.py", "--model", "none", "--write", typed=typed)
    expected = apply_hunks(text(TWO), [hunks[k] for k in taken])
    assert (status, (doubtful.folder / "two.py").read_text()) == (0 if taken else 3, expected), shown
    assert "hunk 1 of 2: take it [y,n,a,d,o,e,q,?]?" in shown
    assert doubtful.run("undo", "--list").out.count(b"\n") == bool(taken)


def test_a_reading_far_away_shows_only_its_own_lines(doubtful: Cli) -> None:
    doubtful.write("apart.py", APART)
    doubtful.write("wish.py", ["    x = 1", "    x += 1"])
    _, shown = on_terminal(doubtful, "apply", "apart.py", "-u", "wish.py", "--model", "none")
    plain = COLOUR.sub("", shown)
    diff = re.split(r"\nreading \d, against the first:\r?\n|\nnext:", plain)[1].splitlines()
    assert [row.rstrip() for row in diff if not row.startswith("  @@")] == [
        "       x = 1",
        "  -    x += 1",
        "       return x",
        "       x = 1",
        "  +    x += 1",
        "       return x",
    ]


def test_a_file_name_cannot_steer_the_terminal(files: Cli) -> None:
    name = "a\x1b[2J\nb.py"
    files.write(name, ORIGINAL)
    status, shown = on_terminal(files, "apply", name, "-u", "update.py", "--model", "none", "--write")
    assert status == 0
    assert "\x1b[2J" not in shown
    assert "a␛[2J␊b.py written" in shown


def test_a_hunk_is_edited_and_written(doubtful: Cli) -> None:
    path = doubtful.folder / "two.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    editor = doubtful.write("editor", '#!/bin/sh\nsed -i "s/^+LIMIT = 2/+LIMIT = 3/" "$1"\n')
    editor.chmod(0o755)
    env = {"VISUAL": str(editor)}
    arguments = ("apply", "two.py", "-u", "open.py", "--model", "none", "--write")
    status, shown = on_terminal(doubtful, *arguments, typed="e\nn\n", env=env)
    assert (status, path.read_bytes()) == (0, text(["LIMIT = 3", *TWO[1:]]).replace("\n", "\r\n").encode()), shown
    assert "two.py written: 1 of 2 hunks" in shown


DIRECTORY_ANSWERS = {  # what is typed: which files are written
    "a\n": ("other.py", "two.py"),
    "d\n": ("other.py",),
    "y\nq\n": (),
}


@pytest.mark.parametrize("typed", DIRECTORY_ANSWERS, ids=repr)
def test_a_directory_asks_about_its_doubtful_files(doubtful: Cli, typed: str) -> None:
    doubtful.write("other.py", ORIGINAL)
    fenced = [
        line for name, code in (("other.py", UPDATE), ("two.py", OPEN)) for line in (name, "```python", *code, "```")
    ]
    doubtful.write("answer.md", fenced)
    before = {name: (doubtful.folder / name).read_text() for name in ("other.py", "two.py")}
    arguments = ("apply", ".", "-u", "answer.md", "--model", "none", "--write")
    status, shown = on_terminal(doubtful, *arguments, typed=typed)
    written = tuple(name for name, old in before.items() if (doubtful.folder / name).read_text() != old)
    assert (status, written) == (0 if written else 3, DIRECTORY_ANSWERS[typed]), shown
    assert shown.count("take it [") == (2 if "q" in typed else 1)
    assert ("nothing was written: all files or none" in shown) == (not written)


def test_what_is_said_beside_a_preview_is_wrapped_between_words(doubtful: Cli) -> None:
    """An update for other files too, and the keys of a question, on a narrow terminal."""
    doubtful.write("answer.md", ["two.py", "```python", *OPEN, "```", "a/rather_long_name.py", "```python", "x", "```"])
    arguments = ("apply", "two.py", "-u", "answer.md", "--model", "none", "--write")
    _, shown = on_terminal(doubtful, *arguments, typed="?\nq\n", columns=36)
    rows = on_screen(shown, 36)
    told = next(k for k, row in enumerate(rows) if row.startswith("fastapply: 1 other file"))
    assert rows[told : told + 2] == ["fastapply: 1 other file in this", "  update was not applied:"]
    assert "  o  switch to the other reading;" in rows


@pytest.mark.parametrize("options", [(), ("--write", "--yes")])
def test_a_doubtful_folder_says_how_to_go_on(doubtful: Cli, options: tuple[str, ...]) -> None:
    doubtful.write("answer.md", ["two.py", "```python", *OPEN, "```"])
    status, shown = on_terminal(doubtful, "apply", ".", "-u", "answer.md", "--model", "none", *options)
    rows = on_screen(shown)
    assert status == 3
    last = rows[next(k for k, row in enumerate(rows) if row.startswith("next: ")) :]
    steps = ["--write          asks hunk by hunk"] * (not options) + ["--write --force  writes all as it is"]
    steps.append("or one file in place of the folder: two.py --reading 2")
    assert [row[6:] for row in last if row] == steps


@pytest.mark.parametrize("never", ["--yes", "--force"])
def test_nobody_is_asked_who_does_not_want_it(doubtful: Cli, never: str) -> None:
    hunks = readings(doubtful)[0] if never == "--force" else []
    status, shown = on_terminal(doubtful, "apply", "two.py", "-u", "open.py", "--model", "none", "--write", never)
    assert (doubtful.folder / "two.py").read_text() == apply_hunks(text(TWO), hunks)
    assert status == (0 if hunks else 3)
    assert "take it" not in shown


def test_a_sure_result_is_written_without_a_question(files: Cli) -> None:
    status, shown = on_terminal(files, "apply", "app.py", "-u", "update.py", "--model", "none", "--write")
    assert (status, "take it" in shown) == (0, False)
    assert "return 10" in (files.folder / "app.py").read_text()


def test_no_escape_codes_elsewhere(files: Cli) -> None:
    done = files.run("apply", "app.py", "-u", "update.py", "--model", "none")
    assert b"\x1b" not in done.out
    assert "\x1b" not in done.err


COMMANDS = [
    "",
    "apply",
    "doctor",
    "eval",
    "bench",
    "train",
    "model list",
    "model pull",
    "model info",
    "data build",
    "data eval",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_with_an_example(cli: Cli, command: str) -> None:
    done = cli.run(*command.split(), "--help")
    assert done.status == 0
    assert f"Example: fastapply {command}".encode() in done.out
    assert done.err == ""


def test_version(cli: Cli) -> None:
    from fastapply import __version__

    assert cli.run("--version").out.decode() == f"fastapply {__version__}\n"
