"""From a file and a lazy snippet to the likeliest whole files.

One dynamic program reads the snippet's lines against the original's (`alignment`), at costs that syntax trees inform
(`prices`); each of its paths is written out as a text (`render`). Variants come from the same program: the cheapest
paths in which one decision falls differently. Knows LF text only, and no model.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from fastapply.align.additions import additions
from fastapply.align.alignment import Alignment
from fastapply.align.costs import Costs
from fastapply.align.render import render
from fastapply.align.whole import is_whole_file
from fastapply.errors import RejectedError
from fastapply.text.indentation import in_steps_of

_AS_IT_STANDS = 0.5  # nats by which an update that may be the whole file is likelier so than as it was aligned
_MOST = 0.75
_AT_HOME = -4.0  # nats: a definition that is shown whole is the one that begins alike
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
    update = in_steps_of(original, update)
    if is_whole_file(original, update, language):
        return [Merge(update.removesuffix("\n") + ending, 0.0)]
    alignment = Alignment(original.removesuffix("\n"), update, language, Costs())
    if not alignment.anchored():
        raise RejectedError("the update matches nothing in the file: check that it is meant for this file")
    cost_of: dict[str, float] = {}
    for path, cost in islice(alignment.paths(), _PATHS * n):
        if len(cost_of) >= n:
            break  # what follows costs more
        for text, doubt in render(alignment.original, alignment.snippet, path):
            cost_of[text + ending] = min(cost_of.get(text + ending, cost + doubt), cost + doubt)
    best = min(cost_of.values())
    if _may_be_whole(alignment):
        whole = update.rstrip("\n") + original[len(original.rstrip("\n")) :]
        cost_of[whole] = min(cost_of.get(whole, best), best - _AS_IT_STANDS)
    if (settled := alignment.at_home()) is not None:
        for text, doubt in render(settled.original, settled.snippet, settled.lattice.best_path):
            cost = best + _AT_HOME + doubt
            cost_of[text + ending] = min(cost_of.get(text + ending, cost), cost)
    for text, more in additions(alignment):
        cost_of[text + ending] = min(cost_of.get(text + ending, best + more), best + more)
    ranked = sorted(cost_of.items(), key=lambda pair: pair[1])
    return [Merge(text, cost) for text, cost in ranked[:n]]


def _may_be_whole(alignment: Alignment) -> bool:
    """Does the update start like the file and show most of it, without a marker? Then what it ends with may be all."""
    if any(item.kind not in ("code", "edge") for item in alignment.items):
        return False
    theirs, ours = (list(filter(None, outline.stripped)) for outline in (alignment.original, alignment.snippet))
    known = set(ours)
    return theirs[:1] == ours[:1] and sum(text in known for text in theirs) >= _MOST * len(theirs)
