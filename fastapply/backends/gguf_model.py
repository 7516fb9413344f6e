"""A GGUF file in llama.cpp: its tokenizer, and reading, writing and forgetting tokens one after the other."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from fastapply.errors import ModelError
from fastapply.prompt import Codec

BATCH = 512  # tokens of one call
BLOCK = 8  # tokens: what is to be written is read in multiples of this
_SPECIAL = llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_UNKNOWN
_LONGEST_PIECE = 1024  # bytes of one token


class GgufModel(llama_cpp.Llama):  # type: ignore[misc]  # llama_cpp is not there where types are checked
    """`Llama` with two differences.

    It keeps the logits of the last call alone: those of every place in the context are gigabytes that nobody reads.
    `rows` are those of the last call, one for each of its tokens, or for its last one.

    And it pads what it reads to blocks, for the same bytes whoever drafts: kernels for one token sum in another order
    than those for several, and near ties turn out otherwise (`padded` False: as llama.cpp is).
    """

    n_tokens: int
    rows: NDArray[np.single]
    padded = True
    _start = 0  # of the last call: how many tokens were there before

    @classmethod
    def open(cls, file: Path, *, context: int, threads: int | None = None, gpu: bool = True) -> GgufModel:
        """Raises ModelError: there is no such file, or llama.cpp cannot read it."""
        if not file.is_file():
            raise ModelError(f"there is no GGUF file {file}")
        try:
            return cls(
                str(file),
                n_ctx=context,
                n_batch=min(BATCH, context),
                n_ubatch=min(BATCH, context),
                n_threads=threads,
                n_threads_batch=threads,
                n_gpu_layers=-1 if gpu else 0,
                verbose=False,
            )
        except (ValueError, RuntimeError, AssertionError) as error:
            raise ModelError(f"llama.cpp cannot load {file}: {error or type(error).__name__}") from error

    def eval(self, tokens: Sequence[int], *, last_only: bool = False) -> None:
        """Read tokens behind those that are there."""
        self._ctx.kv_cache_seq_rm(-1, self.n_tokens, -1)
        for start in range(0, len(tokens), self.n_batch):
            batch = tokens[start : start + self.n_batch]
            pad = 0 if last_only or not self.padded else -len(batch) % BLOCK
            # Nothing sees what stands behind it, and the next call takes it away.
            self._batch.set_batch([*batch, *[batch[-1]] * pad], n_past=self.n_tokens, logits_all=not last_only)
            self._ctx.decode(self._batch)
            self._start = self.n_tokens
            self.input_ids[self.n_tokens : self.n_tokens + len(batch)] = batch
            self.n_tokens += len(batch)
            self._requires_eval = False
            shape = (1 if last_only else len(batch), self._n_vocab)
            self.rows = np.ctypeslib.as_array(self._ctx.get_logits(), shape=shape)

    def sample(self, *how: Any, idx: int | None = None, **more: Any) -> int:
        """The next token after the `idx` first ones. `Llama` counts rows from the last one, and so from the padding."""
        row = None if idx is None else self.n_tokens + idx - self._start
        return int(super().sample(*how, idx=row, **more))

    def hold(self, tokens: Sequence[int]) -> None:
        """Have read exactly `tokens`; what was read before and agrees is not read again."""
        kept = 0
        for mine, theirs in zip(self.input_ids[: self.n_tokens].tolist(), tokens, strict=False):
            if mine != theirs:
                break
            kept += 1
        self.forget(kept)
        self.eval(tokens[kept:], last_only=True)

    def forget(self, kept: int) -> None:
        """Have read the first `kept` tokens only."""
        if kept < self.n_tokens:
            if not self._ctx.kv_cache_seq_rm(-1, kept, -1):  # recurrent models cannot go back
                self._ctx.kv_cache_clear()
                again = self.input_ids[:kept].tolist()
                self.n_tokens = 0
                self.eval(again, last_only=True)
            self.n_tokens = kept


class GgufReader:
    """Reads what may follow a prompt (`choosing.Reader`)."""

    def __init__(self, model: GgufModel, prompt: list[int]) -> None:
        self._model = model
        self._prompt = prompt
        self.written: list[int] = []
        self.passes = 0

    def ways(self, ways: Sequence[Sequence[int]]) -> list[float]:
        return [sum(self.each(way)) for way in ways]

    def each(self, way: Sequence[int]) -> list[float]:
        before = [*self._prompt, *self.written]
        self._model.hold(before[:-1])
        found: list[float] = []
        read = [before[-1], *way[:-1]]  # the row of a token tells of the next one
        for start in range(0, len(read), BATCH):
            self._model.eval(read[start : start + BATCH])
            self.passes += 1
            found += _log_probs(self._model.rows, way[start : start + BATCH])
        return found


def _log_probs(rows: NDArray[np.single], tokens: Sequence[int]) -> list[float]:
    wide = rows.astype(np.float64)
    most = wide.max(axis=1)
    total = np.log(np.exp(wide - most[:, None]).sum(axis=1)) + most
    found: list[float] = (wide[np.arange(len(tokens)), list(tokens)] - total).tolist()
    return found


class GgufCodec(Codec):
    """The tokenizer of a GGUF file, by llama.cpp."""

    def __init__(self, model: GgufModel) -> None:
        self._model = model
        self._vocabulary: Any = model._model.vocab
        count = model.n_vocab()
        attribute = llama_cpp.llama_vocab_get_attr
        self.special_ids = frozenset(k for k in range(count) if attribute(self._vocabulary, k) & _SPECIAL)
        self._piece = cache(self._read_piece)
        if self.decode(self.encode("x")) != "x":
            raise ModelError(
                "this model's vocabulary puts a space before every text, which no file may get: use a server of it"
            )

    @property
    def end(self) -> int:
        return int(self._model.token_eos())

    def encode(self, text: str) -> list[int]:
        tokens: list[int] = self._model.tokenize(text.encode(), add_bos=False, special=False)
        return tokens

    def decode(self, tokens: Sequence[int]) -> str:
        return b"".join(map(self._piece, tokens)).decode("utf-8", "replace")

    def special(self, name: str) -> int:
        found = self._model.tokenize(name.encode(), add_bos=False, special=True)
        if len(found) != 1 or found[0] not in self.special_ids:
            raise ModelError(f"the vocabulary has no token `{name}`; choose another --template")
        return int(found[0])

    def _read_piece(self, token: int) -> bytes:
        if token in self.special_ids:
            return b""
        buffer = ctypes.create_string_buffer(_LONGEST_PIECE)
        length = llama_cpp.llama_token_to_piece(self._vocabulary, token, buffer, _LONGEST_PIECE, 0, False)
        return buffer.raw[: max(length, 0)]
