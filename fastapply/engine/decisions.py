"""Decision tokens: where an output departs from its original, and where it returns.

All other tokens of a rewrite are copied or follow from a decision. Training gives decision tokens more weight, and the
confidence is measured on them.
"""

from __future__ import annotations

from collections.abc import Sequence

import Levenshtein


def decision_tokens(original: Sequence[int], output: Sequence[int]) -> tuple[set[int], set[int]]:
    """Indices into `output` of the decision tokens, and of all new tokens.

    Decision tokens are the first token of each operation in a minimal edit script (replace, insert, delete) and the
    first token after it."""
    decisions: set[int] = set()
    new: set[int] = set()
    for kind, _, _, start, end in Levenshtein.opcodes(list(original), list(output)):
        if kind == "equal":
            continue
        new.update(range(start, end))
        decisions.update(index for index in (start, end) if index < len(output))
    return decisions, new
