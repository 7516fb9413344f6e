"""Detect forks and copies of what is reserved for the final evaluation (DESIGN.md) by content, whatever their names.

A fork has the root commits of its origin. A copied file shares *fingerprints*: hashes of runs of lines, of which those
that are 0 modulo `_SAMPLED` are kept (Manber 1994; Schleimer et al. 2003). `reserved.txt` holds both, from the newest
available commits; older or newer versions of a file still share most runs.

`python -m fastapply_lab.data.reserved OWNER/NAME=FOLDER... > lab/fastapply_lab/data/reserved.txt` regenerates it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from fastapply.align import languages
from fastapply_lab.data.repository import git, open_blobs, root_commits

_RUN = 5  # lines with content in one run
_SAMPLED = 16
_LEAST = 2  # a copy shares at least this many fingerprints
_SHARE = 0.3  # and at least this share of its own


def is_fork(repository: Path) -> bool:
    """Whether a repository shares a root commit with a reserved one."""
    return not _known()[0].isdisjoint(root_commits(repository))


def is_copy(text: str) -> bool:
    """Whether a text is a copy, changed or not, of a file in a reserved repository. Cannot tell for short texts."""
    own = set(fingerprints(text))
    shared = len(own & _known()[1])
    return shared >= _LEAST and shared >= _SHARE * len(own)


def fingerprints(text: str) -> Iterator[str]:
    """The sampled hashes of runs of lines, 8 hex digits each."""
    lines = [re.sub(r"\s+", " ", line).strip() for line in text.split("\n")]
    lines = [line for line in lines if len(line) > 3]
    for at in range(len(lines) - _RUN + 1):
        digest = blake2b("\n".join(lines[at : at + _RUN]).encode(errors="replace"), digest_size=4).digest()
        if digest[0] % _SAMPLED == 0:
            yield digest.hex()


@lru_cache(maxsize=1)
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """The root commits and the fingerprints in `reserved.txt`."""
    words = Path(__file__).with_name("reserved.txt").read_text("utf-8").split()
    return frozenset(w for w in words if len(w) == 40), frozenset(w for w in words if len(w) == 8)


def describe(named: Iterable[str]) -> Iterator[str]:
    """The lines of `reserved.txt` for repositories, each given as `owner/name=folder`: root commits, then the
    fingerprints of code at HEAD."""
    found: set[str] = set()
    for name, _, folder in (each.partition("=") for each in named):
        repository = Path(folder)
        yield f"# {name}"
        yield from sorted(root_commits(repository))
        with open_blobs(repository) as blobs:
            for row in git(repository, "ls-tree", "-r", "-z", "HEAD").decode(errors="replace").split("\0")[:-1]:
                meta, path = row.split("\t", 1)
                if meta.startswith("100") and languages.detect(path, "") not in (None, *_NO_CODE):
                    found.update(fingerprints((blobs.get(meta.split()[2], 200_000) or b"").decode(errors="replace")))
    yield from sorted(found)


_NO_CODE = ("json", "yaml", "toml", "xml", "markdown", "html", "ini")

if __name__ == "__main__":
    print("\n".join(describe(sys.argv[1:])))
