"""Key/value buffers at fixed addresses and forward passes of one shape, so that a GPU can replay them as CUDA graphs.

Every pass feeds a block of the same size, whether it reads the prompt, verifies a draft or writes a single token. The
same kernels then multiply the same shapes, in plain decoding too. A pass depends on device tensors only (tokens and
positions). The host chooses only the *view*, the number of keys that attention sees. So each view's pass is *captured*
once as a CUDA graph and replayed from then on. No kernel is launched one by one, and the host never waits.

Why not `torch.compile`? A capture replays the same kernels that run without it, so falling back does not change the
output. It needs no compiler on the user's machine and takes seconds, not minutes.
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

from fastapply.engine.layers import VIEW_STEP, StaticLayer, attention_mask, round_up, use_grouped_attention
from fastapply.engine.transfer import on_device

Pass = Callable[[], torch.Tensor]  # reads the arena's buffers, returns logits, # [block, vocab_size]
Capture = Callable[[Pass], Pass]
CUDA_BLOCK = 128  # tokens; small passes on a GPU are bound by launches and weights, not by arithmetic (docs/gpu.md)
LOG = logging.getLogger(__name__)


class Arenas:
    """The arenas of one model. Each sequence borrows one, and a later sequence reuses it and its captured passes.

    Not thread-safe.
    """

    def __init__(self, module: Any, block: int, longest: int, capture: Capture | None = None) -> None:
        """`block` is the number of tokens in a pass, `longest` the most in a sequence. `capture` makes a pass
        replayable; with None, passes run uncaptured. Raises ModelError for a model that cannot be rewound."""
        use_grouped_attention(module)
        self._block = block
        self._longest = longest
        self._module = module
        self._capture = capture
        self._free: list[Arena] = []

    def lend(self, borrower: object, capacity: int) -> Arena:
        """A zeroed arena of at least `capacity` tokens, lent until `borrower` is garbage collected."""
        fitting = [arena for arena in self._free if arena.capacity >= capacity]
        if fitting:
            arena = min(fitting, key=lambda arena: arena.capacity)
            self._free.remove(arena)
            arena.clear()
        else:
            while self._free:  # all are too small: free their memory for the larger one
                self._free.pop().release()
            size = max(min(1 << (capacity - 1).bit_length(), self._longest), capacity)
            arena = Arena(self._module, self._block, size, self._capture)
        weakref.finalize(borrower, self._free.append, arena).atexit = False
        return arena


class Arena:
    """Keys and values of one sequence, [1, kv_heads, capacity, head_dim] for each layer, and the passes over them."""

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
        """Drop the captured passes. They and the buffers refer to each other, so this frees the buffers too."""
        self._of_view.clear()

    @torch.inference_mode()
    def clear(self) -> None:
        """Zero the buffers: masked values must be finite, whatever the previous sequence left in them."""
        for layer in self.layers:
            if layer.is_initialized:
                layer.clear()

    def forward(self, tokens: Sequence[int], start: int, keep: int) -> torch.Tensor:
        """Feed `tokens` at position `start`, in as many passes as they need. The host does not wait for the device.

        Returns the logits of the last `keep` tokens, then padding rows: # [at least keep, vocab_size].
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
        """The pass over a view. The first block that needs it captures it."""

        def run() -> torch.Tensor:
            tokens, positions = self._fed
            logits: torch.Tensor = self._module(
                input_ids=tokens[None],
                position_ids=positions[None],
                attention_mask=attention_mask(self._module.config, positions, view, self._module.dtype),
                past_key_values=self._cache,
                use_cache=True,
            ).logits[0]
            return logits

        if self._capture is None:
            return run
        if view not in self._of_view:
            run()  # allocates the buffers and the libraries' workspaces before the capture
            try:
                self._of_view[view] = self._capture(run)
            except RuntimeError as error:
                reason = str(error).strip().partition("\n")[0]
                LOG.warning("passes cannot be captured and run uncaptured, which is slower: %s", reason)
                self._capture = None
                return run
        return self._of_view[view]


class _PlacedLayer(StaticLayer):  # type: ignore[no-untyped-call]  # as in layers.py
    """Writes at positions that it reads from a tensor, # [block], so that the host need not know them."""

    def __init__(self, capacity: int, positions: torch.Tensor) -> None:
        super().__init__(capacity)
        self.positions = positions

    def write(self, buffer: torch.Tensor, states: torch.Tensor) -> None:
        buffer.index_copy_(2, self.positions, states)


def cuda_graphs(device: torch.device) -> Capture:
    """Captures passes on `device`. They share working memory because no two of them run at the same time."""
    pool = torch.cuda.graph_pool_handle()

    def capture(run: Pass) -> Pass:
        with torch.cuda.device(device):
            side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):  # libraries initialise outside the capture
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
    """Make matrix products in this process sum a row in one order, wherever the row stands in its block: no split-K,
    and no sums in half precision."""
    matmul = torch.backends.cuda.matmul
    matmul.allow_bf16_reduced_precision_reduction = (False, False)
    matmul.allow_fp16_reduced_precision_reduction = (False, False)


def _attention_kernel(device: torch.device) -> AbstractContextManager[None]:
    """On CUDA, a kernel that takes a mask and reads the keys in order, in steps that do not depend on their number."""
    if device.type != "cuda":
        return nullcontext()
    return sdpa_kernel([SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH], set_priority=True)
