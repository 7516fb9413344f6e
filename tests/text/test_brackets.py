"""Which brackets lines leave open."""

from __future__ import annotations

import pytest

from fastapply.text.brackets import open_brackets


@pytest.mark.parametrize(
    ("texts", "opened"),
    [
        (["f(a, b)"], ""),
        (["packages=["], "["),
        (["if (a &&", "b) {"], "{"),
        (["f(')')", 'g("[{", `(`)'], ""),
        (["'it\\'s (' + ("], "("),
        (["})"], "--"),
    ],
)
def test_open_brackets(texts: list[str], opened: str) -> None:
    assert open_brackets(texts) == opened


def test_what_was_open_before_is_closed() -> None:
    assert open_brackets(["]", "}"], "{[") == ""
