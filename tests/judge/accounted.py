"""What the ledger has no reason for."""

from __future__ import annotations

from fastapply.judge.ledger import account

FILE = """\
import os
import sys

LIMIT = 3


def first(x):
    y = os.path.join(x)
    if y:
        print(y)
    return y


def second(x):
    log(x)
    return x


def third(x):
    return x + 1
"""


def lost(
    rewritten: str, update: str, instruction: str = "", original: str = FILE, language: str = "python"
) -> list[str]:
    """What goes without a reason."""
    found = account(original, rewritten, update, language, instruction)
    lines = original.split("\n")
    return [line for start, end in found.lost for line in lines[start:end]]
