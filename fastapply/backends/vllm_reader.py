"""Score given tokens with the model behind vLLM, through `prompt_logprobs`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapply.backends.server_api import ServerApi
from fastapply.errors import ModelError


@dataclass
class Reader:
    """A `choosing.Reader` for vLLM. Its methods raise ModelError."""

    api: ServerApi
    prompt: list[int]
    written: list[int] = field(default_factory=list)
    passes: int = 0

    def ways(self, ways: Sequence[Sequence[int]]) -> list[float]:
        """The total log-probability of each way, from one request."""
        return [sum(log_probs) for log_probs in self._read(ways)]

    def each(self, way: Sequence[int]) -> list[float]:
        """The log-probability of each token of `way`."""
        return self._read([way])[0]

    def _read(self, ways: Sequence[Sequence[int]]) -> list[list[float]]:
        before = [*self.prompt, *self.written]
        prompts = [[*before, *way] for way in ways]
        asked = {"prompt": prompts, "max_tokens": 1, "temperature": 0, "prompt_logprobs": 0}
        answer = self.api.ask("completions", asked)
        self.passes += 1
        try:
            choices = sorted(answer["choices"], key=lambda choice: int(choice["index"]))
            rows = [choice["prompt_logprobs"][len(before) :] for choice in choices]
            return [
                [float(row[str(token)]["logprob"]) for row, token in zip(found, way, strict=True)]
                for found, way in zip(rows, ways, strict=True)
            ]
        except (KeyError, TypeError, ValueError):
            raise ModelError(
                f"{self.api.base_url} gives no `prompt_logprobs`: is it vLLM? else: --backend openai"
            ) from None
