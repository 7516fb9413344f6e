"""Train the prediction heads of the drafter `heads` on a frozen trunk, which needs forward passes only.

The loss is the cross entropy on the outputs of tasks. All tokens have equal weight, because each right guess saves the
same. The trunk's hidden states are kept and reused many times, since computing them costs most.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F

from fastapply.prompt import Codec, Template
from fastapply.speculators.heads import HEADS_FILE, Heads, save_heads
from fastapply_lab.tasks import Task
from fastapply_lab.train.batches import Batches
from fastapply_lab.train.examples import Example, make_example
from fastapply_lab.train.finetune_recipe import Recipe

COUNT = 4
UPDATES = 8  # updates for each batch that the trunk reads
ROWS = 512  # rows in one update
KEPT_ROWS = 300_000  # the oldest rows are dropped beyond this; 350 MB at a width of 576
OTHERS = 4096  # negative samples from the vocabulary, drawn anew for each update


@dataclass(frozen=True)
class HeadsReport:
    """The state of a run: mean cross entropy of all heads, and the share of held-back tokens that each predicts."""

    step: int
    minutes: float
    done: float  # share of the run
    tokens: int
    train_loss: float
    valid_accuracy: tuple[float, ...] = ()


class HiddenStates(NamedTuple):
    """Positions in outputs: the trunk's hidden states [rows, hidden_size] and the next tokens [rows, 1 + heads]."""

    hidden: torch.Tensor
    following: torch.Tensor


def train_heads(
    model: Any,
    codec: Codec,
    template: Template,
    train: Sequence[Task],
    valid: Sequence[Task],
    out: Path,
    recipe: Recipe,
    report: Callable[[HeadsReport], None],
    report_every: int = 20,
) -> None:
    """Train heads on `model`, which stays as it is, and write them to `out` at each report.

    Args:
        model: transformers causal language model, on its device, in the dtype in which it will draft.
        recipe: its LoRA fields are ignored.
    """
    torch.manual_seed(recipe.seed)
    model.requires_grad_(False)
    heads = Heads(model.config.hidden_size, COUNT).to(model.device)  # in float32, for small steps
    optimizer = torch.optim.AdamW(heads.parameters(), lr=recipe.learning_rate, weight_decay=0.0, betas=(0.9, 0.98))
    examples = [make_example(task, codec, template, random.Random(0)) for task in valid]
    held_back = [read(model, [example]) for example in examples if len(example.tokens) <= recipe.max_tokens]
    started = time.monotonic()
    kept: list[HiddenStates] = []
    tokens_seen, losses = 0, []
    batches, done = Batches(train, codec, template, recipe), 0.0
    for step in count(1):
        for micro in batches.draw(done):
            kept.append(read(model, micro))
            tokens_seen += sum(len(example.tokens) for example in micro)
        while sum(len(rows.hidden) for rows in kept) > KEPT_ROWS:
            kept.pop(0)
        pool = HiddenStates(*map(torch.cat, zip(*kept, strict=True)))
        minutes = (time.monotonic() - started) / 60
        done = recipe.done(step, minutes)
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * min(step / recipe.warmup_steps, 1.0) * max(1.0 - done, 0.02)
        for _ in range(UPDATES if len(pool.hidden) else 0):
            drawn = torch.randint(len(pool.hidden), (ROWS,), device=model.device)
            loss = heads_loss(model, heads, HiddenStates(pool.hidden[drawn], pool.following[drawn]))
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(heads.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
        if step % report_every == 0 or done >= 1:
            save_heads(heads, out / HEADS_FILE)
            mean = sum(losses) / max(len(losses), 1)
            losses.clear()
            report(HeadsReport(step, minutes, done, tokens_seen, mean, accuracy(model, heads, held_back)))
        if done >= 1:
            return


@torch.no_grad()
def read(model: Any, examples: Sequence[Example]) -> HiddenStates:
    """The rows for all positions in outputs that are followed by a token for each head."""
    width = max(len(example.tokens) for example in examples)
    # Padding is on the right, where causal attention hides it from everything before it, so no mask is needed.
    tokens = torch.tensor([e.tokens + [0] * (width - len(e.tokens)) for e in examples], device=model.device)
    hidden = model.model(input_ids=tokens, use_cache=False).last_hidden_state.flatten(0, 1)
    places = (range(_start(e) - 1, len(e.tokens) - 1 - COUNT) for e in examples)
    rows = torch.tensor([b * width + i for b, place in enumerate(places) for i in place], device=model.device).long()
    after = torch.arange(1, COUNT + 2, device=model.device)
    return HiddenStates(hidden[rows], tokens.flatten()[rows[:, None] + after])


def heads_loss(model: Any, heads: Heads, rows: HiddenStates) -> torch.Tensor:
    """The mean cross entropy over heads and rows, a scalar, among the rows' tokens and some negative samples."""
    matrix = model.get_output_embeddings().weight  # [vocab_size, hidden_size]
    others = torch.randint(len(matrix), (OTHERS,), device=matrix.device)
    known, inverse = torch.cat([rows.following.flatten(), others]).unique(return_inverse=True)  # type: ignore[no-untyped-call]
    targets = inverse[: rows.following.numel()].view_as(rows.following)
    losses = [
        F.cross_entropy((state.to(matrix.dtype) @ matrix[known].T).float(), targets[:, index + 1])
        for index, state in enumerate(_states(model, heads, rows))
    ]
    return torch.stack(losses).mean()


@torch.no_grad()
def accuracy(model: Any, heads: Heads, held_back: Sequence[HiddenStates]) -> tuple[float, ...]:
    """The share of tokens that each head predicts when all earlier tokens are known; empty without held-back tasks."""
    right: list[list[torch.Tensor]] = [[] for _ in range(heads.count)]
    for rows in held_back:
        for index, state in enumerate(_states(model, heads, rows)):
            logits = model.get_output_embeddings()(state.to(rows.hidden.dtype))
            right[index].append(logits.argmax(-1) == rows.following[:, index + 1])
    return tuple(torch.cat(one).float().mean().item() for one in right if one)


def _states(model: Any, heads: Heads, rows: HiddenStates) -> Iterator[torch.Tensor]:
    """The state after each head, fed with the true tokens, # [rows, hidden_size]."""
    state = rows.hidden.float()
    for index in range(heads.count):
        state = heads.step(index, state, model.get_input_embeddings()(rows.following[:, index]).float())
        yield state


def _start(example: Example) -> int:
    """The index of the output's first token, which is the first with a weight."""
    return next(index for index, weight in enumerate(example.weights) if weight)
