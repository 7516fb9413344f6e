"""A prior over the output: candidate texts that the model chooses among, fused into its scores.

Shallow fusion (Gulcehre et al. 1503.03535; contextual biasing in speech recognition): a token that continues one of
the candidates gets a bonus on its logit. With a large `strength` the model picks one of the candidates at each point
where they part; with 0 it writes freely. The bonus depends on the output so far and on nothing else, so decoding
stays deterministic and every drafter gives the same bytes. Knows token ids only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

Bonus = dict[int, float]  # token -> what is added to its logit


class Guide(Protocol):
    def observe(self, token: int) -> None:
        """The output went on with `token`."""

    def along(self, draft: Sequence[int]) -> list[Bonus]:
        """The bonus for the next token and after each token of `draft`: len(draft) + 1 entries. Changes nothing."""


class NoGuide:
    """The model writes by itself."""

    def observe(self, token: int) -> None:
        pass

    def along(self, draft: Sequence[int]) -> list[Bonus]:
        return [{}] * (len(draft) + 1)


class CandidateGuide:
    """Candidates with log-priors, each a whole output (its stop token included).

    A candidate counts as long as the output is one of its prefixes. When the model has overruled them all, they count
    again after `RESYNC` tokens in common, from the first such place that lies ahead.
    """

    RESYNC = 12

    def __init__(self, candidates: Sequence[Sequence[int]], log_priors: Sequence[float], strength: float) -> None:
        assert len(candidates) == len(log_priors)
        self._candidates = [list(candidate) for candidate in candidates]
        self._log_priors = list(log_priors)
        self._strength = strength
        self._positions: list[int | None] = [0] * len(candidates)  # of the next token; None: left behind
        self._last = [0] * len(candidates)  # the last position that counted
        self._tail: list[int] = []

    def observe(self, token: int) -> None:
        self._tail = [*self._tail[-(self.RESYNC - 1) :], token]
        self._positions = self._after(self._positions, token)
        if all(position is None for position in self._positions):
            self._positions = [self._found_again(index) for index in range(len(self._candidates))]
        self._last = [last if p is None else p for p, last in zip(self._positions, self._last, strict=True)]

    def along(self, draft: Sequence[int]) -> list[Bonus]:
        positions = self._positions
        bonuses = [self._bonus(positions)]
        for token in draft:
            positions = self._after(positions, token)
            bonuses.append(self._bonus(positions))
        return bonuses

    def _after(self, positions: list[int | None], token: int) -> list[int | None]:
        return [
            p + 1 if p is not None and p < len(candidate) and candidate[p] == token else None
            for candidate, p in zip(self._candidates, positions, strict=True)
        ]

    def _bonus(self, positions: Sequence[int | None]) -> Bonus:
        priors: Bonus = {}
        for candidate, p, prior in zip(self._candidates, positions, self._log_priors, strict=True):
            if p is not None and p < len(candidate):
                token = candidate[p]
                priors[token] = max(prior, priors.get(token, prior))
        best = max(priors.values(), default=0.0)
        return {token: self._strength + prior - best for token, prior in priors.items()}

    def _found_again(self, index: int) -> int | None:
        if len(self._tail) < self.RESYNC:
            return None
        candidate = self._candidates[index]
        for end in range(self._last[index] + 1, len(candidate) + 1):
            if end >= self.RESYNC and candidate[end - self.RESYNC : end] == self._tail:
                return end
        return None
