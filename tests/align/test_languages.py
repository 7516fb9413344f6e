from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from fastapply.align.languages import count_errors, detect, parse, parse_fragment
from fastapply.text.comments import comment, is_comment_in, uncomment
from fastapply.text.languages import LANGUAGES


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("a/b.py", "", "python"),
        ("x.tsx", "", "tsx"),
        ("Dockerfile", "", "dockerfile"),
        ("Makefile", "", "make"),
        ("README.md", "", "markdown"),
        ("run", "#!/usr/bin/env python3\n", "python"),
        (None, "#!/bin/sh\n", "bash"),
        (None, "<!DOCTYPE html>\n", "html"),
        ("notes.unknown", "hello", None),
        (None, "", None),
    ],
)
def test_detect(path: str | None, text: str, language: str | None) -> None:
    assert detect(path, text) == language


PROMISED = (
    *("python", "javascript", "typescript", "tsx", "go", "rust", "java", "c", "cpp", "csharp", "ruby", "php", "bash"),
    *("html", "css", "json", "yaml", "toml", "markdown"),
)


@pytest.mark.parametrize("language", PROMISED)
def test_every_promised_language_parses_and_knows_its_comment(language: str) -> None:
    text = comment(language, "note") + "\n"
    tree = parse(text if language != "php" else "<?php\n" + text, language)
    assert tree is not None
    assert count_errors(tree) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_written_comment_is_read_as_one_in_its_language(language: str) -> None:
    words, opener = uncomment(comment(language, "existing code"))
    assert words == "existing code"
    assert is_comment_in(opener, language)


def test_an_unknown_language_has_no_tree() -> None:
    assert parse("x", "no such language") is None
    assert parse_fragment("x", None) is None


def test_a_fragment_is_parsed_in_the_frame_that_fits() -> None:
    parsed = parse_fragment("  async f() {\n    return 1;\n  }", "javascript")
    assert parsed is not None
    tree, shift = parsed
    assert count_errors(tree) == 0
    assert shift == 1


def test_parsers_are_per_thread() -> None:
    with ThreadPoolExecutor(4) as pool:
        trees = list(pool.map(lambda k: parse(f"x = {k}\n" * 50, "python"), range(16)))
    assert all(tree is not None and not tree.root_node.has_error for tree in trees)
