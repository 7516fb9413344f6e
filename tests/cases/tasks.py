"""The cases of this folder as a task file, for a fit: python tests/cases/tasks.py OUT.jsonl

Each kind of the small cases is one group, and so is each folder.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from test_cases import HERE, Case

from fastapply.align.languages import detect
from fastapply.text.lines import decode
from fastapply.types import Status
from fastapply_lab.data.tasks import write_tasks
from fastapply_lab.tasks import Task


def tasks() -> Iterator[Task]:
    for folder in sorted(path.parent for path in HERE.glob("*/case.toml")):
        case = Case.read(folder)
        asked = case.request
        if case.status is not Status.REJECTED:
            yield Task(
                f"case-{case.name}",
                detect(asked.path, asked.original) or "",
                asked.original,
                asked.update,
                decode(case.expected),
                asked.instruction,
                f"case-{case.name}/{asked.path}",
            )
    for file in sorted(HERE.glob("*.jsonl")):
        for row in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            group = f"case-{file.stem}-{row.get('kind', row['id'])}"
            texts = (row["original"], row["update"], row["expected"], row.get("instruction", ""))
            yield Task(f"case-{row['id']}", row["language"], *texts, f"{group}/{row['path']}")


if __name__ == "__main__":
    print(write_tasks(tasks(), Path(sys.argv[1])), "tasks")
