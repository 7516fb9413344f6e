"""Load a causal language model for the engine, from a folder or Hugging Face: device, dtype and context length."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from fastapply.config import Settings
from fastapply.engine.arena import CUDA_BLOCK, Arenas, cuda_graphs, settle_kernels
from fastapply.engine.hub import require_model
from fastapply.engine.integers import to_integers
from fastapply.errors import ModelError


@dataclass(frozen=True)
class LoadedModel:
    """A model in evaluation mode. `dtype` is that of the linear layers: with int8, all else is float32. `context` is
    the longest sequence, prompt and output together, in tokens. With `arenas` all passes have one shape; without
    (None), each block has the size that fits."""

    module: Any  # transformers.PreTrainedModel, which has no usable types
    device: torch.device
    dtype: torch.dtype
    context: int
    arenas: Arenas | None = None


def choose_device(wanted: str) -> torch.device:
    """`auto` tries CUDA, then MPS, then the CPU. Raises ModelError for a device that is not available."""
    if wanted == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(wanted)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise ModelError(f"device `{wanted}` cannot be used here; use --device cpu or auto") from None
    return device


def choose_dtype(wanted: str, device: torch.device) -> torch.dtype:
    """`auto` means bfloat16 where the hardware has it, float32 elsewhere.

    Raises ModelError for int8 on a device other than the CPU.
    """
    if wanted == "int8" and device.type != "cpu":
        raise ModelError("--dtype int8 runs on the CPU only; use --device cpu, or --dtype auto")
    if wanted != "auto":
        dtype: torch.dtype = getattr(torch, wanted)
        return dtype
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device.type == "cpu":
        native = cpu_has_bfloat16()
    else:
        native = False
    return torch.bfloat16 if native else torch.float32


def cpu_has_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware (AVX512-BF16 or AMX); without, float32 is faster."""
    features = torch.backends.cpu.get_cpu_capability()
    if "AVX512" not in features:
        return False
    return torch.cpu._is_avx512_bf16_supported()


def load_model(where: str | Path, settings: Settings) -> LoadedModel:
    """Load from a folder or a Hugging Face id (which must be in the local cache when there is no network), with the
    device, dtype, threads, block size and CUDA graphs of the settings.

    Raises ModelError: there is no such model, it is not a causal language model, or memory is too small.
    """
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    if settings.threads:
        torch.set_num_threads(settings.threads)
    on = choose_device(settings.device)
    kind = choose_dtype(settings.dtype, on)
    require_model(str(where))
    try:
        read = torch.float32 if kind is torch.int8 else kind
        module: Any = AutoModelForCausalLM.from_pretrained(str(where), dtype=read, attn_implementation="sdpa")
        module = module.to(on).eval()
        if kind is torch.int8:
            to_integers(module)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise ModelError(f"cannot load the model `{where}`: {_first_sentence(error)}") from error
    except (RuntimeError, MemoryError) as error:
        raise ModelError(f"cannot load the model `{where}` on {on}: {_first_sentence(error)}") from error
    context = int(getattr(module.config, "max_position_embeddings", None) or 4096)
    arenas = make_arenas(module, on, context, settings.block_tokens, graphs=settings.cuda_graphs)
    return LoadedModel(module, on, kind, context, arenas)


def make_arenas(
    module: Any, device: torch.device, context: int, block: int | None, *, graphs: bool = True
) -> Arenas | None:
    """Arenas for passes of one shape: always on CUDA, elsewhere only if `block` is given."""
    cuda = device.type == "cuda"
    if block is None and not cuda:
        return None
    if cuda:
        settle_kernels()
    return Arenas(module, block or CUDA_BLOCK, context, cuda_graphs(device) if cuda and graphs else None)


def _first_sentence(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].split(". ")[0] if lines else type(error).__name__
