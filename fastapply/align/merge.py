"""From a file and a lazy snippet to the likeliest whole files.

One dynamic program reads the snippet's lines against the original's (`alignment`), at costs that syntax trees inform
(`prices`); each of its paths is written out as a text (`render`). Variants come from the same program: the cheapest
paths in which one decision falls differently. Knows LF text only, and no model.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from fastapply.align.additions import additions
from fastapply.align.alignment import Alignment
from fastapply.align.costs import Costs
from fastapply.align.lattice import Step
from fastapply.align.render import render
from fastapply.align.spacing import apart
from fastapply.align.whole import is_whole_file
from fastapply.errors import RejectedError
from fastapply.text.indentation import in_steps_of, outdented

_AS_IT_STANDS = 0.5  # nats by which an update that may be the whole file is likelier so than as it was aligned
_MOST = 0.75
_AT_HOME = -4.0  # nats: a definition that is shown whole is the one that begins alike
_MOVED = 3.0  # nats: what it costs that a definition changes its place, when all else is taken for granted
_PATHS = 3  # times n: different paths may give one text


@dataclass(frozen=True, slots=True)
class Merge:
    """One whole file that the update may mean. `cost` is in nats: a difference of 3 is twenty to one."""

    text: str
    cost: float


def merges(original: str, update: str, language: str | None, n: int = 8) -> list[Merge]:
    """The `n` likeliest merges with distinct texts, best first.

    Raises RejectedError if the update matches nothing in the original.
    """
    if not original.strip():
        return [Merge(update, 0.0)]
    ending = "\n" * original.endswith("\n")
    update = outdented(original, in_steps_of(original, update))
    if is_whole_file(original, update, language):
        return [Merge(update.removesuffix("\n") + ending, 0.0)]
    alignment = Alignment(original.removesuffix("\n"), update, language, Costs())
    if not alignment.anchored():
        raise RejectedError("the update matches nothing in the file: check that it is meant for this file")
    cost_of: dict[str, float] = {}
    for text, cost in _readings(alignment, n):
        cost_of[text + ending] = min(cost_of.get(text + ending, cost), cost)
    ranked = sorted(cost_of.items(), key=lambda pair: pair[1])
    return [Merge(text, cost) for text, cost in ranked[:n]]


def _readings(alignment: Alignment, n: int) -> Iterator[tuple[str, float]]:
    """Texts without the file's last line break, and their costs; a text may come more than once."""
    texts = set[str]()
    for path, cost in islice(alignment.paths(), _PATHS * n):
        if len(texts) >= n:
            break  # what follows costs more
        for text, doubt in _written(alignment, path):
            texts.add(text)
            yield text, cost + doubt
    if _may_be_whole(alignment):
        yield _as_it_stands(alignment), alignment.cost - _AS_IT_STANDS
    if (settled := alignment.at_home()) is not None:
        for text, doubt in _written(settled, settled.lattice.best_path):
            yield text, alignment.cost + _AT_HOME + doubt
    for moved in alignment.moving():
        near = moved.cost + _MOVED < alignment.cost  # else it would only crowd out others
        for path, cost in islice(moved.paths(), n if near else 0):
            for text, doubt in _written(moved, path):
                yield text, cost + _MOVED + doubt
    for text, more in additions(alignment):
        yield text, alignment.cost + more


def _written(alignment: Alignment, path: list[Step]) -> list[tuple[str, float]]:
    return render(alignment.original, alignment.snippet, apart(alignment, path))


def _may_be_whole(alignment: Alignment) -> bool:
    """Does the update start like the file and show most of it, without a marker? Then what it ends with may be all."""
    if any(item.kind not in ("code", "edge") for item in alignment.items):
        return False
    theirs, ours = (list(filter(None, outline.stripped)) for outline in (alignment.original, alignment.snippet))
    known = set(ours)
    return theirs[:1] == ours[:1] and sum(text in known for text in theirs) >= _MOST * len(theirs)


def _as_it_stands(alignment: Alignment) -> str:
    """The update, with as many blank lines at its end as the original has there."""
    theirs, ours = alignment.original.lines, "\n".join(alignment.snippet.lines).rstrip("\n")
    return ours + "\n" * next((k for k in range(len(theirs)) if theirs[-1 - k]), 0)
