"""Errors that a tolerant grammar accepts: those that the standard library's parsers refuse, and double declarations.

The tree-sitter grammars accept a Python line that is indented too deeply, for example, or a duplicate key in TOML.
"""

from __future__ import annotations

import ast
import tomllib
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache

from tree_sitter import Node, Tree

from fastapply.text.diff import line_hunks

_DECLARES = {  # statements that declare a name once in a block
    **dict.fromkeys(("javascript", "typescript", "tsx"), "lexical_declaration"),
    "java": "local_variable_declaration",
    "csharp": "local_declaration_statement",
}


def refused(text: str, original: str, trees: tuple[Tree, Tree], language: str | None) -> int:
    """How many changed top-level statements are invalid where the original statements were valid, and how many names
    are declared again in their block. `trees` are the trees of the rewrite and of the original."""
    if language == "toml":
        return int(_is_toml(original) and not _is_toml(text))
    if language != "python" and language not in _DECLARES:
        return 0
    hunks = line_hunks(original, text)
    new, old = trees
    shift, ours, theirs = 0, list[range](), list[range]()
    for hunk in hunks:
        start, count = hunk.start_line + shift, hunk.new_text.count("\n")
        ours.append(range(start, start + count + 1))
        theirs.append(range(hunk.start_line, hunk.end_line + 1))
        shift += count - (hunk.end_line - hunk.start_line)
    if language in _DECLARES:
        again = _again(new, _DECLARES[language], ours)
        return max(again - _again(old, _DECLARES[language], theirs), 0) if again else 0
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


def _again(tree: Tree, declares: str, ranges: Sequence[range]) -> int:
    """How many names are declared again in a block that overlaps one of the ranges of lines."""
    found, stack = 0, [tree.root_node]
    while stack:
        children = stack.pop().children
        names = [name for child in children if child.type == declares for name in _names(child)]
        found += len(names) - len(set(names))
        stack += _overlapping(children, ranges)
    return found


def _names(node: Node) -> Iterator[bytes]:
    """The names that a declaration sets, but for patterns."""
    for child in node.children:
        name = child.child_by_field_name("name") if child.type == "variable_declarator" else None
        if name is not None and name.type == "identifier" and name.text is not None:
            yield name.text
        elif child.type == "variable_declaration":
            yield from _names(child)


def _overlapping(nodes: Sequence[Node], ranges: Sequence[range]) -> Iterator[Node]:
    """Those of consecutive nodes with children that overlap one of the ascending ranges of lines."""
    at = 0
    for each in ranges:
        at = bisect_left(nodes, each.start, at, key=lambda node: node.end_point.row)
        while at < len(nodes) and nodes[at].start_point.row < each.stop:
            if nodes[at].child_count:
                yield nodes[at]
            at += 1


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
