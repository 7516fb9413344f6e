"""The order of the examples: steps of micro-batches, drawn by one generator whose state is the place in the data.

Knows no model and no clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from fastapply.errors import UsageError
from fastapply.prompt import Codec, Template
from fastapply.types import Task
from fastapply_lab.train.examples import Example, make_example
from fastapply_lab.train.finetune_recipe import Recipe
from fastapply_lab.train.objective import Drawn

_MISSES = 2000  # examples in a row that are too long: then the recipe's limit is wrong


class Batches(Drawn):
    """Draws tasks with replacement, without end. `position` is JSON; `go_to` it and the same steps follow."""

    def __init__(self, tasks: Sequence[Task], codec: Codec, template: Template, recipe: Recipe) -> None:
        self._by_size = sorted(tasks, key=_characters)
        self._codec = codec
        self._template = template
        self._recipe = recipe
        super().__init__(recipe.seed)

    def draw(self, done: float) -> list[list[Example]]:
        """One step: micro-batches of examples of similar length. `done` is the share of the run behind it.

        Raises UsageError where no task is short enough.
        """
        early = done < self._recipe.short_first
        pool = self._by_size[: max(len(self._by_size) // 2, 1)] if early else self._by_size
        step: list[Example] = []
        tokens = misses = 0
        while tokens < self._recipe.batch_tokens:
            task = self._rng.choice(pool)
            example = make_example(task, self._codec, self._template, self._rng, self._recipe.weights)
            if len(example.tokens) <= self._recipe.max_tokens:
                step.append(example)
                tokens += len(example.tokens)
                misses = 0
            elif (misses := misses + 1) == _MISSES:
                raise UsageError(f"hardly a task has at most {self._recipe.max_tokens} tokens: raise max_tokens")
        return _micro_batches(sorted(step, key=lambda e: len(e.tokens)), self._recipe.micro_tokens)

    def fingerprint(self) -> str:
        """Changes with the tasks: a position means nothing among others."""
        digest = hashlib.sha256()
        for task in self._by_size:
            digest.update("\0".join((task.original, task.update, task.instruction, task.expected, "")).encode())
        return digest.hexdigest()


def _characters(task: Task) -> int:
    return len(task.original) + len(task.update) + len(task.expected)


def _micro_batches(examples: list[Example], limit: int) -> list[list[Example]]:
    micros: list[list[Example]] = [[]]
    for example in examples:  # ascending, so the new one sets the width
        if micros[-1] and (len(micros[-1]) + 1) * len(example.tokens) > limit:
            micros.append([])
        micros[-1].append(example)
    return micros
