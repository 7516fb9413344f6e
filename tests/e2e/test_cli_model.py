"""The command line with the embedded model: the main job, its stats, its limits, and an interruption."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess

import pytest
from program import SECONDS, Cli

pytestmark = [pytest.mark.model, pytest.mark.process]

ORIGINAL = ["import sys", "", "", "def first():", "    return 1", "", "", "def second():", "    return 2"]
UPDATE = ["# ... existing code ...", "", "def first():", "    return 10", "", "# ... existing code ..."]
CHANGED = "".join(f"{line}\n" for line in [*ORIGINAL[:4], "    return 10", *ORIGINAL[5:]])


@pytest.fixture
def files(cli: Cli) -> Cli:
    cli.write("app.py", ORIGINAL)
    cli.write("update.py", UPDATE)
    return cli


def test_a_simple_edit_and_nothing_but_ours_on_standard_error(files: Cli) -> None:
    done = files.run("apply", "app.py", "-u", "update.py", "--mode", "judge", "--format", "json", "--write")
    assert done.status == 0
    result = json.loads(done.out)
    assert result["text"] == CHANGED == (files.folder / "app.py").read_text()
    stats = result["stats"]
    assert stats["prompt_tokens"] > stats["output_tokens"] > 10
    assert 0 < stats["accepted_tokens"] <= stats["drafted_tokens"]
    assert 0 < stats["forward_passes"] < stats["output_tokens"]
    said = [line for line in done.err.splitlines() if not line.startswith("fastapply: ")]  # the first run fetches
    assert said[0].startswith("applied: 1 hunk")
    assert len(said) == 2


def test_a_writing_model_is_given_its_head_at_a_high_temperature(files: Cli) -> None:
    """What it writes then is its own: it loses its way, and the alignment finishes the file."""
    asked = ("apply", "app.py", "-u", "update.py", "--mode", "write", "--format", "json", "--force")
    plain = json.loads(files.run(*asked).out)
    assert (plain["text"], plain["status"]) == (CHANGED, "applied")
    assert plain["stats"]["accepted_tokens"] > 10
    hot = json.loads(files.run(*asked, "--temperature", "3", env={"FASTAPPLY_GUIDE_STRENGTH": "1"}).out)
    assert hot["text"] == CHANGED
    assert hot["stats"]["accepted_tokens"] < plain["stats"]["accepted_tokens"]
    [said] = [check["detail"] for check in hot["checks"] if check["name"] == "read"]
    assert "lost its way" in said


def test_a_sure_edit_loads_no_model(files: Cli) -> None:
    done = files.run("apply", "app.py", "-u", "update.py", "--format", "json", env={"FASTAPPLY_CACHE_DIR": "/nowhere"})
    result = json.loads(done.out)
    assert (done.status, result["status"], result["text"]) == (0, "applied", CHANGED)
    assert (result["stats"]["forward_passes"], result["stats"]["prompt_tokens"]) == (0, 0)
    assert "no model was needed" in done.err


def test_a_batch_loads_the_model_once_and_goes_on(files: Cli) -> None:
    task = {"original": "".join(f"{line}\n" for line in ORIGINAL), "update": "".join(f"{line}\n" for line in UPDATE)}
    cli_lines = [json.dumps({"id": "a", "path": "a.py", **task}), "{", json.dumps({"id": "b", "path": "b.py", **task})]
    files.write("tasks.jsonl", cli_lines)
    done = files.run("apply", "--batch", "tasks.jsonl", "--out", "out.jsonl", "--mode", "judge")
    results = [json.loads(line) for line in (files.folder / "out.jsonl").read_text().splitlines()]
    assert [(result.get("id"), result["status"]) for result in results] == [
        ("a", "applied"),
        (None, "rejected"),
        ("b", "applied"),
    ]
    assert results[0]["text"] == results[2]["text"] == CHANGED
    assert results[0]["stats"]["output_tokens"] > 0
    assert done.status == 1


def test_of_a_file_over_the_context_only_the_touched_regions_are_read(files: Cli) -> None:
    parts = [f"def function_{n}(x):\n    # a line that has several tokens\n    return x + {n}\n" for n in range(500)]
    first, last = (part.replace("x +", "x *") for part in (parts[0], parts[-1]))
    files.write("long.py", "\n\n".join(parts))
    files.write("update.py", "\n\n".join([first, "# ... existing code ...\n", last]))
    done = files.run("apply", "long.py", "-u", "update.py", "--mode", "judge", "--format", "json")
    result = json.loads(done.out)
    assert result["text"] == "\n\n".join([first, *parts[1:-1], last])
    assert 0 < result["stats"]["prompt_tokens"] < 2000


def test_interrupted_while_the_model_works(files: Cli) -> None:
    """On a terminal, Ctrl-C while the model works: one line, status 130, no change."""
    body = "\n\n".join(f"def function_{number}(x):\n    return x + {number}\n" for number in range(60))
    path = files.write("app.py", body)
    before = path.read_bytes()
    files.write("update.py", body.replace("x +", "x *"))  # seconds of reading
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        files.command("apply", "app.py", "-u", "update.py", "--plain", "--write", "--mode", "judge"),
        cwd=files.folder,
        env=files.env,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    while b"reading" not in shown:
        shown += os.read(ours, 65536)
    process.send_signal(signal.SIGINT)
    try:
        while data := os.read(ours, 65536):
            shown += data
    except OSError:  # the terminal is gone with the process
        pass
    os.close(ours)
    assert process.wait(timeout=SECONDS) == 130
    assert re.sub(rb"\x1b\[[\d;?]*[a-zA-Z]", b"", shown).rstrip().endswith(b"interrupted; nothing was written")
    assert path.read_bytes() == before


def test_doctor_measures(cli: Cli) -> None:
    done = cli.run("doctor", "--json")
    report = json.loads(done.out)
    assert done.status == 0, report["problems"]
    assert report["ok"]
    assert report["model"]["state"] == "complete"
    assert set(report["speed"]) == {"prefill tokens/s", "block of 8, ms", "block of 64, ms", "block of 256, ms"}
    assert all(value > 0 for value in report["speed"].values())


def test_model_info_names_source_licence_and_checksum(cli: Cli) -> None:
    done = cli.run("model", "info", "--json")
    facts = json.loads(done.out)
    assert (done.status, facts["licence"], facts["state"]) == (0, "Apache-2.0", "complete")
    assert len(facts["base sha256"]) == len(facts["sha256"]["model.safetensors"]) == 64
