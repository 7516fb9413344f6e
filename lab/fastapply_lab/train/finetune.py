"""Fine-tuning, with LoRA (Hu et al. 2106.09685) or of all weights, on a CPU or on one or more GPUs.

A run ends after a time or a number of steps, and the learning rate falls linearly to zero at its end. Adapters are PEFT
folders with safetensors. A stopped run continues from its checkpoint with the same results as an unbroken one.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from fastapply.errors import UsageError
from fastapply.prompt import Codec, Template
from fastapply_lab.tasks import Task
from fastapply_lab.train.batches import Batches
from fastapply_lab.train.checkpoint import TrainingState, drop_checkpoint, read_state, read_tensors, save_checkpoint
from fastapply_lab.train.choosing import Choosing
from fastapply_lab.train.examples import Example, make_example
from fastapply_lab.train.finetune_recipe import Recipe
from fastapply_lab.train.objective import Objective
from fastapply_lab.train.optimizer import MasterAdamW
from fastapply_lab.train.processes import Processes


@dataclass(frozen=True)
class StepReport:
    """One step of a run. Before the first, `step` is 0 and there is no `train_loss`.

    `train_loss` is the mean over the weighted tokens of the step, `valid_loss` over the decision tokens of held-back
    tasks, and `valid_accuracy` the share of these predicted right. When choosing is learned, they are means over
    readings and over choices. Each is None if not measured.
    """

    step: int
    minutes: float
    tokens: int
    done: float  # share of the run
    train_loss: float | None = None
    valid_loss: float | None = None
    valid_accuracy: float | None = None


def finetune(
    model: Any,
    codec: Codec,
    template: Template,
    train: Sequence[Any],
    valid: Sequence[Any],
    out: Path,
    recipe: Recipe,
    report: Callable[[StepReport], None],
    *,
    start: Path | None = None,
    resume: bool = False,
    stop: Callable[[], bool] = lambda: False,
    processes: Processes | None = None,
) -> bool:
    """Train an adapter for `model` (or all of it), and write it to `out`. Returns whether the run is finished.

    Args:
        model: transformers causal language model, on its device, in the dtype to train in.
        train, valid: tasks, or `ForkReading`s if the recipe says `choosing`.
        report: called after each step, in the first process only.
        start: folder of an adapter to start from; its rank replaces the recipe's.
        resume: continue from the checkpoint in `out`.
        stop: called after each step; if it returns True, write a checkpoint and return.
    Raises:
        UsageError: there is no checkpoint in `out`, or it is from a run on other tasks.
    """
    processes = processes or Processes(on_cpu=model.device.type == "cpu")
    torch.manual_seed(recipe.seed)
    state = read_state(out) if resume else TrainingState()
    tuned = trainable(model, recipe, start, like=out if resume else None)
    network = tuned if recipe.full else tuned.base_model.model
    optimizer = MasterAdamW([p for p in tuned.parameters() if p.requires_grad], recipe.learning_rate)
    kind: Any = Choosing if recipe.choosing else Writing
    objective: Objective = kind(train, valid if processes.first else (), codec, template, recipe)
    tasks = objective.fingerprint()
    if resume:
        if state.tasks != tasks:
            raise UsageError(f"the run in {out} learns from other tasks: name the file that it began with")
        optimizer.load(read_tensors(out))
        objective.go_to(state.position)

    def save() -> None:
        save_weights(tuned, codec, out, recipe)
        save_checkpoint(out, optimizer.state(), state)

    def tell(done: float, loss: float | None, *, look: bool) -> None:
        measured = objective.look(network) if look and valid else (None, None)
        report(StepReport(state.step, state.minutes, state.tokens, done, loss, *measured))

    done = recipe.done(state.step, state.minutes)
    if processes.first and not resume:
        tell(done, None, look=True)
    saved = time.monotonic()
    began = saved - state.minutes * 60
    for step in count(state.step + 1):
        batch = objective.draw(done)
        size = sum(len(micro) for micro in batch)
        step_loss = 0.0
        for micro in processes.share(batch):
            loss = objective.loss(network, micro, size)
            loss.backward()  # type: ignore[no-untyped-call]
            step_loss += loss.item()
        now = time.monotonic()
        mine = (now - began if processes.first else 0.0, float(stop()), step_loss)
        elapsed, stopped, step_loss = processes.add(*mine)
        tokens = state.tokens + sum(len(example.tokens) for micro in batch for example in micro)
        state = TrainingState(step, elapsed / 60, tokens, objective.position, tasks)
        done = recipe.done(step, state.minutes)
        scale = min(step / recipe.warmup_steps, 1.0) * max(1.0 - done, 0.02)
        optimizer.step(scale, processes.add_gradients)
        if processes.first:
            tell(done, step_loss, look=step % recipe.report_every == 0 or done >= 1)
            if done < 1 and (stopped or now - saved >= recipe.save_minutes * 60):
                save()
                saved = now
        if done >= 1 or stopped:
            break
    if processes.first and done >= 1:
        save_weights(tuned, codec, out, recipe)
        drop_checkpoint(out)
    processes.wait()
    return done >= 1


def trainable(model: Any, recipe: Recipe, start: Path | None, like: Path | None = None) -> Any:
    """`model` with an adapter to train: a new one, the one in `start`, or one of the shape in `like` for a checkpoint.

    If the recipe says `full`, the model itself, with all weights to be trained.
    """
    from peft import LoraConfig, PeftModel, get_peft_model

    if recipe.gradient_checkpointing:
        model.train()
        model.enable_input_require_grads()
        model.gradient_checkpointing_enable()
    if recipe.full:
        return model.requires_grad_(True)
    if start:
        return PeftModel.from_pretrained(model, start, is_trainable=True, autocast_adapter_dtype=False)
    if like:  # without its weights, which may be incomplete if the run was killed
        config = LoraConfig.from_pretrained(str(like))
        config.inference_mode = False
    else:
        config = LoraConfig(r=recipe.rank, lora_alpha=recipe.alpha, target_modules="all-linear", task_type="CAUSAL_LM")
    return get_peft_model(model, config, autocast_adapter_dtype=False)


class Writing(Batches):
    """The objective of writing the whole output: cross entropy, weighted by the kind of token."""

    def __init__(
        self, train: Sequence[Task], valid: Sequence[Task], codec: Codec, template: Template, recipe: Recipe
    ) -> None:
        super().__init__(train, codec, template, recipe)
        self._held_back = [make_example(task, codec, template, random.Random(0)) for task in valid]

    def loss(self, network: Any, micro: Sequence[Example], size: int) -> torch.Tensor:
        return weighted_loss(network, micro, size)

    def look(self, network: Any) -> tuple[float, float]:
        return decision_metrics(network, self._held_back)


def weighted_loss(network: Any, examples: Sequence[Example], batch_size: int) -> torch.Tensor:
    """Cross entropy over the weighted tokens only; logits are computed for their rows only.

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
    # Padding is on the right, where causal attention hides it from everything before it, so no mask is needed.
    padded = torch.tensor([e.tokens + [0] * (width - len(e.tokens)) for e in examples], device=network.device)
    hidden = network.model(input_ids=padded, use_cache=False).last_hidden_state
    rows = [b * width + i - 1 for b, mark in enumerate(marks) for i, m in enumerate(mark) if m]
    targets = [e.tokens[i] for e, mark in zip(examples, marks, strict=True) for i, m in enumerate(mark) if m]
    device = hidden.device
    return hidden.flatten(0, 1), torch.tensor(rows, device=device), torch.tensor(targets, device=device)


def save_weights(tuned: Any, codec: Codec, out: Path, recipe: Recipe) -> None:
    """Write the recipe and the adapter as PEFT's two files, or the whole model with its tokenizer."""
    out.mkdir(parents=True, exist_ok=True)
    tuned.save_pretrained(out)
    (out / "recipe.json").write_text(recipe.model_dump_json(indent=1))
    if recipe.full:
        codec.tokenizer.save_pretrained(out)
        return
    (out / "README.md").unlink(missing_ok=True)  # PEFT's empty model card; ours is written by hand
    written = out / "adapter_config.json"
    config = json.loads(written.read_text()) | {"base_model_name_or_path": None}  # a path is useless elsewhere
    written.write_text(json.dumps(config, indent=1))
