"""Licences: what authors declare, what a LICENSE file says, and which of it is permissive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from repositories import MIT, repository

from fastapply_lab.data.licences import folder_licence, git_licence, permissive


@pytest.mark.parametrize(
    "licence",
    [
        "MIT",
        "Apache-2.0",
        "MIT OR GPL-3.0",
        "(MIT OR Apache-2.0)",
        "MIT AND BSD-3-Clause",
        "BSD",
        "MIT License",
        "MIT/X11",
    ],
)
def test_permissive(licence: str) -> None:
    assert permissive(licence)


@pytest.mark.parametrize(
    "licence",
    ["", "GPL-3.0-or-later", "MIT AND GPL-2.0", "(MIT OR ISC) AND LGPL-2.1", "MPL-2.0", "SEE X"],
)
def test_not_permissive_or_unknown(licence: str) -> None:
    assert not permissive(licence)


def test_declared_licences_go_before_files(tmp_path: Path) -> None:
    wheel = tmp_path / "pypi" / "thing-1.0.dist-info"
    wheel.mkdir(parents=True)
    (wheel / "LICENSE").write_text(MIT)
    (wheel / "METADATA").write_text("Name: thing\nLicense-Expression: Apache-2.0\n\nText\n")
    assert folder_licence(tmp_path / "pypi", "pypi", "thing") == "Apache-2.0"
    (wheel / "METADATA").write_text("License: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License\n")
    assert folder_licence(tmp_path / "pypi", "pypi", "Thing") == "BSD License"
    (wheel / "METADATA").write_text("Name: thing\n")
    assert folder_licence(tmp_path / "pypi", "pypi", "thing") == "mit"
    package = tmp_path / "npm" / "package"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"license": {"type": "ISC"}}))
    assert folder_licence(tmp_path / "npm", "npm") == "ISC"


def test_a_repository_is_known_by_its_licence_files(tmp_path: Path) -> None:
    repository(tmp_path, {"a.py": "x = 1\n"})
    assert git_licence(tmp_path) == ""
    repository(tmp_path, {"LICENSE-MIT": MIT, "LICENSE-APACHE": "Apache License\n   Version 2.0, January 2004\n"})
    assert permissive(git_licence(tmp_path))
    repository(tmp_path, {"LICENSE-MIT": "GNU GENERAL PUBLIC LICENSE", "LICENSE-APACHE": "words"})
    assert git_licence(tmp_path) == "gpl"
    quoted = "".join(f"> {line}\n" for line in MIT.split("\n"))
    repository(tmp_path, {"LICENSE-MIT": f"Licensed so:\n\n{quoted}", "LICENSE-APACHE": "words"})
    assert git_licence(tmp_path) == "mit"
