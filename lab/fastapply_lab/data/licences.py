"""Find the licence of a package or repository, and whether training may use it: by default, only if it is permissive.

The author's declaration decides (wheel metadata, package.json), else the text of the LICENSE file. Not legal advice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from email.parser import HeaderParser
from pathlib import Path

from fastapply_lab.data.repository import git

# SPDX identifiers in lower case.
# fmt: off
PERMISSIVE = frozenset({
    "mit", "mit-0", "apache-2.0", "bsd-2-clause", "bsd-3-clause", "isc", "0bsd", "unlicense", "zlib", "bsl-1.0",
    "psf-2.0", "python-2.0", "python-2.0.1", "cc0-1.0", "blueoak-1.0.0", "x11", "ncsa", "postgresql", "hpnd", "mit-cmu",
    "wtfpl", "unicode-3.0", "unicode-dfs-2016",
})
_LOOSE: Mapping[str, str] = {  # common names that are not identifiers
    "mit license": "mit", "the mit license": "mit", "expat": "mit", "apache 2.0": "apache-2.0",
    "apache license 2.0": "apache-2.0", "apache license, version 2.0": "apache-2.0", "apache-2": "apache-2.0",
    "apache software license": "apache-2.0", "apache 2": "apache-2.0", "bsd": "bsd-3-clause",
    "bsd license": "bsd-3-clause", "3-clause bsd": "bsd-3-clause", "bsd 3-clause": "bsd-3-clause",
    "new bsd": "bsd-3-clause", "modified bsd license": "bsd-3-clause", "isc license (iscl)": "isc",
    "python software foundation license": "psf-2.0", "the unlicense (unlicense)": "unlicense",
}
_WORDS: tuple[tuple[str, str], ...] = (  # phrases that occur only in that licence, the strictest licences first
    ("agpl-3.0", r"GNU AFFERO GENERAL PUBLIC"), ("lgpl", r"GNU (LESSER|LIBRARY) GENERAL PUBLIC"),
    ("gpl", r"GNU GENERAL PUBLIC LICENSE"), ("mpl-2.0", r"Mozilla Public License"), ("epl", r"Eclipse Public License"),
    ("busl-1.1", r"Business Source License"), ("sspl-1.0", r"Server Side Public License"),
    ("cc-by-nc", r"Attribution-NonCommercial"),
    ("apache-2.0", r"Apache License,?\s+Version 2\.0|apache\.org/licenses/LICENSE-2\.0"),
    ("unlicense", r"free and unencumbered software released into the public domain"),
    ("bsl-1.0", r"Boost Software License"), ("zlib", r"must not be misrepresented; you must not claim"),
    ("mit", r"Permission is hereby granted, free of charge, to any person obtaining a copy"),
    ("isc", r"Permission to use, copy, modify,? and(/or)? distribute this software for any"),
    ("bsd-3-clause", r"Redistribution and use in source and binary forms[\s\S]*Neither the name"),
    ("bsd-2-clause", r"Redistribution and use in source and binary forms"), ("cc0-1.0", r"CC0 1\.0 Universal"),
)
# fmt: on
_SAYS_NOTHING = ("unknown", "osi approved", "dual license")
_QUOTED = re.compile(r"^[ \t]*>[> \t]*", re.MULTILINE)  # a licence that a Markdown file quotes
_FILE = re.compile(r"^((mit|bsd|isc|apache)-)?(licen[cs]e|copying|unlicense)([-.][\w.-]+)?$", re.IGNORECASE)


def permissive(licence: str) -> bool:
    """Whether an SPDX expression allows a choice of only permissive terms. Unknown ("") is not permissive."""
    text = re.sub(r"\s+WITH\s+\S+", "", licence, flags=re.IGNORECASE)
    whole = text.lower().strip()
    if whole in PERMISSIVE or whole in _LOOSE:
        return True
    mixed = re.search(r"\band\b", whole) and re.search(r"\bor\b", whole)
    names = [name.strip("() ") for name in re.split(r"\b(?:and|or)\b|[/;]", whole)]
    known = [name in PERMISSIVE or name in _LOOSE for name in names if name]
    # With both AND and OR, brackets would matter, so then every part must be permissive.
    return any(known) if " or " in whole and not mixed else bool(known) and all(known)


def folder_licence(folder: Path, kind: str, package: str = "") -> str:
    """The licence of an unpacked package, as declared or from its LICENSE file; "" if unknown."""
    declared = {"npm": _npm, "pypi": _pypi}.get(kind, lambda _folder, _package: "")(folder, package)
    return declared or licence_of_texts(
        path.read_text(errors="replace") for path in sorted(folder.glob(_DEPTH.get(kind, "*"))) if _is_licence(path)
    )


_DEPTH = {"npm": "package/*", "pypi": "*.dist-info/**/*", "debian": "usr/share/doc/*/copyright"}


def _is_licence(path: Path) -> bool:
    return path.is_file() and bool(_FILE.match(path.name) or path.name == "copyright")


def _npm(folder: Path, _package: str) -> str:
    for path in sorted(folder.glob("*/package.json")) or [folder / "package.json"]:
        try:
            declared = json.loads(path.read_text("utf-8")).get("license", "")
        except (OSError, ValueError, AttributeError):
            continue
        return str(declared.get("type", "") if isinstance(declared, dict) else declared or "")
    return ""


def _pypi(folder: Path, package: str) -> str:
    """The licence in a wheel's metadata. `folder` may be a site-packages folder with other packages."""
    wanted = re.sub(r"[-_.]+", "_", package).lower()
    for path in sorted(folder.glob("*.dist-info/METADATA")):
        if wanted and re.sub(r"[-_.]+", "_", path.parent.name.split("-")[0]).lower() != wanted:
            continue
        data = HeaderParser().parsestr(path.read_text("utf-8", errors="replace"))
        classified = [c.rpartition("::")[2].strip() for c in data.get_all("Classifier", []) if "License ::" in c]
        for told in (data.get("License-Expression", ""), data.get("License", ""), " OR ".join(classified)):
            if told and "\n" not in told and len(told) < 100 and told.lower() not in _SAYS_NOTHING:
                return str(told)
    return ""


def git_licence(repository: Path, commit: str = "HEAD") -> str:
    """The licence of a repository at a commit, from the licence files in its top folder."""
    names = git(repository, "ls-tree", "--name-only", "-z", commit).decode(errors="replace").split("\0")
    return licence_of_texts(
        git(repository, "cat-file", "-p", f"{commit}:{name}").decode(errors="replace")
        for name in sorted(filter(_FILE.match, names))
    )


def licence_of_texts(texts: Iterable[str]) -> str:
    """The SPDX expression of licence files. Several files mean a choice, as with LICENSE-MIT and LICENSE-APACHE."""
    found = [_recognised(re.sub(r"\s+", " ", _QUOTED.sub("", text))) for text in texts]
    return " OR ".join(dict.fromkeys(filter(None, found)))


def _recognised(text: str) -> str:
    return next((name for name, words in _WORDS if re.search(words, text, re.IGNORECASE)), "")
