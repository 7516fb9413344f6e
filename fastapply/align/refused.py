"""Errors that a tolerant grammar accepts: those that the standard library's parsers refuse, and double declarations.

The tree-sitter grammars accept a Python line that is indented too deeply, for example, or a duplicate key in TOML.
"""

from __future__ import annotations

import ast
import tomllib
import warnings
from collections import Counter
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
        return max(_again(new, _DECLARES[language], ours) - _again(old, _DECLARES[language], theirs), 0)
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
        node = stack.pop()
        names = Counter(name for child in node.children if child.type == declares for name in _names(child))
        found += (names - Counter(names.keys())).total()
        stack += [child for child in node.children if child.child_count and _overlaps(child, ranges)]
    return found


def _names(node: Node) -> Iterator[bytes]:
    """The names that a declaration sets, but for patterns."""
    for child in node.children:
        name = child.child_by_field_name("name") if child.type == "variable_declarator" else None
        if name is not None and name.type == "identifier" and name.text is not None:
            yield name.text
        elif child.type == "variable_declaration":
            yield from _names(child)


def _overlaps(node: Node, ranges: Sequence[range]) -> bool:
    return any(each.start <= node.end_point.row and node.start_point.row < each.stop for each in ranges)


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
