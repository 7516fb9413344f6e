"""A local git repository, bare or with a work tree: its name, its root commits, its objects."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fastapply.errors import UsageError


def git(repository: Path, *arguments: str) -> bytes:
    """The standard output of a git command. Raises UsageError if git fails."""
    done = subprocess.run(_command(repository, *arguments), capture_output=True, check=False)
    if done.returncode:
        raise UsageError(f"git {arguments[0]} failed in {repository}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def _command(repository: Path, *arguments: str) -> list[str]:
    return ["git", "-c", "core.quotePath=false", "-C", str(repository), *arguments]


def check_repository(folder: Path) -> None:
    """Raise UsageError for anything but a repository with at least one commit."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    if subprocess.run(_command(folder, "rev-parse", "--git-dir"), capture_output=True, check=False).returncode:
        raise UsageError(f"{folder} is not a git repository: give the folder of a clone, or a bare one")
    if subprocess.run(_command(folder, "rev-parse", "HEAD"), capture_output=True, check=False).returncode:
        raise UsageError(f"{folder} has no commits")


def name_of(repository: Path) -> str:
    """The `owner/name` of the remote it was cloned from, else the folder's name."""
    done = subprocess.run(_command(repository, "remote", "get-url", "origin"), capture_output=True, check=False)
    address = done.stdout.decode(errors="replace").strip().rstrip("/").removesuffix(".git")
    found = re.search(r"([\w.-]+)[/:]([\w.-]+)$", address) if done.returncode == 0 else None
    if found and not Path(address).is_dir():
        return f"{found[1]}/{found[2]}"
    place = repository.resolve()
    return (place.parent if place.name == ".git" else place).name.removesuffix(".git")


def root_commits(repository: Path) -> set[str]:
    """The commits without a parent, which a fork shares with its origin."""
    return set(git(repository, "rev-list", "--max-parents=0", "HEAD").decode().split())


class Blobs:
    """Reads objects by id, from one persistent git process."""

    def __init__(self, asks: IO[bytes], answers: IO[bytes]) -> None:
        self._asks, self._answers = asks, answers

    def get(self, object_id: str, most: int) -> bytes | None:
        """The content, or None if it is missing or has more than `most` bytes."""
        self._asks.write(object_id.encode() + b"\n")
        self._asks.flush()
        words = self._answers.readline().split()
        if len(words) < 3:
            return None
        left = int(words[2]) + 1
        data = self._answers.read(left) if left <= most else b""
        left -= len(data)
        while left > 0:
            left -= len(self._answers.read(min(left, 1 << 20)))
        return data[:-1] if data else None


@contextmanager
def open_blobs(repository: Path) -> Iterator[Blobs]:
    with subprocess.Popen(
        _command(repository, "cat-file", "--batch"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Blobs(process.stdin, process.stdout)


def log_lines(repository: Path, *arguments: str) -> Generator[str, None, None]:
    """Yield the lines of `git log`. Closing the iterator ends git."""
    with subprocess.Popen(
        _command(repository, "log", *arguments), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                yield line.decode(errors="replace").rstrip("\n")
        finally:
            process.terminate()
