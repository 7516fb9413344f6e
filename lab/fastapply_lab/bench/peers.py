"""The decoding methods of transformers' `generate`, on the same model with the same guide.

`transformers`: one token per pass. `prompt-lookup`: drafts from n-grams of the prompt (Saxena 2023). `assisted`: drafts
from the first layers of the model itself (self-speculation, Elhoushi et al. 2404.16710), because no smaller model
shares our tokenizer; ours was not trained for early exits. Long outputs are timed on their first tokens.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch

from fastapply.backends.local import LocalBackend
from fastapply.engine.guide import CandidateGuide, GuideState
from fastapply_lab.bench.methods import Case, Run

LOOKUP_TOKENS = 32  # length of prompt-lookup drafts; transformers' default of 10 is slower here
EARLY_EXIT = 0.25  # share of layers used for drafting

Peer = Callable[[LocalBackend, Case, list[int], int], Run]


def plain(backend: LocalBackend, case: Case, known: list[int], most: int) -> Run:
    return _generate(backend, case, known, most)


def prompt_lookup(backend: LocalBackend, case: Case, known: list[int], most: int) -> Run:
    return _generate(backend, case, known, most, prompt_lookup_num_tokens=LOOKUP_TOKENS)


def assisted(backend: LocalBackend, case: Case, known: list[int], most: int) -> Run:
    layers = max(int(backend.model.module.config.num_hidden_layers * EARLY_EXIT), 1)
    return _generate(backend, case, known, most, assistant_early_exit=layers)


def _generate(backend: LocalBackend, case: Case, known: list[int], most: int, **how: Any) -> Run:
    """Write at most `most` tokens. The time for the rest of `known` is estimated from the passes after the first."""
    module, stop = backend.model.module, backend.codec.special_ids
    steps = _Steps(len(case.prompt))
    prompt = torch.tensor([case.prompt], device=backend.model.device)
    module.set_attn_implementation("sdpa")
    started = time.perf_counter()
    with torch.inference_mode():
        output = module.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=min(most, case.limit),
            do_sample=False,
            eos_token_id=sorted(stop),
            pad_token_id=0,
            logits_processor=[GuidedLogits(case)] if case.guide_strength else None,
            stopping_criteria=[steps],
            **how,
        )
    tokens = output[0, len(case.prompt) :].tolist()
    seconds = time.perf_counter() - started
    (_, first), count = steps.ended[0], len(steps.ended)
    end = next((place for place, token in enumerate(tokens) if token in stop), None)
    if end is not None:
        return Run(tokens[:end], seconds, count, first - started)
    left = len(known) - len(tokens)
    if left <= 0:
        return Run(tokens, seconds, count, first - started)
    written, taken = steps.rate() or (len(tokens), seconds)
    passes = count + round(left * max(count - 1, 1) / written)
    return Run(tokens + known[-left:], seconds + left * taken / written, passes, first - started, measured=len(tokens))


class _Steps:
    """A stopping criterion that never stops `generate` but records the time and the token count after each pass."""

    def __init__(self, prompt: int) -> None:
        self.ended: list[tuple[int, float]] = []
        self._prompt = prompt

    def __call__(self, input_ids: torch.Tensor, *_: object, **__: object) -> torch.Tensor:
        self.ended.append((input_ids.shape[1] - self._prompt, time.perf_counter()))
        return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)

    def rate(self) -> tuple[int, float] | None:
        """The tokens written after the first pass and the seconds they took, or None if there were none."""
        (first, began), (last, done) = self.ended[0], self.ended[-1]
        return (last - first, done - began) if last > first else None


class GuidedLogits:
    """Our guide as a logits processor of transformers, which passes all tokens so far, rejected drafts included."""

    def __init__(self, case: Case) -> None:
        guide = case.guide()
        assert isinstance(guide, CandidateGuide)
        self._guide = guide
        self._prompt = len(case.prompt)
        self._seen: list[int] = []
        self._states = [GuideState()]  # the guide's state after each prefix of the tokens seen

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        output = input_ids[0, self._prompt :].tolist()
        pairs = zip(self._seen, output, strict=False)
        same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(self._seen), len(output)))
        del self._states[same + 1 :]
        for token in output[same:]:
            self._states.append(self._guide.after(self._states[-1], token))
        self._seen = output
        for token, extra in self._guide.bonus(self._states[-1]).items():
            scores[:, token] += extra
        return scores


PEERS: dict[str, Peer] = {"transformers": plain, "prompt-lookup": prompt_lookup, "assisted": assisted}
