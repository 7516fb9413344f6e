"""How similar two lines are, and how well the place of a snippet's line agrees with a place in the original.

All costs are in nats, like log-odds: 0 is certain, 3 is twenty to one against.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from fastapply.align.chunks import Chunk, Outline
from fastapply.text.lines import brief

Floats = NDArray[np.float32]

_LEAST_SIMILARITY = 0.5
_FAR = 9.0

# Costs of nesting levels that differ, or that only one side has.
_ELIDED = 0.4  # the snippet leaves out a chunk around its line
_OUTER = 0.1  # the same, outside everything that the snippet shows
_WRAPPED = 0.8  # the snippet puts a block around lines of the original
_RENAMED = 2.5  # a definition with another name
_OTHER_BLOCK = 0.9  # a block with another header
_NAMELESS = 0.3  # a block that starts with a lone "{" or "else" says little about its place
_CLAIMED = 1.5  # the snippet shows the chunk elsewhere

_OTHER_KIND = 0.3
_SAME_NAME = 0.2  # factor on the cost of another header, for chunks of the same name
_SHARED = 0.8  # how much shared lines reduce the cost
_KINDS = ("file", "type", "function", "import", "value", "block")
_BLOCK = _KINDS.index("block")

_WORD = re.compile(r"\w+")
_KEY = re.compile(
    r"(?:(?:export|const|let|var|public|private|protected|static|final|readonly|self\.|this\.|local|pub|val)\s*)*"
    r"(?P<key>[-\w$.@\"'\[\]: ]*?[\w\"'\]])\s*(?::=|\+?=(?![=>])|:(?!:)|=>)"
)
_SHORTHAND = re.compile(r"(?P<key>[A-Za-z_$][\w$]*),")  # `name,` in an object: the value is in a variable of that name


def key_of(outline: Outline, line: int) -> str:
    """What a line gives a value to: `NAME` in `NAME = 1`, `"key"` in `"key": 2`, the module of an import. "" if
    none."""
    info = outline.info[line]
    if info.kind in ("value", "import") and info.name:
        return f"{info.kind} {info.name}"
    found = _KEY.match(outline.stripped[line]) or _SHORTHAND.fullmatch(outline.stripped[line])
    return f"value {found['key'].strip()}" if found else ""


def weights(outline: Outline) -> list[float]:
    """How clearly each line marks a place, from 0 (blank or a lone bracket) to 1 (unique words)."""
    counts = Counter(outline.stripped)
    return [_weight(text, counts[text]) for text in outline.stripped]


def _weight(text: str, count: int) -> float:
    letters = sum(map(len, _WORD.findall(text)))
    return float(min(1.0, letters / 8) / max(1, count) ** 0.5)


def similarities(text: str, others: Sequence[str]) -> Floats:
    """The similarity of a stripped line to each of `others`, 0..1. Values below a half become 0."""
    ratios = process.cdist(
        [brief(text)],
        [*map(brief, others)],
        scorer=Indel.normalized_similarity,
        score_cutoff=_LEAST_SIMILARITY,
        dtype=np.float32,
    )
    row: Floats = ratios[0]
    return row


def _floats(values: NDArray[np.floating]) -> Floats:
    return values.astype(np.float32)


def _names_a_place(chunk: Chunk) -> bool:
    """Does a chunk's name identify it? The key of a mapping does, `else {` does not."""
    return chunk.is_definition or chunk.kind == "value" or len(_WORD.findall(chunk.name)) > 1


class Places:
    """The agreement of the snippet's chunks with the original's.

    `cost[p, q]` is the cost of placing a line of snippet chunk p in original chunk q. `claimers[q]` are the snippet's
    chunks that show q: same kind and name, in an agreeing place. `shared[p, q]` is the share of p that q contains.
    """

    def __init__(self, original: Outline, snippet: Outline) -> None:
        self.original = original
        self.snippet = snippet
        self._names = defaultdict[str, list[int]](list)
        for chunk in original.chunks:
            self._names[chunk.name].append(chunk.index)
        self.shared = self._shares()
        self._same = self._same_chunks()
        self.claimers: list[set[int]] = [set() for _ in original.chunks]
        self.cost = self._costs()
        self._claim()
        self.cost = self._costs()

    def shown(self, chunk: Chunk) -> bool:
        """Does the snippet show this chunk of the original?"""
        return bool(self.claimers[chunk.index])

    def _costs(self) -> Floats:
        """Dynamic program over both trees, parents before children."""
        theirs, ours = self.original.chunks, self.snippet.chunks
        depth = np.array([sum(1 for _ in chunk.chain()) - 1 for chunk in theirs])
        parent = np.array([chunk.parent.index if chunk.parent else 0 for chunk in theirs])
        claimed = np.array([_CLAIMED if claimers else 0.0 for claimers in self.claimers], np.float32)
        levels = [np.flatnonzero(depth == level) for level in range(1, int(depth.max()) + 1)]
        cost = np.full((len(ours), len(theirs)), _FAR, np.float32)
        cost[0, 0] = 0.0
        for level in levels:
            cost[0, level] = cost[0, parent[level]] + _OUTER + claimed[level]
        for chunk in ours[1:]:
            assert chunk.parent is not None
            row, above = cost[chunk.index], cost[chunk.parent.index]
            extra = _RENAMED if chunk.is_definition else _WRAPPED
            row[0] = min(_FAR, above[0] + extra)
            same = self._same[chunk.index]
            elided = np.where([chunk.index in claimers for claimers in self.claimers], _ELIDED, _ELIDED + claimed)
            for level in levels:
                up = parent[level]
                best = np.minimum(above[up] + same[level], above[level] + extra)
                row[level] = np.minimum(best, row[up] + elided[level])
        return np.minimum(cost, _FAR)

    def _same_chunks(self) -> Floats:
        """The cost of identifying a chunk of the snippet with one of the original, regardless of their parents."""
        theirs = self.original.chunks
        headers = ["", *(self.original.stripped[chunk.header] for chunk in theirs[1:])]
        kinds = np.array([_KINDS.index(chunk.kind) for chunk in theirs], np.intp)
        defines = np.array([chunk.is_definition for chunk in theirs], np.bool_)
        same = np.full(self.shared.shape, _NAMELESS, np.float32)
        for chunk in self.snippet.chunks[1:]:
            if not _names_a_place(chunk):
                continue
            known = self._names.get(chunk.name, [])
            twice = bool(known) | (defines != chunk.is_definition)
            renamed = np.where(twice, 2 * _RENAMED, _RENAMED)
            cost = np.where(defines | chunk.is_definition, renamed, _OTHER_BLOCK)
            alike = np.maximum(similarities(self.snippet.stripped[chunk.header], headers), 0.5)
            kind = _KINDS.index(chunk.kind)
            odd = (kinds != kind) & (kinds != _BLOCK) & (kind != _BLOCK)
            cost = cost * (2 - 2 * alike) + _OTHER_KIND * odd
            cost[known] *= _SAME_NAME
            same[chunk.index] = cost * (1 - _SHARED * self.shared[chunk.index])
        return same

    def _shares(self) -> Floats:
        """The share of each snippet chunk's telling lines that each original chunk contains, 0..1."""
        ours, theirs = self.snippet, self.original
        where = defaultdict[str, list[int]](list)
        for j, text in enumerate(theirs.stripped):
            where[text].append(j)
        share = np.zeros((len(ours.chunks), len(theirs.chunks)), np.float32)
        size = np.zeros(len(ours.chunks), np.float32)
        chunks_with: dict[str, list[int]] = {}
        for i, text in enumerate(ours.stripped):
            if i in ours.markers or not text:
                continue
            weight = _weight(text, len(where[text]))
            around = [chunk.index for chunk in ours.chunk_of[i].chain()]
            size[around] += _weight(text, 1)
            if text not in chunks_with:
                chunks_with[text] = list({chunk.index for j in where[text] for chunk in theirs.chunk_of[j].chain()})
            share[np.ix_(around, chunks_with[text])] += weight
        return _floats(share / np.maximum(size, 0.5)[:, None])

    def _claim(self) -> None:
        for chunk in self.snippet.chunks[1:]:
            same = self._names.get(chunk.name, ())
            if not _names_a_place(chunk) or (chunk.kind == "block" and len(same) != 1):
                continue
            cost = {q: float(self.cost[chunk.index, q]) for q in same if q}
            least = min(cost.values(), default=_FAR)
            for q in cost:
                if cost[q] < _ELIDED * 3 and cost[q] < least + 0.2:
                    self.claimers[q].add(chunk.index)
