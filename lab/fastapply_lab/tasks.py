"""Read task files: JSON Lines, one task per line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fastapply.errors import UsageError

# The kinds of client that written tasks imitate (docs/data_written.md). An id such as `chat/some-name` names one.
CLIENTS = ("morph", "cursor", "chat", "bare", "agent", "diffish", "searchreplace")


@dataclass(frozen=True, slots=True)
class Task:
    """One line of a task file: a request and its expected result."""

    id: str
    language: str
    original: str
    update: str
    expected: str
    instruction: str = ""
    path: str | None = None


def client_of(identity: str) -> str:
    """The client that a task's id names, or "" if it names none."""
    client, slash, _ = identity.partition("/")
    return client if slash and client in CLIENTS else ""


def read_tasks(path: Path, limit: int | None = None) -> Iterator[Task]:
    """Yield the (first `limit`) tasks of a file. Raises UsageError that names the first bad task."""
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            lines = (line for line in file if line.strip())
            for number, line in enumerate(lines, start=1):
                if limit is not None and number > limit:
                    return
                try:
                    yield Task(**json.loads(line))
                except (TypeError, ValueError) as error:
                    raise UsageError(f"{path}, task {number}: not a task ({error})") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read the task file {path}: {error}") from None
