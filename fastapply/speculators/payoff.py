"""How far ahead to guess when every guess costs something: the depth with the most expected tokens for its cost."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from operator import mul

FADE = 0.9  # of what was seen, with each draft
SHARED = 4.0  # trials' worth of the rate of all depths that each depth starts with
LOOK_AGAIN = 16  # after so many drafts one token more is tried: what did not pay may pay later


class Payoff:
    """Measures how often the guess at each depth is right when all before it were, and chooses the depth.

    A draft of k guesses yields 1 + a_1 + a_1 a_2 + ... tokens (Leviathan et al. 2211.17192, eq. 1, with a rate for
    each depth) and costs 1 + k * `cost` passes of the model. Depends on the output alone, not on a clock.
    """

    def __init__(self, cost: float, longest: int) -> None:
        self._cost = cost
        self._right = [0.0] * longest
        self._tried = [0.0] * longest
        self._pause = self._left = LOOK_AGAIN  # drafts between two looks, and until the next one
        self._looks = False
        self._draft: list[int] = []  # that is being observed
        self._matched = 0

    def rates(self) -> list[float]:
        """The estimated a_1, a_2, ..."""
        shared = (sum(self._right) + 1.5) / (sum(self._tried) + 2.0)
        return [
            (right + SHARED * shared) / (tried + SHARED) for right, tried in zip(self._right, self._tried, strict=True)
        ]

    def depth(self) -> int:
        """How many tokens the next draft should have: 0 where none pays."""
        tokens = accumulate(accumulate(self.rates(), mul), initial=1.0)  # by depth, from 0 on
        worth = [expected / (1 + depth * self._cost) for depth, expected in enumerate(tokens)]
        best = max(range(len(worth)), key=worth.__getitem__)
        self._left -= 1
        self._looks = self._left <= 0
        return min(best + self._looks, len(self._tried))

    def propose(self, draft: Sequence[int]) -> None:
        """`draft` is what was guessed; an earlier one that was not observed to its end counts as far as it was."""
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
        if self._looks:  # again at once if all was right, else after a pause that grows
            self._pause = LOOK_AGAIN if accepted == len(self._draft) else 2 * self._pause
            self._left = 1 if accepted == len(self._draft) else self._pause
        for depth in range(tried):
            self._right[depth] = FADE * self._right[depth] + (depth < accepted)
            self._tried[depth] = FADE * self._tried[depth] + 1
