"""Tasks as token sequences with a weight for each predicted token.

Nearly all tokens of a rewrite are copies, so a plain loss says nothing. The tokens that decide are where the output
leaves the original and where it comes back to it (*decision tokens*); they weigh more. Next to them come *contested*
copies: the prompt continues the same context in more than one way (original against snippet, look-alikes against each
other), so staying on course is a decision too. Knows no model.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from fastapply.engine.decisions import decision_tokens
from fastapply.prompt import Codec, Special, Template
from fastapply.types import ApplyRequest, Task
from fastapply_lab.train.finetune_recipe import Weights

CONTEXT = 2  # tokens that a continuation is looked up by
_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Example:
    """`tokens` are prompt, output and closing; `weights[i]` weighs the prediction of `tokens[i]`, 0 for most."""

    tokens: list[int]
    weights: list[float]
    decisions: frozenset[int]  # indices into `tokens`


def make_example(
    task: Task, codec: Codec, template: Template, rng: random.Random, weigh: Weights = _WEIGHTS
) -> Example:
    """`rng` draws the copies that are predicted too, so that copying is not unlearned."""
    request = ApplyRequest(task.original, task.update, task.instruction, task.path, task.language, task.id)
    prompt = codec.encode_parts(template.parts(request))
    output = codec.encode(task.expected)
    closing = template.closing
    end = [codec.special(closing.name)] if isinstance(closing, Special) else codec.encode(closing)
    decisions, new = decision_tokens(codec.encode(task.original), output)
    hard = contested(prompt, output)
    weights = [0.0] * len(prompt)
    for index in range(len(output)):
        if index in decisions or index == 0:  # how to begin: with the file, not with the snippet
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
    """Indices into `output` of tokens whose context, the `CONTEXT` tokens before, goes on otherwise in the prompt."""
    followers: dict[tuple[int, ...], set[int]] = {}
    for index in range(CONTEXT, len(prompt)):
        followers.setdefault(tuple(prompt[index - CONTEXT : index]), set()).add(prompt[index])
    places = range(CONTEXT, len(output))
    return {i for i in places if followers.get(tuple(output[i - CONTEXT : i]), set()) - {output[i]}}
