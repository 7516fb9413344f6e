"""The paths in `file:` URLs, and loops of links."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastapply.errors import UsageError
from fastapply.roots import Roots, path_of_url

URLS = {
    "file:///home/me/a%20b.py": ("/home/me/a b.py", "/home/me/a b.py"),
    "file://localhost/x.py": ("/x.py", "/x.py"),
    "file:///c%3A/Users/x.py": ("/c:/Users/x.py", "c:/Users/x.py"),
    "file:///C|/x.py": ("/C|/x.py", "C:/x.py"),
    "FILE:///C:/x.py": ("/C:/x.py", "C:/x.py"),
    "file://server/share/x.py": ("", "//server/share/x.py"),
    "https://host/x.py": ("", ""),
    "file://[": ("", ""),
}


@pytest.mark.parametrize("url", URLS)
def test_the_path_in_a_url(url: str) -> None:
    assert (path_of_url(url, windows=False), path_of_url(url, windows=True)) == URLS[url]


@pytest.fixture
def loops(tmp_path: Path) -> Roots:
    """Two folders, the first of which is empty."""
    folders = [tmp_path / name for name in ("empty", "full", "out")]
    for folder in folders:
        folder.mkdir()
    for link, to in (("full/a", "b"), ("full/b", "a"), ("out/c", "c"), ("full/c", "../out/c")):
        (tmp_path / link).symlink_to(to)
    return Roots((folders[0].resolve(), folders[1].resolve()))


@pytest.mark.parametrize("target", ["a", "b", "a/x.py"])
def test_a_loop_of_links_is_called_one(loops: Roots, target: str) -> None:
    with pytest.raises(UsageError, match=f"^{target} is a loop of links"):
        loops.find(target)


def test_a_loop_outside_of_the_roots_is_not_told_from_anything_else_there(loops: Roots) -> None:
    full = loops.configured[1]
    for target in (full / "c", full / "../out/c", full / "../out/nosuch"):
        with pytest.raises(UsageError, match="outside of the roots"):
            loops.find(str(target))
