"""Decision tokens: where an output leaves its original, and where it comes back to it.

Everything else in a rewrite is a copy. Training weighs these tokens, and the confidence looks at them. Knows token
ids only.
"""

from __future__ import annotations

from collections.abc import Sequence

import Levenshtein


def decision_tokens(original: Sequence[int], output: Sequence[int]) -> tuple[set[int], set[int]]:
    """Indices into `output`: the decisions (first token of each edit operation, first token after it), and all new
    tokens. The operations are those of a minimal edit script: replace, insert, delete."""
    decisions: set[int] = set()
    new: set[int] = set()
    for kind, _, _, start, end in Levenshtein.opcodes(list(original), list(output)):
        if kind == "equal":
            continue
        new.update(range(start, end))
        decisions.update(index for index in (start, end) if index < len(output))
    return decisions, new
