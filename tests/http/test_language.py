"""Clients that send no path: the language is told from the file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fastapply.http.language import canonical, guess, language_of
from fastapply.types import ApplyRequest

FILES = {
    "python": "import os\n\n\ndef area(r):\n    return 3 * r\n",
    "go": 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("x")\n}\n',
    "rust": 'use std::fmt;\n\npub fn main() {\n    println!("{}", 1);\n}\n',
    "java": "package a.b;\n\npublic class C {\n    int f() {\n        return 1;\n    }\n}\n",
    "csharp": "using System;\n\nnamespace N\n{\n    public class C { public int F() => 1; }\n}\n",
    "kotlin": "package a\n\nfun main() {\n    val x = 1\n    println(x)\n}\n",
    "javascript": "const x = require('y');\n\nfunction f(a) {\n  return a + 1;\n}\n",
    "typescript": "export function f(a: number): string {\n  return String(a);\n}\n",
    "tsx": "export const C = ({ a }: { a: number }) => <div>{a}</div>;\n",
    "c": "#include <stdio.h>\n\nint main(void)\n{\n    return 0;\n}\n",
    "cpp": "#include <vector>\n\nnamespace n {\ntemplate <typename T> T f(T a) { return a; }\n}\n",
    "ruby": "require 'set'\n\nclass A\n  def b\n    1\n  end\nend\n",
    "php": "<html>\n<?php\nfunction f() { return 1; }\n",
    "css": ".a {\n  color: red;\n}\n",
    "bash": 'set -e\nif [ -f x ]; then\n  echo "$1"\nfi\n',
    "json": '{"a": [1, 2]}\n',
}
NONE = [
    "",
    "\n\n",
    "just some words\nand more of them\n",
    "# Title\n\nText, and `code`.\n",
    "a: 1\nb:\n  - c\n",
    "x" * 30_000,
]


@pytest.mark.parametrize("language", FILES)
def test_a_file_is_told_by_its_looks(language: str) -> None:
    assert guess(FILES[language]) == language


@pytest.mark.parametrize("text", NONE)
def test_no_language_rather_than_a_wrong_one(text: str) -> None:
    assert guess(text) is None


def test_long_files_are_told_by_their_beginning() -> None:
    assert guess(FILES["python"] * 5000) == "python"


@pytest.mark.parametrize("unit", ["\n", "a(", "a(\n", "{", "pub fn ", "import ", " \t", "=>", "a::<"])
def test_odd_files_take_no_time(unit: str) -> None:
    started = time.process_time()
    guess(unit * 20_000)
    assert time.process_time() - started < 5


def test_what_is_said_comes_first() -> None:
    for name, grammar in (("Python", "python"), ("py", "python"), ("C++", "cpp"), ("TSX", "tsx"), ("shell", "bash")):
        assert canonical(name) == grammar
    for name in (None, "", "nonsense", "a b", "../x", "\0", "é"):
        assert canonical(name) is None
    go = FILES["go"]
    assert language_of(ApplyRequest(go, "", language="rust", path="a.py")) == "rust"
    assert language_of(ApplyRequest(go, "", language="nonsense", path="a.py")) == "python"
    assert language_of(ApplyRequest(go, "", path="LICENSE")) == "go"


def test_this_repository_is_python() -> None:
    for path in sorted((Path(__file__).parents[2] / "fastapply/text").rglob("*.py")):
        text = path.read_text()
        assert guess(text) == "python" or text.count("\n") < 3, path
