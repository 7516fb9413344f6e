"""Tasks as token sequences with a weight for each predicted token.

Nearly all tokens of a rewrite are copies, so an unweighted loss says little. *Decision tokens*, where the output leaves
the original or returns to it, have the largest weight. *Contested* copies follow: if the prompt continues the same
context in more than one way (original and snippet, or similar code), staying on course is a decision too.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import Levenshtein

from fastapply.prompt import Codec, Special, Template
from fastapply.types import ApplyRequest
from fastapply_lab.tasks import Task
from fastapply_lab.train.finetune_recipe import Weights

CONTEXT = 2  # tokens of context with which to look up continuations
_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Example:
    """`tokens` are prompt, output and closing. `weights[i]` is the weight of predicting `tokens[i]`, mostly 0."""

    tokens: list[int]
    weights: list[float]
    decisions: frozenset[int]  # indices into `tokens`


def make_example(
    task: Task, codec: Codec, template: Template, rng: random.Random, weigh: Weights = _WEIGHTS
) -> Example:
    """A task as an example. `rng` draws some copies to be predicted too, so that copying is not unlearned."""
    request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language, task.id)
    prompt = codec.encode_parts(template.parts(request))
    output = codec.encode(task.expected)
    closing = template.closing
    end = [codec.special(closing.name)] if isinstance(closing, Special) else codec.encode(closing)
    decisions, new = decision_tokens(codec.encode(task.original), output)
    hard = contested(prompt, output)
    weights = [0.0] * len(prompt)
    for index in range(len(output)):
        if index in decisions or index == 0:  # token 0 decides to begin with the file, not the snippet
            weights.append(weigh.decision)
        elif index in new:
            weights.append(weigh.new)
        elif index in hard:
            weights.append(weigh.contested)
        else:
            weights.append(1.0 if rng.random() < weigh.copy_share else 0.0)
    weights += [weigh.closing] * len(end)
    return Example(prompt + output + end, weights, frozenset(len(prompt) + index for index in decisions))


def contested(prompt: Sequence[int], output: Sequence[int]) -> set[int]:
    """Indices into `output` of tokens whose context, the last `CONTEXT` tokens, goes on otherwise in the prompt."""
    followers: dict[tuple[int, ...], set[int]] = {}
    for index in range(CONTEXT, len(prompt)):
        followers.setdefault(tuple(prompt[index - CONTEXT : index]), set()).add(prompt[index])
    places = range(CONTEXT, len(output))
    return {i for i in places if followers.get(tuple(output[i - CONTEXT : i]), set()) - {output[i]}}


def decision_tokens(original: Sequence[int], output: Sequence[int]) -> tuple[set[int], set[int]]:
    """Indices into `output` of the decision tokens, and of all new tokens.

    Decision tokens are where an output departs from its original and where it returns: the first token of each
    operation in a minimal edit script (replace, insert, delete), and the first token after it. All others are copied or
    follow from a decision. Training gives them more weight.
    """
    decisions: set[int] = set()
    new: set[int] = set()
    for kind, _, _, start, end in Levenshtein.opcodes(list(original), list(output)):
        if kind == "equal":
            continue
        new.update(range(start, end))
        decisions.update(index for index in (start, end) if index < len(output))
    return decisions, new
