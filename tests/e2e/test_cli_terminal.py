"""What a person sees: colours and progress on a terminal only, and help that teaches."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import time

import pytest
from program import SECONDS, Cli

pytestmark = pytest.mark.process

ORIGINAL = ["def first():", "    return 1", "", "", "def second():", "    return 2"]
UPDATE = ["def first():", "    return 10", "", "", "# ... existing code ..."]
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def on_terminal(cli: Cli, *arguments: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Run with a terminal as every standard stream; the exit status and all that was shown."""
    ours, theirs = pty.openpty()
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
    return process.wait(timeout=10), shown.decode()


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
    assert "applied: 1 hunk, confidence 0." in plain
    assert "app.py not written (no --write)" in plain


def test_no_colour_when_asked(files: Cli) -> None:
    _, shown = on_terminal(files, "apply", "app.py", "-u", "update.py", "--model", "none", env={"NO_COLOR": "1"})
    assert "+     return 10" in shown
    assert not any(set(code[2:-1].split(";")) & {"31", "32", "33", "36"} for code in COLOUR.findall(shown))


def test_formats_are_for_programs_even_on_a_terminal(files: Cli) -> None:
    _, shown = on_terminal(files, "apply", "app.py", "-u", "update.py", "--model", "none", "--format", "diff")
    assert "-    return 1\r\n+    return 10\r\n" in shown


def test_an_edit_is_asked_for(files: Cli) -> None:
    status, shown = on_terminal(files, "apply", "app.py", "--model", "none")
    assert status == 2
    assert shown.startswith("fastapply: error: which edit? give --update FILE, or pipe it in")


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
