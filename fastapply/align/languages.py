"""The language of a file, and its syntax tree. `text/languages` has the table of the languages.

An unknown language is not an error: callers then work on plain lines.
"""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from pathlib import PurePath
from typing import cast

from tree_sitter import Parser, Tree
from tree_sitter_language_pack import SupportedLanguage, get_parser

from fastapply.align.refused import refused
from fastapply.text.diff import common_ends
from fastapply.text.languages import LANGUAGES

_LANGUAGE_OF_EXTENSION = {ext: name for name, row in LANGUAGES.items() for ext in row.extensions.split()}
# Read without a grammar (`line_info`): the one that there is counts errors by chance.
_LANGUAGE_OF_EXTENSION |= {"rst": "rst", "rest": "rst"}
_LANGUAGE_OF_FILE = {file: name for name, row in LANGUAGES.items() for file in row.files.split()}
_LANGUAGE_OF_INTERPRETER = {
    **{name: name for name in ("python", "bash", "ruby", "php", "lua", "perl")},
    "sh": "bash",
    "zsh": "bash",
    "node": "javascript",
}

# What editors and clients call a language that has another name here.
ALIASES = {
    "c++": "cpp",
    "c#": "csharp",
    "golang": "go",
    "javascriptreact": "javascript",
    "jsonc": "json",
    "makefile": "make",
    "objective-c": "objc",
    "shell": "bash",
    "shellscript": "bash",
    "terraform": "hcl",
    "typescriptreact": "tsx",
}

NAMES = frozenset(LANGUAGES)  # of all languages with a grammar

MARKUP = frozenset({"html", "vue", "svelte"})  # they contain scripts and style sheets

# Text around a fragment that makes it parse. A bare method, for example, parses only inside a class.
_FRAMES: dict[str, tuple[tuple[str, str], ...]] = {
    "javascript": (("class _ {", "}"),),
    "typescript": (("class _ {", "}"),),
    "tsx": (("class _ {", "}"),),
    "java": (("class _ {", "}"),),
    "csharp": (("class _ {", "}"),),
    "kotlin": (("class _ {", "}"),),
    "swift": (("class _ {", "}"),),
    "scala": (("class _ {", "}"),),
    "dart": (("class _ {", "}"),),
    "rust": (("impl _ {", "}"),),
    "cpp": (("class _ {", "};"),),
    "php": (("<?php", ""), ("<?php class _ {", "}")),
    "css": (("_ {", "}"),),
    "scss": (("_ {", "}"),),
    "json": (("{", "}"),),
}


class _Parsers(threading.local):
    """One set of tree-sitter parsers per thread, because threads cannot share a parser."""

    def __init__(self) -> None:
        self.by_language: dict[str, Parser | None] = {}

    def get(self, language: str) -> Parser | None:
        if language not in self.by_language:
            try:
                self.by_language[language] = get_parser(cast(SupportedLanguage, language))
            except LookupError:
                self.by_language[language] = None
        return self.by_language[language]


_PARSERS = _Parsers()


def detect(path: str | None, text: str) -> str | None:
    """The tree-sitter name of the language, from the file's name or else its first line. None if unknown."""
    if path:
        name = PurePath(path).name.lower()
        if name in _LANGUAGE_OF_FILE:
            return _LANGUAGE_OF_FILE[name]
        language = _LANGUAGE_OF_EXTENSION.get(name.rpartition(".")[2]) if "." in name else None
        if language is not None:
            return language
    first = text[:200].split("\n", 1)[0].strip()
    if first.startswith("#!"):
        words = first[2:].replace("/", " ").split()
        for word in words:
            interpreter = word.rstrip("0123456789.")
            if interpreter in _LANGUAGE_OF_INTERPRETER:
                return _LANGUAGE_OF_INTERPRETER[interpreter]
    if first.startswith("<?php"):
        return "php"
    if first.lower().startswith(("<!doctype html", "<html")):
        return "html"
    return None


_UNSTEADY = frozenset({"rst"})  # the errors of this grammar depend on what lies in memory


def parse(text: str, language: str | None) -> Tree | None:
    """The syntax tree. None if there is no grammar for the language. Broken text gives a tree with ERROR nodes."""
    parser = _PARSERS.get(language) if language else None
    return parser.parse(_bytes(text)) if parser else None


@lru_cache(maxsize=1)
def file_tree(text: str, language: str | None) -> Tree | None:
    """`parse` with a cache, for the file of a request."""
    return parse(text, language)


@lru_cache(maxsize=4)  # trees are large, and the result is among the latest candidates
def parse_rewrite(text: str, original: str, language: str | None) -> Tree | None:
    """The syntax tree of a rewrite. Only the difference is parsed, unless the original has errors: error recovery
    depends on the previous tree."""
    tree = file_tree(original, language)
    if tree is None or tree.root_node.has_error:
        return parse(text, language)
    before, after = _bytes(original), _bytes(text)
    start, tail = common_ends(before, after)
    end, new_end = len(before) - tail, len(after) - tail
    edited = tree.copy()
    edited.edit(start, end, new_end, _point(before, start), _point(before, end), _point(after, new_end))
    parser = _PARSERS.get(cast(str, language))
    assert parser is not None
    return parser.parse(after, edited)


def new_errors(text: str, original: str, language: str | None) -> int:
    """How many more syntax errors a rewrite has than the original. Negative if it has fewer. 0 without a grammar
    that can be trusted."""
    if language in _UNSTEADY:
        return 0
    old, new = file_tree(original, language), parse_rewrite(text, original, language)
    if not (old and new):
        return 0
    return count_errors(new) - count_errors(old) + refused(text, original, (new, old), language)


def _point(data: bytes, at: int) -> tuple[int, int]:
    """Row and column (in bytes) of an offset."""
    return data.count(b"\n", 0, at), at - (data.rfind(b"\n", 0, at) + 1)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def embedded_language(tag: str) -> str:
    """The language inside a markup element, by its opening tag."""
    if tag.startswith("<style"):
        return "scss" if "scss" in tag or "sass" in tag else "css"
    return "typescript" if re.search(r"""lang=["']?tsx?""", tag) else "javascript"


def parse_fragment(text: str, language: str | None) -> tuple[Tree, int] | None:
    """The tree of a part of a file, inside the frame that leaves the fewest errors.

    Returns the tree and the number of frame lines above the text.
    """
    plain = parse(text, language)
    if plain is None or language is None:
        return None
    best, best_errors, best_shift = plain, count_errors(plain), 0
    if language == "php" and "<?" not in text:
        best_errors = len(text)  # the parser took all of it for text outside PHP
    for before, after in _FRAMES.get(language, ()):
        if best_errors == 0:
            break
        framed = parse(f"{before}\n{text}\n{after}", language)
        errors = count_errors(framed) if framed else best_errors
        if framed and errors < best_errors:
            best, best_errors, best_shift = framed, errors, 1
    return best, best_shift


def count_errors(tree: Tree) -> int:
    """The number of ERROR and missing nodes in a tree."""
    if not tree.root_node.has_error:
        return 0
    count, stack = 0, [tree.root_node]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            count += 1
        stack.extend(child for child in node.children if child.has_error or child.is_missing)
    return count
