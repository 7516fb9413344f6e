"""How vLLM is asked for log-probabilities, and how its answer is read. `make test-vllm` asks a real one."""

from __future__ import annotations

import zlib
from typing import Any, cast

import pytest

from fastapply.backends.choosing import Way
from fastapply.backends.server_api import ServerApi
from fastapply.backends.vllm import _Reader
from fastapply.errors import ModelError


def log_prob(before: list[int], token: int) -> float:
    return -(zlib.crc32(repr((before, token)).encode()) % 1000) / 100


class Server:
    """Answers like vLLM: one row a prompt token, none for the first; choices come in any order."""

    base_url = "http://here"

    def ask(self, _: str, said: dict[str, Any]) -> dict[str, Any]:
        assert said["prompt_logprobs"] == 0
        choices = [
            {
                "index": number,
                "prompt_logprobs": [
                    None,
                    *({str(t): {"logprob": log_prob(tokens[:k], t)}} for k, t in enumerate(tokens) if k),
                ],
            }
            for number, tokens in enumerate(said["prompt"])
        ]
        return {"choices": choices[::-1]}


class Silent(Server):
    def ask(self, _: str, said: dict[str, Any]) -> dict[str, Any]:
        return {"choices": [{"index": number, "text": "a"} for number, _ in enumerate(said["prompt"])]}


def test_one_request_reads_the_leader_and_all_ways() -> None:
    prompt, leader = [5, 6, 7], [1, 2, 3, 4, 9]
    reader = _Reader(cast(ServerApi, Server()), prompt)
    [reading] = reader.read(leader, 1, [Way(2, [8, 4, 9]), Way(4, [8])])
    assert reading.leader == [log_prob(prompt + leader[:k], leader[k]) for k in range(1, 5)]
    assert reading.ways[0] == [log_prob(prompt + [1, 2, 8, 4, 9][:k], [1, 2, 8, 4, 9][k]) for k in range(2, 5)]
    assert reading.ways[1] == [log_prob(prompt + leader[:4], 8)]
    assert reader.passes == 1


def test_a_server_that_gives_no_log_probabilities_is_named() -> None:
    with pytest.raises(ModelError, match="is it vLLM"):
        list(_Reader(cast(ServerApi, Silent()), [1]).read([2], 0, []))
