"""Brackets in lines of code, without a grammar. Strings are ignored, comments are not."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BRACKET = re.compile(r"[][(){}]")
_STRING = re.compile(r"""(["'`])(?:\\.|(?!\1).)*\1""")
_OPENER_OF = {")": "(", "]": "[", "}": "{"}


def open_brackets(texts: Iterable[str], opened: str = "") -> str:
    """The brackets open after the texts, given that `opened` were open before. "-" for each unmatched closing one."""
    for text in texts:
        for bracket in _BRACKET.findall(_STRING.sub("", text)):
            if bracket in "([{":
                opened += bracket
            else:
                opened = opened[:-1] if opened[-1:] == _OPENER_OF[bracket] else opened + "-"
    return opened
