"""`fastapply apply` in a pipe, run in this process: what is printed where, and with which exit status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from fastapply.cli import run

APP = "def first():\n    return 1\n\n\ndef second():\n    return 2\n"
CHANGED = APP.replace("return 1", "return 10")
UPDATE = "def first():\n    return 10\n\n\n# ... existing code ...\n"
# Two methods that are alike: an update that shows one of them needs review, however sure the weights are.
METHOD = "    def read(self):\n        x = open(self.path)\n        return x.read()\n"
TWO = f"class First:\n{METHOD}\n\nclass Second:\n{METHOD}"
OPEN = f"# ... existing code ...\n{METHOD.replace('read()', 'read().strip()')}# ... existing code ...\n"


class Done(NamedTuple):
    status: int
    out: str
    err: str


class Here:
    """A folder with files, in which commands run."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture
        for name, text in {"app.py": APP, "update.py": UPDATE, "two.py": TWO, "open.py": OPEN}.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()

    def apply(self, *arguments: str) -> Done:
        status = run(["apply", *arguments, "--model", "none"])
        return Done(status, *self._capture.readouterr())


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Here:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("FASTAPPLY_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return Here(folder, capfd)


def only_error(done: Done) -> str:
    """Of a command that printed nothing else."""
    assert (done.status, done.out, done.err.count("\n")) == (3, "", 1), done
    assert done.err.startswith("fastapply: error: ")
    return done.err


@pytest.mark.parametrize("form", [(), ("--format", "diff")])
def test_a_doubtful_diff_is_one_line_that_begins_with_the_doubt(here: Here, form: tuple[str, ...]) -> None:
    said = only_error(here.apply("two.py", "-u", "open.py", *form))
    assert "two.py: needs review, no diff is printed: two places fit: line 4 or line 10; reading 2 takes the" in said
    assert "--reading 2 takes another reading, --force takes this one, --format json shows all" in said
    assert ".;" not in said
    done = here.apply("two.py", "-u", "open.py", "--force", *form)
    assert (done.status, "+        return x.read().strip()" in done.out) == (0, True)
    assert "in doubt: two places fit" in done.err


def test_a_doubtful_diff_of_a_directory_is_one_line_too(here: Here) -> None:
    here.write("answer.md", f"app.py\n```python\n{UPDATE}```\n\ntwo.py\n```python\n{OPEN}```\n")
    said = only_error(here.apply(".", "-u", "answer.md"))
    assert "needs review, no diff is printed: two.py: two places fit" in said
    assert "--force takes all as it is" in said
    only_error(here.apply(".", "-u", "answer.md", "--write"))
    assert (here.read("app.py"), here.read("two.py")) == (APP, TWO)
    done = here.apply(".", "-u", "answer.md", "--format", "json")
    assert (done.status, json.loads(done.out)["status"]) == (3, "needs_review")
    done = here.apply(".", "-u", "answer.md", "--write", "--force")
    assert (done.status, here.read("app.py")) == (0, CHANGED)
    assert done.err.endswith("2 files written; `fastapply undo` takes it back\n")


def test_nothing_to_change_is_said_of_a_directory(here: Here) -> None:
    here.write("answer.md", f"app.py\n```python\n{UPDATE}```\n")
    assert here.apply(".", "-u", "answer.md", "--write").err.endswith(
        "1 file written; `fastapply undo` takes it back\n"
    )
    done = here.apply(".", "-u", "answer.md", "--write")
    assert (done.status, done.out) == (0, "")
    assert done.err.endswith("nothing to change\n")


def several(*names: str) -> str:
    return "\n".join(f"`{name}`:\n```python\n{UPDATE}```\n" for name in names)


OTHERS = {  # the file, what the update names, and the folder that is told
    ("app.py", ("app.py", "b.py")): ("1 other file in this update was not applied: b.py", "."),
    ("app.py", ("lib/a.py", "here/app.py", "c.py")): (
        "2 other files in this update were not applied: lib/a.py, c",
        "..",
    ),
    ("app.py", ("elsewhere/app.py", "b.py")): ("1 other file in this update was not applied: b.py", ""),
    ("src/app.py", ("app.py", "lib/b.py")): ("1 other file in this update was not applied: lib/b.py", "src"),
    ("a b/app.py", ("app.py", "b.py")): ("1 other file in this update was not applied: b.py", "'a b'"),
}


@pytest.mark.parametrize("case", OTHERS, ids=repr)
def test_the_other_files_of_an_update_are_named_and_the_folder_is_told(
    here: Here, case: tuple[str, tuple[str, ...]]
) -> None:
    file, names = case
    here.write(file, APP)
    here.write("answer.md", several(*names))
    done = here.apply(file, "-u", "answer.md", "--format", "text")
    said, folder = OTHERS[case]
    assert (done.status, done.out) == (0, CHANGED), done.err
    line = next(line for line in done.err.splitlines() if said in line)
    assert line.endswith(f"; give the folder to apply all: fastapply apply {folder}" if folder else "to apply all")


def test_an_update_for_other_files_alone_changes_nothing(here: Here) -> None:
    """It is for files whose edits would fit this one."""
    here.write("answer.md", several("lib/a.py", "b.py"))
    done = here.apply("app.py", "-u", "answer.md", "--write")
    assert (done.status, here.read("app.py")) == (2, APP)
    assert "the update is for lib/a.py, b.py: none of them is app.py; give one of these files" in done.err


def test_which_of_two_files_of_one_name_is_told_by_the_path(here: Here) -> None:
    here.write("lib/app.py", APP)
    update = several("other/app.py", "lib/app.py").replace("return 10", "return 20", 1)
    here.write("answer.md", update)
    done = here.apply("lib/app.py", "-u", "answer.md", "--format", "text")
    assert (done.status, done.out) == (0, CHANGED), done.err
    done = here.apply("app.py", "-u", "answer.md", "--format", "text")
    assert done.status == 2
    assert "the update is for other/app.py, lib/app.py: more than one of them may be app.py" in done.err
