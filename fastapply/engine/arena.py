"""Forward passes of one shape on buffers that stay where they are, so that a GPU can replay them.

Every pass feeds a block of one size, whether it reads the prompt, verifies a draft or writes a single token: the same
kernels then multiply the same shapes, plain decoding included. A pass is a function of device tensors only (tokens and
positions); the host decides nothing but the *view*, how many keys attention sees. So a pass is *captured* once for each
view, as a CUDA graph, and replayed from then on: no kernel is launched one by one, and the host never waits.

A capture, not `torch.compile`: it replays the very kernels that ran without it (the same bytes, so that falling back
changes nothing), needs no compiler on the user's machine, and takes no minutes.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import Cache

from fastapply.engine.layers import VIEW_STEP, StaticLayer, causal_mask, round_up, use_grouped_attention
from fastapply.engine.transfer import on_device

Pass = Callable[[], torch.Tensor]  # reads the arena's buffers, returns logits, # [block, vocab_size]
Capture = Callable[[Pass], Pass]
CUDA_BLOCK = 128  # tokens; on a GPU small passes wait for launches and weights, not for arithmetic (docs/gpu.md)
LOG = logging.getLogger(__name__)


class Arenas:
    """The arenas of one model. Each sequence borrows one; a later sequence gets it again with what was captured.

    Not safe to share between threads.
    """

    def __init__(self, module: Any, block: int, longest: int, capture: Capture | None = None) -> None:
        """`block` tokens a pass, `longest` tokens a sequence. `capture` makes a pass that can be replayed; None: passes
        run as they are. Raises ModelError for a model that cannot be rewound."""
        use_grouped_attention(module)
        self._block = block
        self._longest = longest
        self._module = module
        self._capture = capture
        self._free: list[Arena] = []

    def lend(self, borrower: object, capacity: int) -> Arena:
        """An arena of at least `capacity` tokens, all zeros, until `borrower` is forgotten."""
        fitting = [arena for arena in self._free if arena.capacity >= capacity]
        if fitting:
            arena = min(fitting, key=lambda arena: arena.capacity)
            self._free.remove(arena)
            arena.clear()
        else:
            while self._free:  # too small: the memory is for the larger one
                self._free.pop().release()
            size = max(min(1 << (capacity - 1).bit_length(), self._longest), capacity)
            arena = Arena(self._module, self._block, size, self._capture)
        weakref.finalize(borrower, self._free.append, arena).atexit = False
        return arena


class Arena:
    """Keys and values of one sequence, [1, kv_heads, capacity, head_dim] a layer, and the passes over them."""

    def __init__(self, module: Any, block: int, capacity: int, capture: Capture | None) -> None:
        self.capacity = capacity
        self._module = module
        self._block = block
        self._capture = capture
        self._fed = torch.zeros(2, block, dtype=torch.long, device=module.device)  # tokens, positions
        self.layers = [_PlacedLayer(capacity, self._fed[1]) for _ in range(module.config.num_hidden_layers)]
        self._cache = Cache(layers=list(self.layers))
        self._of_view: dict[int, Pass] = {}

    def passes_for(self, tokens: int) -> int:
        return -(-tokens // self._block)

    def release(self) -> None:
        """Let go of what was captured, and with it of the buffers: both know each other."""
        self._of_view.clear()

    @torch.inference_mode()
    def clear(self) -> None:
        """What the mask hides must be a finite number, whatever the sequence before came to."""
        for layer in self.layers:
            if layer.is_initialized:
                layer.clear()

    def forward(self, tokens: Sequence[int], start: int, keep: int) -> torch.Tensor:
        """Feed `tokens` at position `start`, in as many passes as they need. The host waits for nothing.

        Returns the logits of the last `keep` of them, then padding rows: # [at least keep, vocab_size].
        """
        first_kept = len(tokens) - keep
        kept = []
        for first in range(0, len(tokens), self._block):
            logits = self._forward_block(tokens[first : first + self._block], start + first)
            if first + self._block > first_kept:
                kept.append(logits[max(first_kept - first, 0) :].clone())  # the next replay writes over them
        return kept[0] if len(kept) == 1 else torch.cat(kept)

    def _forward_block(self, tokens: Sequence[int], start: int) -> torch.Tensor:
        view = min(round_up(start + self._block, VIEW_STEP), self.capacity)
        padded = [*tokens, *[0] * (self._block - len(tokens))]
        self._fed.copy_(on_device([padded, list(range(start, start + self._block))], self._fed.device))
        for layer in self.layers:
            layer.view = view
        with _attention_kernel(self._fed.device):
            return self._pass(view)()

    def _pass(self, view: int) -> Pass:
        """The pass over a view: captured with the first block that needs it."""

        def run() -> torch.Tensor:
            tokens, positions = self._fed
            logits: torch.Tensor = self._module(
                input_ids=tokens[None],
                position_ids=positions[None],
                attention_mask=causal_mask(positions, view, self._module.dtype),
                past_key_values=self._cache,
                use_cache=True,
            ).logits[0]
            return logits

        if self._capture is None:
            return run
        if view not in self._of_view:
            run()  # the buffers and the libraries' workspaces are there from now on
            try:
                self._of_view[view] = self._capture(run)
            except RuntimeError as error:
                reason = str(error).strip().partition("\n")[0]
                LOG.warning("passes cannot be captured and run uncaptured, which is slower: %s", reason)
                self._capture = None
                return run
        return self._of_view[view]


class _PlacedLayer(StaticLayer):  # type: ignore[no-untyped-call]  # as in layers.py
    """Writes at positions that stand in a tensor, # [block], so that the host need not know them."""

    def __init__(self, capacity: int, positions: torch.Tensor) -> None:
        super().__init__(capacity)
        self.positions = positions

    def write(self, buffer: torch.Tensor, states: torch.Tensor) -> None:
        buffer.index_copy_(2, self.positions, states)


def cuda_graphs(device: torch.device) -> Capture:
    """Captures passes on `device`; they share their working memory, as never two of them run at a time."""
    pool = torch.cuda.graph_pool_handle()

    def capture(run: Pass) -> Pass:
        with torch.cuda.device(device):
            side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):  # libraries set themselves up outside the capture
                run()
            torch.cuda.current_stream().wait_stream(side)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
                logits = run()

        def replay() -> torch.Tensor:
            graph.replay()
            return logits

        return replay

    return capture


def settle_kernels() -> None:
    """Matrix products of this process sum a row in one piece and in one order, wherever in a block it stands: no
    split-K, and no sums in half precision."""
    matmul = torch.backends.cuda.matmul
    matmul.allow_bf16_reduced_precision_reduction = (False, False)
    matmul.allow_fp16_reduced_precision_reduction = (False, False)


def _attention_kernel(device: torch.device) -> AbstractContextManager[None]:
    """On CUDA a kernel that takes a mask and reads keys in order, in steps that do not depend on how many there are."""
    if device.type != "cuda":
        return nullcontext()
    return sdpa_kernel([SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH], set_priority=True)
