"""A GGUF file in llama.cpp: its tokenizer, and evaluating and dropping tokens of one sequence."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from fastapply.backends.choosing import LogProbs, Way, read_in_turn
from fastapply.engine.sequences import common_prefix
from fastapply.errors import ModelError
from fastapply.prompt import Codec

BATCH = 512  # tokens in one call
BLOCK = 8  # tokens; blocks whose logits are needed are padded to a multiple of this
_SPECIAL = llama_cpp.LLAMA_TOKEN_ATTR_CONTROL | llama_cpp.LLAMA_TOKEN_ATTR_UNKNOWN
_LONGEST_PIECE = 1024  # bytes of one token


class GgufModel(llama_cpp.Llama):  # type: ignore[misc]  # llama_cpp is not installed where types are checked
    """`Llama` with two differences.

    It keeps the logits of the last call only: logits of every position in the context would fill gigabytes. `rows`
    holds one row for each token of the last call, or for its last token only: # [tokens, vocab_size].

    It pads blocks, so that every drafter gives the same bytes. Kernels for one token sum in another order than those
    for several, which can flip near ties. `padded` False restores llama.cpp's own behaviour.
    """

    n_tokens: int
    rows: NDArray[np.single]
    padded = True
    _start = 0  # the number of tokens before the last call

    @classmethod
    def open(cls, file: Path, *, context: int, threads: int | None = None, gpu: bool = True) -> GgufModel:
        """Load a model. Raises ModelError if there is no such file or llama.cpp cannot read it."""
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
        """Evaluate tokens after those in the context."""
        self._ctx.kv_cache_seq_rm(-1, self.n_tokens, -1)
        for start in range(0, len(tokens), self.n_batch):
            batch = tokens[start : start + self.n_batch]
            pad = 0 if last_only or not self.padded else -len(batch) % BLOCK
            # No token attends to the padding after it, and the next call removes it.
            self._batch.set_batch([*batch, *[batch[-1]] * pad], n_past=self.n_tokens, logits_all=not last_only)
            self._ctx.decode(self._batch)
            self._start = self.n_tokens
            self.input_ids[self.n_tokens : self.n_tokens + len(batch)] = batch
            self.n_tokens += len(batch)
            self._requires_eval = False
            shape = (1 if last_only else len(batch), self._n_vocab)
            self.rows = np.ctypeslib.as_array(self._ctx.get_logits(), shape=shape)

    def sample(self, *how: Any, idx: int | None = None, **more: Any) -> int:
        """The next token after the first `idx` tokens. `Llama` would count rows from the last one, which is padding."""
        row = None if idx is None else self.n_tokens + idx - self._start
        return int(super().sample(*how, idx=row, **more))

    def hold(self, tokens: Sequence[int]) -> None:
        """Make the context hold exactly `tokens`. Their common prefix with what it holds is not evaluated again."""
        kept = common_prefix(self.input_ids[: self.n_tokens].tolist(), tokens)
        self.forget(kept)
        self.eval(tokens[kept:], last_only=True)

    def forget(self, kept: int) -> None:
        """Drop all but the first `kept` tokens."""
        if kept < self.n_tokens:
            if not self._ctx.kv_cache_seq_rm(-1, kept, -1):  # recurrent models cannot go back
                self._ctx.kv_cache_clear()
                again = self.input_ids[:kept].tolist()
                self.n_tokens = 0
                self.eval(again, last_only=True)
            self.n_tokens = kept


class GgufReader:
    """A `choosing.Reader` for a GGUF model."""

    def __init__(self, model: GgufModel, prompt: list[int]) -> None:
        self._model = model
        self._prompt = prompt
        self.passes = 0
        self.cached_tokens = common_prefix(model.input_ids[: model.n_tokens].tolist(), prompt)

    def read(self, leader: Sequence[int], first: int, ways: Sequence[Way]) -> Iterator[LogProbs]:
        def each(start: int, tokens: Sequence[int]) -> Iterator[list[float]]:
            return self.each([*self._prompt, *leader[:start]], tokens)

        return read_in_turn(each, leader, first, ways)

    def each(self, before: Sequence[int], tokens: Sequence[int]) -> Iterator[list[float]]:
        """The log-probability of each of `tokens` after `before`, batch by batch."""
        self._model.hold(before[:-1])
        read = [before[-1], *tokens[:-1]]  # a token's row predicts the next token
        for start in range(0, len(read), BATCH):
            self._model.eval(read[start : start + BATCH])
            self.passes += 1
            yield _log_probs(self._model.rows, tokens[start : start + BATCH])


class GgufDrafter:
    """A `Drafter`: a smaller model writes ahead, greedily, after the same prompt, which it reads at once."""

    def __init__(self, model: GgufModel, prompt: Sequence[int]) -> None:
        self._model = model
        model.hold(prompt[:-1])
        self._known = list(prompt)  # prompt and output so far

    def observe(self, token: int) -> None:
        self._known.append(token)

    def draft(self, limit: int) -> list[int]:
        limit = min(limit, BLOCK - 1, self._model.n_ctx() - len(self._known))
        if limit < 1:
            return []
        self._model.hold(self._known)  # it never holds the last token yet: that one is the larger model's own
        drafted = [int(self._model.rows[-1].argmax())]
        while len(drafted) < limit:
            self._model.eval(drafted[-1:], last_only=True)
            drafted.append(int(self._model.rows[-1].argmax()))
        return drafted


def _log_probs(rows: NDArray[np.single], tokens: Sequence[int]) -> list[float]:
    """The log-probability of `tokens[i]` in row i of the logits, # [tokens, vocab_size]."""
    wide = rows.astype(np.float64)
    most = wide.max(axis=1)
    total = np.log(np.exp(wide - most[:, None]).sum(axis=1)) + most
    found: list[float] = (wide[np.arange(len(tokens)), list(tokens)] - total).tolist()
    return found


class GgufCodec(Codec):
    """The tokenizer in a GGUF file, run by llama.cpp."""

    def __init__(self, model: GgufModel) -> None:
        self._model = model
        self._vocabulary: Any = model._model.vocab
        count = model.n_vocab()
        attribute = llama_cpp.llama_vocab_get_attr
        self.special_ids = frozenset(k for k in range(count) if attribute(self._vocabulary, k) & _SPECIAL)
        self._piece = cache(self._read_piece)
        if self.decode(self.encode("x")) != "x":
            raise ModelError(
                "this model's tokenizer puts a space before every text, which would change files: run the model on a "
                "server (--backend openai)"
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
