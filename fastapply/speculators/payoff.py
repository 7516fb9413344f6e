"""How far ahead to guess when every guess has a cost: the depth with the most expected tokens per cost."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import mul

FADE = 0.9  # earlier observations are multiplied by this with each draft
SHARED = 4.0  # the weight, in trials, of the rate over all depths in the estimate for each depth
LOOK_AGAIN = 16  # after this many drafts, try one token more: what did not pay off may do so later


class Payoff:
    """Measures how often the guess at each depth is right if all before it were, and chooses the depth.

    A draft of k guesses yields 1 + a_1 + a_1 a_2 + ... tokens (Leviathan et al. 2211.17192, eq. 1, with a separate rate
    for each depth) and costs 1 + k * `cost` passes of the model. The depth depends on the output only, not on a clock.
    """

    def __init__(self, cost: float, longest: int) -> None:
        self._cost = cost
        self._right = [0.0] * longest
        self._tried = [0.0] * longest
        self._pause = self._left = LOOK_AGAIN  # drafts between two such trials, and until the next one
        self._looks = False  # whether the current draft is such a trial
        self._draft: list[int] = []  # the draft that is being verified
        self._matched = 0

    def rates(self) -> list[float]:
        """The estimated a_1, a_2, ..."""
        shared = (sum(self._right) + 1.5) / (sum(self._tried) + 2.0)
        return [
            (right + SHARED * shared) / (tried + SHARED) for right, tried in zip(self._right, self._tried, strict=True)
        ]

    def depth(self) -> int:
        """How many tokens the next draft should have; 0 if none pays off."""
        tokens = accumulate(accumulate(self.rates(), mul), initial=1.0)  # the expected tokens at depths 0, 1, ...
        worth = [expected / (1 + depth * self._cost) for depth, expected in enumerate(tokens)]
        best = max(range(len(worth)), key=worth.__getitem__)
        self._left -= 1
        self._looks = self._left <= 0
        return min(best + self._looks, len(self._tried))

    def propose(self, draft: Sequence[int]) -> None:
        """Start to measure `draft`. An earlier draft that was not observed to its end counts as far as it was."""
        if self._draft:
            self._record(self._matched, self._matched)
        self._draft, self._matched = list(draft), 0

    def observe(self, token: int) -> None:
        """The output went on with `token`."""
        if not self._draft:
            return
        right = token == self._draft[self._matched]
        self._matched += right
        if not right or self._matched == len(self._draft):
            self._record(self._matched, self._matched + (not right))
            self._draft = []

    def _record(self, accepted: int, tried: int) -> None:
        if self._looks:  # try again at once if all was right, else after a longer pause
            self._pause = LOOK_AGAIN if accepted == len(self._draft) else 2 * self._pause
            self._left = 1 if accepted == len(self._draft) else self._pause
        for depth in range(tried):
            self._right[depth] = FADE * self._right[depth] + (depth < accepted)
            self._tried[depth] = FADE * self._tried[depth] + 1
