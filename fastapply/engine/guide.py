"""A prior over the output: the model chooses among candidate texts, and the leading one gets a bonus on its logits.

This is shallow fusion (Gulcehre et al. 1503.03535; contextual biasing in speech recognition). The token that continues
the *leader*, the candidate that is ahead, gets a bonus. With a large `strength` the output is one of the candidates;
with 0 the model writes freely. Where a rival parts from the leader there is a *fork*: the model reads both ways and
says how likely each is. Choosing is far easier than writing. The bonus and the forks depend only on the output so far,
so decoding stays deterministic and every drafter gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from fastapply.engine.sequences import common_prefix

Tokens = Sequence[int]
Bonus = dict[int, float]  # token -> what is added to its logit
Read = Callable[[list[Tokens]], Sequence[float]]  # the total log-probability of each way to continue the output
WRITING = 10.0  # nats: the strength with which a writing model is guided (LOG.md)
AFTERWARDS = 4  # tokens read after the ways meet again: coming back is a decision too
RESYNC = 12  # common tokens after which an output that left the leader counts as back on it


@dataclass(frozen=True, slots=True)
class Fork:
    """A rival: `way` instead of the leader's tokens [start, end). `log_prior` is relative to the leader, in nats."""

    start: int
    end: int
    way: tuple[int, ...]
    log_prior: float


class Choice(NamedTuple):
    """Ways to continue the output, the leader's first, and their log-priors relative to it, in nats."""

    ways: list[Tokens]
    priors: list[float]


class Fusion(NamedTuple):
    """How the model's opinion of a way is added to the prior (log-linear fusion, Gulcehre et al. 1503.03535).

    `model` weighs its log-probability. `token` is a bonus in nats for each token: a long way is less likely for its
    length alone.
    """

    model: float = 1.0
    token: float = 0.0

    def score(self, log_prior: float, log_prob: float, tokens: int) -> float:
        """In nats, comparable among the ways of one choice."""
        return log_prior + self.model * log_prob + self.token * tokens


SUM = Fusion()  # the log-posterior of a model that can be trusted


class NoGuide:
    """The model writes without candidates."""

    def decide(self, read: Read) -> None:
        pass

    def observe(self, token: int) -> None:
        pass

    def along(self, draft: Tokens) -> list[Bonus]:
        return [{}] * (len(draft) + 1)

    def room(self) -> int | None:
        return None


class GuideState(NamedTuple):
    """Where the output stands: its position in the leader (None: it has left the leader), its last known position
    there, and its last tokens."""

    position: int | None = 0
    last: int = 0
    tail: tuple[int, ...] = ()


class CandidateGuide:
    """Keeps the output on the leader as long as the model agrees. The first candidate leads at first.

    `margin` is the smallest lead, in nats, with which a fork was settled (None: no fork was settled).
    """

    def __init__(
        self,
        candidates: Sequence[Tokens],
        log_priors: Sequence[float],
        strength: float,
        fusion: Fusion | None = None,
    ) -> None:
        assert len(candidates) == len(log_priors) > 0
        self._fusion = fusion or SUM
        self.leader = list(candidates[0])
        self.margin: float | None = None
        self._strength = strength
        self._state = GuideState()
        rivals = zip(candidates[1:], log_priors[1:], strict=True)
        forks = [fork_between(self.leader, list(rival), prior - log_priors[0]) for rival, prior in rivals]
        self._forks = sorted((fork for fork in forks if fork), key=lambda fork: fork.start)

    def observe(self, token: int) -> None:
        """The output went on with `token`."""
        self._state = self.after(self._state, token)

    def along(self, draft: Tokens) -> list[Bonus]:
        """The bonuses for the next token and after each token of `draft`, [len(draft) + 1]. Changes no state."""
        state = self._state
        bonuses = [self.bonus(state)]
        for token in draft:
            state = self.after(state, token)
            bonuses.append(self.bonus(state))
        return bonuses

    def forks(self) -> list[Fork]:
        """The forks that must be settled before the next token is chosen."""
        return [fork for fork in self._forks if fork.start == self._state.position]

    def room(self) -> int | None:
        """The number of tokens until the next fork; None if there is none ahead."""
        position = self._state.position
        if position is None:
            return None
        return min((fork.start - position for fork in self._forks if fork.start >= position), default=None)

    def rival(self, fork: Fork) -> list[int]:
        """The candidate that `fork` stands for."""
        return [*self.leader[: fork.start], *fork.way, *self.leader[fork.end :]]

    def choice(self) -> Choice:
        """The choice at the output's end, where `forks()` must not be empty. The ways run until they have met again."""
        forks = self.forks()
        start = forks[0].start
        end = max(fork.end for fork in forks) + AFTERWARDS  # in the leader
        ways: list[Tokens] = [self.leader[start:end]]
        ways += [self.rival(fork)[start : end + len(fork.way) - (fork.end - fork.start)] for fork in forks]
        return Choice(ways, [0.0, *(fork.log_prior for fork in forks)])

    def decide(self, read: Read) -> None:
        """Settle the forks at the output's end, if there are any. The likeliest way becomes the leader."""
        forks = self.forks()
        if not forks:
            return
        ways, priors = self.choice()
        read_of = zip(priors, read(ways), map(len, ways), strict=True)
        scores = [self._fusion.score(prior, log_prob, tokens) for prior, log_prob, tokens in read_of]
        best, second = sorted(range(len(scores)), key=lambda index: -scores[index])[:2]
        self.settle(forks[best - 1] if best else None, scores[best] - scores[second])

    def settle(self, taken: Fork | None, margin: float) -> None:
        """Remove the forks at this place. With `taken`, its rival becomes the leader. `margin` is the lead in nats."""
        here = self.forks()
        self._forks = [fork for fork in self._forks if fork not in here]
        self.margin = margin if self.margin is None else min(self.margin, margin)
        if taken is None:
            return
        longer = len(taken.way) - (taken.end - taken.start)
        self.leader = self.rival(taken)
        # Forks inside the replaced part are dropped; those after it move.
        behind = [fork for fork in self._forks if fork.start >= taken.end]
        self._forks = [replace(fork, start=fork.start + longer, end=fork.end + longer) for fork in behind]

    def after(self, state: GuideState, token: int) -> GuideState:
        tail = (*state.tail[-(RESYNC - 1) :], token)
        position = state.position
        if position is not None and position < len(self.leader) and self.leader[position] == token:
            return GuideState(position + 1, position + 1, tail)
        found = self._found_again(state.last, tail)
        return GuideState(found, state.last if found is None else found, tail)

    def bonus(self, state: GuideState) -> Bonus:
        """The bonus on the next token's logits at `state`."""
        if state.position is None or state.position >= len(self.leader):
            return {}
        return {self.leader[state.position]: self._strength}

    def _found_again(self, last: int, tail: tuple[int, ...]) -> int | None:
        """The first position after `last` where the leader has the output's last tokens too."""
        if len(tail) < RESYNC:
            return None
        ends = range(max(last + 1, RESYNC), len(self.leader) + 1)
        return next((end for end in ends if tuple(self.leader[end - RESYNC : end]) == tail), None)


def fork_between(leader: list[int], rival: list[int], log_prior: float) -> Fork | None:
    """Where and how `rival` differs from `leader`; None if they are the same."""
    if leader == rival:
        return None
    start = common_prefix(leader, rival)
    kept = common_prefix(leader[start:][::-1], rival[start:][::-1])
    return Fork(start, len(leader) - kept, tuple(rival[start : len(rival) - kept]), log_prior)
