"""transformers' own ways to decode, on the same model with the same guide, as its `generate` does them.

`transformers`: one token a pass. `prompt-lookup`: drafts from n-grams of the prompt (Saxena 2023). `assisted`: drafts
from the first layers of the model itself (self-speculation, Elhoushi et al. 2404.16710; no smaller model shares our
tokenizer, and ours was not trained for early exits). A long output is timed on its first tokens.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch

from fastapply.backends.local import LocalBackend
from fastapply.bench.methods import Case, Run
from fastapply.engine.guide import CandidateGuide, State

LOOKUP_TOKENS = 32  # drafts of prompt lookup; longer than transformers' default of 10, which is slower here
EARLY_EXIT = 0.25  # share of the layers that draft

Peer = Callable[[LocalBackend, Case, list[int], int], Run]


def plain(backend: LocalBackend, case: Case, known: list[int], most: int) -> Run:
    return _generate(backend, case, known, most)


def prompt_lookup(backend: LocalBackend, case: Case, known: list[int], most: int) -> Run:
    return _generate(backend, case, known, most, prompt_lookup_num_tokens=LOOKUP_TOKENS)


def assisted(backend: LocalBackend, case: Case, known: list[int], most: int) -> Run:
    layers = max(int(backend.model.module.config.num_hidden_layers * EARLY_EXIT), 1)
    return _generate(backend, case, known, most, assistant_early_exit=layers)


def _generate(backend: LocalBackend, case: Case, known: list[int], most: int, **how: Any) -> Run:
    """At most `most` tokens; the seconds of the rest of `known` are estimated from those after the first pass."""
    module, stop = backend.model.module, backend.codec.special_ids
    passes = _Passes(module)
    prompt = torch.tensor([case.prompt], device=backend.model.device)
    module.set_attn_implementation("sdpa")
    hook = module.register_forward_hook(passes)
    try:
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
                **how,
            )
        tokens = output[0, len(case.prompt) :].tolist()
        seconds = time.perf_counter() - started
    finally:
        hook.remove()
    first, count = passes.ended[0] - started, len(passes.ended)
    end = next((place for place, token in enumerate(tokens) if token in stop), None)
    if end is not None:
        return Run(tokens[:end], seconds, count, first)
    if len(tokens) >= min(case.limit, len(known)):
        return Run(tokens, seconds, count, first)
    times = (len(known) - 1) / max(len(tokens) - 1, 1)
    estimate = first + (seconds - first) * times
    return Run(tokens + known[len(tokens) :], estimate, 1 + round((count - 1) * times), first, measured=len(tokens))


class _Passes:
    """When each pass of the whole model ended; passes that leave early draft, and do not count."""

    def __init__(self, module: Any) -> None:
        self.ended: list[float] = []
        self._config = module.config
        self._layers = module.config.num_hidden_layers

    def __call__(self, *_: object) -> None:
        if self._config.num_hidden_layers == self._layers:
            self.ended.append(time.perf_counter())


class GuidedLogits:
    """A guide as transformers takes it: called with all tokens so far, also those of drafts that come to nothing."""

    def __init__(self, case: Case) -> None:
        guide = case.guide()
        assert isinstance(guide, CandidateGuide)
        self._guide = guide
        self._prompt = len(case.prompt)
        self._seen: list[int] = []
        self._states = [State()]  # after each prefix of what was seen

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
