"""ARCHITECTURE.md shows the tree as it is."""

from __future__ import annotations

from draw_layers import PAGE, PICTURE, picture


def test_the_picture_of_the_layers_is_that_of_the_imports() -> None:
    assert PICTURE.findall(PAGE.read_text("utf-8")) == [picture()], "run `make picture`"
