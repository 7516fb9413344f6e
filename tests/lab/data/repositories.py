"""Small git repositories for the tests of training data."""

from __future__ import annotations

import subprocess
from pathlib import Path

MODULE = "".join(
    f'def part_{n}(value, other):\n    """Part {n}."""\n    return value * {n} + other\n\n\n' for n in range(9)
)


MIT = "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\n"


def repository(folder: Path, files: dict[str, str]) -> Path:
    """A git repository with one commit of `files`; a further call adds another one."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "Change what `part_3` gives"]):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
    return folder
