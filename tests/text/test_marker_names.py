"""What a marker says that it stands for."""

from __future__ import annotations

import pytest

from fastapply.text.markers import MarkerKind, classify, keeps_docstring, kept_names


def test_the_names_of_a_marker() -> None:
    assert kept_names("// ... run(), the Crane and M.have stay the same ...") == ["run", "Crane", "M.have"]
    assert kept_names("# ... existing code ...") == []


@pytest.mark.parametrize(
    ("line", "only"),
    [
        ("# ... docstring unchanged ...", True),
        ("# ... existing docstring ...", True),
        ("/* ... doc comment stays the same ... */", True),
        ("# ... docstring and setup unchanged ...", False),
        ("# ... existing code ...", False),
    ],
)
def test_a_marker_for_a_docstring(line: str, only: bool) -> None:
    assert keeps_docstring(line) is only


def test_methods_that_are_named_by_their_signs() -> None:
    assert classify("# first and [] unchanged", "ruby") is MarkerKind.KEEP
    assert classify("# a == b", "ruby") is None
