"""LoRA fine-tuning (Hu et al. 2106.09685) within a time budget, on a CPU or one GPU.

The loop stops by the clock, not by epochs: the learning rate falls linearly to zero at the end of the budget, so an
interrupted or a short run still ends with a usable adapter. Checkpoints are PEFT folders with safetensors.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from fastapply.prompt import Codec, Template
from fastapply.train.examples import Example, make_example
from fastapply.types import Task


@dataclass(frozen=True)
class Recipe:
    """What a run does; stored beside the adapter."""

    minutes: float = 60.0
    rank: int = 32
    alpha: int = 64
    learning_rate: float = 8e-4
    warmup_steps: int = 15
    batch_tokens: int = 4096  # tokens a step
    micro_tokens: int = 1600  # padded tokens a forward pass
    max_tokens: int = 1600  # longer examples are left out
    short_first: float = 0.5  # share of the time on the shorter half of the examples
    seed: int = 0


@dataclass(frozen=True)
class Report:
    """State of a run: losses are means over decision tokens, `accuracy` is their share predicted right."""

    step: int
    minutes: float
    tokens: int
    train_loss: float
    valid_loss: float | None = None
    valid_accuracy: float | None = None


def finetune(
    model: Any,
    codec: Codec,
    template: Template,
    train: Sequence[Task],
    valid: Sequence[Task],
    out: Path,
    recipe: Recipe,
    report: Callable[[Report], None],
    report_every: int = 40,
    resume: Path | None = None,
) -> None:
    """Train an adapter for `model` (its weights stay frozen) and write it to `out` at each report.

    Args:
        model: transformers causal language model, on its device, in the dtype to train in.
        report: called every `report_every` steps with the losses so far.
        resume: folder of an adapter to go on from; its rank counts, not the recipe's.
    """
    from peft import LoraConfig, PeftModel, get_peft_model

    torch.manual_seed(recipe.seed)
    if resume:
        tuned = PeftModel.from_pretrained(model, resume, is_trainable=True, autocast_adapter_dtype=False)
    else:
        config = LoraConfig(r=recipe.rank, lora_alpha=recipe.alpha, target_modules="all-linear", task_type="CAUSAL_LM")
        tuned = get_peft_model(model, config, autocast_adapter_dtype=False)
    optimizer = MasterAdamW([p for p in tuned.parameters() if p.requires_grad], recipe.learning_rate)
    network = tuned.base_model.model
    held_back = [make_example(task, codec, template, random.Random(0)) for task in valid]
    started = time.monotonic()
    tokens_seen, losses = 0, []
    for step, batch in enumerate(batches(train, codec, template, recipe, started), start=1):
        for micro in batch:
            loss = weighted_loss(network, micro, sum(len(m) for m in batch))
            loss.backward()  # type: ignore[no-untyped-call]
            tokens_seen += sum(len(example.tokens) for example in micro)
            losses.append(loss.item() * len(batch))
        done = (time.monotonic() - started) / 60 / recipe.minutes
        optimizer.step(scale=min(step / recipe.warmup_steps, 1.0) * max(1.0 - done, 0.02))
        if step % report_every == 0 or done >= 1:
            loss_now, accuracy = decision_metrics(network, held_back)
            save_adapter(tuned, out, recipe)
            mean = sum(losses) / max(len(losses), 1)
            losses.clear()
            report(Report(step, done * recipe.minutes, tokens_seen, mean, loss_now, accuracy))
        if done >= 1:
            return


class MasterAdamW:
    """AdamW on float32 copies of bfloat16 parameters: small steps are not lost to rounding."""

    def __init__(self, parameters: list[torch.nn.Parameter], learning_rate: float) -> None:
        self._parameters = parameters
        self._masters = [p.detach().float().clone() for p in parameters]
        self._inner = torch.optim.AdamW(self._masters, lr=learning_rate, weight_decay=0.0, betas=(0.9, 0.98))
        self._rate = learning_rate

    def step(self, scale: float) -> None:
        """One update at `scale` times the learning rate; gradients are clipped to norm 1 and cleared."""
        for master, parameter in zip(self._masters, self._parameters, strict=True):
            master.grad = parameter.grad.float() if parameter.grad is not None else None
            parameter.grad = None
        torch.nn.utils.clip_grad_norm_(self._masters, 1.0)
        for group in self._inner.param_groups:
            group["lr"] = self._rate * scale
        self._inner.step()
        with torch.no_grad():
            for master, parameter in zip(self._masters, self._parameters, strict=True):
                parameter.copy_(master)


def weighted_loss(network: Any, examples: Sequence[Example], batch_size: int) -> torch.Tensor:
    """Cross entropy over the weighted tokens only: the vocabulary is multiplied for those rows alone.

    Returns a scalar: each example's weighted mean, averaged over `batch_size` examples.
    """
    hidden, rows, targets = _hidden_rows(network, examples, [e.weights for e in examples])
    weights = torch.tensor([w / sum(e.weights) for e in examples for w in e.weights if w], device=hidden.device)
    losses = F.cross_entropy(network.lm_head(hidden[rows]).float(), targets, reduction="none")
    return (losses * weights).sum() / batch_size


@torch.no_grad()
def decision_metrics(network: Any, examples: Sequence[Example]) -> tuple[float, float]:
    """Mean cross entropy and accuracy over the decision tokens of held-back examples."""
    total, right, count = 0.0, 0, 0
    for example in examples:
        marks = [1.0 if i in example.decisions else 0.0 for i in range(len(example.tokens))]
        hidden, rows, targets = _hidden_rows(network, [example], [marks])
        logits = network.lm_head(hidden[rows]).float()
        total += F.cross_entropy(logits, targets, reduction="sum").item()
        right += int((logits.argmax(-1) == targets).sum())
        count += len(targets)
    return total / max(count, 1), right / max(count, 1)


def _hidden_rows(
    network: Any, examples: Sequence[Example], marks: Sequence[Sequence[float]]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Hidden states [examples * width, hidden], the rows that predict marked tokens, and those tokens."""
    width = max(len(e.tokens) for e in examples)
    # Padding stands at the right: causal attention keeps it out of everything before it, so no mask is needed.
    padded = torch.tensor([e.tokens + [0] * (width - len(e.tokens)) for e in examples], device=network.device)
    hidden = network.model(input_ids=padded, use_cache=False).last_hidden_state
    rows = [b * width + i - 1 for b, mark in enumerate(marks) for i, m in enumerate(mark) if m]
    targets = [e.tokens[i] for e, mark in zip(examples, marks, strict=True) for i, m in enumerate(mark) if m]
    device = hidden.device
    return hidden.flatten(0, 1), torch.tensor(rows, device=device), torch.tensor(targets, device=device)


def batches(
    tasks: Sequence[Task], codec: Codec, template: Template, recipe: Recipe, started: float
) -> Iterator[list[list[Example]]]:
    """Endless steps; each is a list of micro-batches of examples of similar length."""
    rng = random.Random(recipe.seed)
    by_size = sorted(tasks, key=lambda task: len(task.original) + len(task.update) + len(task.expected))
    while True:
        elapsed = (time.monotonic() - started) / 60 / recipe.minutes
        pool = by_size[: max(len(by_size) // 2, 1)] if elapsed < recipe.short_first else by_size
        step: list[Example] = []
        while sum(len(e.tokens) for e in step) < recipe.batch_tokens:
            example = make_example(rng.choice(pool), codec, template, rng)
            if len(example.tokens) <= recipe.max_tokens:
                step.append(example)
        yield _micro_batches(sorted(step, key=lambda e: len(e.tokens)), recipe.micro_tokens)


def _micro_batches(examples: list[Example], limit: int) -> list[list[Example]]:
    micros: list[list[Example]] = [[]]
    for example in examples:  # ascending, so the new one sets the width
        if micros[-1] and (len(micros[-1]) + 1) * len(example.tokens) > limit:
            micros.append([])
        micros[-1].append(example)
    return micros


def save_adapter(tuned: Any, out: Path, recipe: Recipe) -> None:
    """Write PEFT's two files and the recipe; the weights in bfloat16."""
    tuned.save_pretrained(out)
    (out / "README.md").unlink(missing_ok=True)  # PEFT's empty model card; ours is written by hand
    written = out / "adapter_config.json"
    config = json.loads(written.read_text()) | {"base_model_name_or_path": None}  # a path says nothing elsewhere
    written.write_text(json.dumps(config, indent=1))
    (out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1))
