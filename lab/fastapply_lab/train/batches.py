"""Draw training examples as steps of micro-batches. The random generator's state is the position in the data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from fastapply.errors import UsageError
from fastapply.prompt import Codec, Template
from fastapply_lab.tasks import Task
from fastapply_lab.train.examples import Example, make_example
from fastapply_lab.train.finetune_recipe import Recipe
from fastapply_lab.train.objective import Drawn

_MISSES = 2000  # this many too long examples in a row mean that the recipe's limit is wrong


class Batches(Drawn):
    """Draws tasks with replacement, without end. `go_to` a JSON `position` repeats the steps after it."""

    def __init__(self, tasks: Sequence[Task], codec: Codec, template: Template, recipe: Recipe) -> None:
        self._by_size = sorted(tasks, key=_characters)
        self._codec = codec
        self._template = template
        self._recipe = recipe
        super().__init__(recipe.seed)

    def draw(self, done: float) -> list[list[Example]]:
        """One step: micro-batches of examples of similar length. `done` is the finished share of the run.

        Raises UsageError if no task is short enough.
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
                raise UsageError(f"hardly any task has at most {self._recipe.max_tokens} tokens: raise max_tokens")
        return _micro_batches(sorted(step, key=lambda e: len(e.tokens)), self._recipe.micro_tokens)

    def fingerprint(self) -> str:
        """A hash of the tasks, because a position is valid only for the same tasks."""
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
