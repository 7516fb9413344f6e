"""Errors that a tolerant grammar lets pass: what Python itself would not read.

A tree-sitter grammar takes a line that is indented too deep, or a key that a TOML table has twice. The standard library
has the parsers that do not.
"""

from __future__ import annotations

import ast
import tomllib
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tree_sitter import Tree

from fastapply.text.diff import line_hunks


def refused(text: str, original: str, trees: tuple[Tree, Tree], language: str | None) -> int:
    """How many changed statements of the outermost level are refused though their originals were not. `trees`: those of
    both texts, the rewritten one first. 0 for other languages than Python and TOML."""
    if language == "toml":
        return int(_is_toml(original) and not _is_toml(text))
    if language != "python":
        return 0
    hunks = line_hunks(original, text)
    new, old = trees
    shift, ours, theirs = 0, list[range](), list[range]()
    for hunk in hunks:
        start, count = hunk.start_line + shift, hunk.new_text.count("\n")
        ours.append(range(start, start + count + 1))
        theirs.append(range(hunk.start_line, hunk.end_line + 1))
        shift += count - (hunk.end_line - hunk.start_line)
    if not all(map(_is_python, _statements(original, old, theirs))):
        return 0
    return sum(not _is_python(statement) for statement in _statements(text, new, ours))


def _statements(text: str, tree: Tree, ranges: Sequence[range]) -> Iterator[str]:
    """The outermost statements that have a line in one of the ranges, which ascend."""
    lines, k = text.split("\n"), 0
    for node in tree.root_node.children:
        first, last = node.start_point.row, node.end_point.row
        while k < len(ranges) and ranges[k].stop <= first:
            k += 1
        if k < len(ranges) and ranges[k].start <= last:
            yield "\n".join(lines[first : last + 1])


@lru_cache(maxsize=256)  # candidates have most of their statements in common
def _is_python(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


@lru_cache(maxsize=32)
def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return False
    return True
