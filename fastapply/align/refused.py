"""Syntax errors that a tolerant grammar accepts and the standard library's parsers do not.

The tree-sitter grammars accept a Python line that is indented too deeply, for example, or a duplicate key in TOML.
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
    """How many changed top-level statements are invalid where the original statements were valid. `trees` are the trees
    of the rewrite and of the original. 0 for languages other than Python and TOML."""
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
    """The top-level statements that overlap one of the ascending ranges."""
    lines, k = text.split("\n"), 0
    for node in tree.root_node.children:
        first, last = node.start_point.row, node.end_point.row
        while k < len(ranges) and ranges[k].stop <= first:
            k += 1
        if k < len(ranges) and ranges[k].start <= last:
            yield "\n".join(lines[first : last + 1])


@lru_cache(maxsize=256)  # candidates share most of their statements
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
