"""The `suffix` drafter: a suffix automaton over all sources and the output so far.

This is suffix decoding (Oliaro et al. 2411.04975). The automaton finds the longest suffix of the output that occurs
earlier, in amortised constant time per token (Blumer et al. 1985). What followed it there is the draft. The longer the
match, the longer the draft.
"""

from __future__ import annotations

from collections.abc import Sequence

END = -1  # stands for the end of a source; not a token
TOKENS_PER_MATCH = 8  # drafted tokens for each matched token
SURE = 32  # from this many matched tokens on, a draft is as long as allowed


class SuffixAutomaton:
    """Recognises every substring of `text`; grows token by token. States are numbered, 0 is the start."""

    def __init__(self) -> None:
        self.text: list[int] = []
        self.next: list[dict[int, int]] = [{}]
        self.link = [-1]  # the state of the longest proper suffix with other occurrences
        self.length = [0]  # the length of the longest substring of this state
        self.end = [0]  # where its first occurrence ends in `text`, and what follows it starts
        self._last = 0

    def extend(self, token: int) -> None:
        self.text.append(token)
        state = self._new({}, self.length[self._last] + 1, len(self.text))
        at = self._last
        while at >= 0 and token not in self.next[at]:
            self.next[at][token] = state
            at = self.link[at]
        if at >= 0:
            self.link[state] = self._shared(at, token)
        else:
            self.link[state] = 0
        self._last = state

    def _shared(self, at: int, token: int) -> int:
        """The state for the substrings of `at` followed by `token`, split off if its state also has longer ones."""
        old = self.next[at][token]
        if self.length[old] == self.length[at] + 1:
            return old
        split = self._new(dict(self.next[old]), self.length[at] + 1, self.end[old])
        self.link[split] = self.link[old]
        self.link[old] = split
        while at >= 0 and self.next[at].get(token) == old:
            self.next[at][token] = split
            at = self.link[at]
        return split

    def _new(self, transitions: dict[int, int], length: int, end: int) -> int:
        self.next.append(transitions)
        self.link.append(-1)
        self.length.append(length)
        self.end.append(end)
        return len(self.next) - 1

    def step(self, state: int, matched: int, token: int) -> tuple[int, int]:
        """Extend a match of `matched` tokens at `state` by `token`. Returns the longest suffix that occurs in the text,
        as (state, matched)."""
        while state and token not in self.next[state]:
            state = self.link[state]
            matched = self.length[state]
        return (self.next[state][token], matched + 1) if token in self.next[state] else (0, 0)


class SuffixDrafter:
    """Drafts what followed the longest match. Among equal matches the first wins; sources come in the given order."""

    def __init__(self, sources: Sequence[Sequence[int]]) -> None:
        self._automaton = SuffixAutomaton()
        for source in sources:
            for token in [*source, END]:
                self._automaton.extend(token)
        self._state, self._matched = 0, 0
        self._started = False

    def observe(self, token: int) -> None:
        # Match before extending, so that the output's end does not match itself.
        self._state, self._matched = self._automaton.step(self._state, self._matched, token)
        self._automaton.extend(token)
        self._started = True

    def draft(self, limit: int) -> Sequence[int]:
        if not self._started:
            start, matched = 0, SURE  # an output begins where the first source begins
        elif not self._matched:
            return []
        else:
            start, matched = self._automaton.end[self._state], self._matched
        wanted = limit if matched >= SURE else min(limit, TOKENS_PER_MATCH * matched)
        draft = self._automaton.text[start : start + wanted]
        return draft[: draft.index(END)] if END in draft else draft
