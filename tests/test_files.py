"""Reading and writing files as fronts do: all or nothing, and never over somebody else's change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fastapply import files
from fastapply.errors import FastApplyError, FileChangedError, UsageError
from fastapply.files import FileChange, SourceFile, read_source
from fastapply.text.lines import encode
from fastapply.writing import write_changes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo")
    return path


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def write_source(source: SourceFile, text: str) -> None:
    write_changes([FileChange(source.path, source.real, source.data, encode(text))], undo=None)


def test_what_is_read_can_be_written_back(path: Path) -> None:
    source = read_source(path)
    assert source.text == "\ufeffone\r\ntwo"
    write_source(source, source.text + "\r\n")
    assert path.read_bytes() == b"\xef\xbb\xbfone\r\ntwo\r\n"
    assert names(path.parent) == ["a.txt"]


def test_mode_and_links_stay(path: Path) -> None:
    path.chmod(0o4711)
    link = path.with_name("link")
    link.symlink_to(path)
    write_source(read_source(link), "x")
    assert link.is_symlink()
    assert (path.read_bytes(), path.stat().st_mode & 0o7777) == (b"x", 0o4711)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give a file away")
def test_the_owner_stays(path: Path) -> None:
    os.chown(path, 1234, 4321)
    write_source(read_source(path), "x")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)


def test_hard_links_stay_together(path: Path) -> None:
    other = path.with_name("b.txt")
    os.link(path, other)
    write_source(read_source(path), "x")
    assert other.read_bytes() == path.read_bytes() == b"x"
    assert path.stat().st_ino == other.stat().st_ino


@pytest.mark.parametrize("change", ["content", "deleted", "late"])
def test_a_change_since_reading_is_kept(path: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = read_source(path)
    if change == "content":
        path.write_bytes(b"\xef\xbb\xbfone\r\ntwO")
    elif change == "deleted":
        path.unlink()
    else:  # while the new content goes to the disk
        fsync = os.fsync
        monkeypatch.setattr(os, "fsync", lambda number: (path.write_bytes(b"mine"), fsync(number)))
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(FileChangedError, match="nothing was written"):
        write_source(source, "x")
    after = path.read_bytes() if path.exists() else None
    assert after == (b"mine" if change == "late" else before)
    assert names(path.parent) == ([] if change == "deleted" else ["a.txt"])


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
def test_a_failure_leaves_the_file_and_no_trash(path: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    source = read_source(path)
    monkeypatch.setattr(files.os, step, fail)
    with pytest.raises(FastApplyError, match="No space left on device"):
        write_source(source, "x")
    assert path.read_bytes() == source.data
    assert names(path.parent) == ["a.txt"]


def test_an_interruption_leaves_the_file_and_no_trash(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_source(read_source(path), "x")
    assert names(path.parent) == ["a.txt"]


def test_a_read_only_file_is_not_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = read_source(path)
    path.chmod(0o444)
    if os.access(path, os.W_OK):  # root may write anything: ask as somebody else would be answered
        monkeypatch.setattr(files.os, "access", lambda *_: False)
    with pytest.raises(FastApplyError, match="read-only"):
        write_source(source, "x")
    assert path.read_bytes() == source.data


def test_what_cannot_be_written_is_said_before(path: Path) -> None:
    source = read_source(path)
    with pytest.raises(UsageError, match="surrogate"):
        write_source(source, "\ud800")
    assert path.read_bytes() == source.data


def test_only_regular_files_are_sources(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(UsageError, match="not a regular file"):
        read_source(tmp_path / "fifo")
