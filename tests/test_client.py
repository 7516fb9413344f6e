"""The Python client against a running server, and the examples of docs/python.md as they stand there."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from peer import peer, says

from fastapply.applier import Applier
from fastapply.client import Client, ServerError
from fastapply.errors import FastApplyError, ModelError, UsageError
from fastapply.types import ApplyRequest, ApplyResult, Delta, Status

sys.path.insert(0, str(Path(__file__).parent / "http"))

from cases import BROKEN, CHANGED, FOREIGN, MANY, ORIGINAL, READ, UPDATE
from server import Server, running

PAGE = Path(__file__).parents[1] / "docs" / "python.md"
REQUEST = ApplyRequest(ORIGINAL, UPDATE, "ten", path="a.py", id="7")
OPTIONS = ("--backend", "openai", "--model", "m", "--template", "morph", "--base-url")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    (folder / "tokens").write_text("the-only-token-there-is\n")
    with running(folder, "--model", "none", "--token-file", "tokens", "--max-lines", "1000") as started:
        yield started


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.url, token="the-only-token-there-is") as opened:
        yield opened


@pytest.mark.parametrize("update", [UPDATE, BROKEN, FOREIGN])
@pytest.mark.parametrize("original", [ORIGINAL, "\ufeff" + ORIGINAL.replace("\n", "\r\n")])
def test_it_answers_as_the_applier_does(client: Client, update: str, original: str) -> None:
    request = ApplyRequest(original, update, path="a.py", id="7")
    *deltas, expected = Applier(None).stream(request)
    assert client.apply(request) == expected
    *streamed, result = client.stream(request)
    assert result == expected
    assert "".join(step.text for step in streamed if isinstance(step, Delta)) == "".join(
        step.text for step in deltas if isinstance(step, Delta)
    )


def test_readings_are_listed_and_taken(client: Client) -> None:
    request = ApplyRequest(MANY, READ, path="a.py")
    result = client.apply(request)
    assert result == Applier(None).apply(request)
    count = 1 + len(result.alternatives)
    assert [other.number for other in result.alternatives] == [*range(2, count + 1)] != []
    for other in result.alternatives:
        chosen = client.apply(replace(request, reading=other.number))
        assert (chosen.status, chosen.hunks) == (Status.APPLIED, other.hunks)
    with pytest.raises(UsageError, match=f"there is no reading {count + 1}"):
        client.apply(replace(request, reading=count + 1))


def test_readiness_and_models(client: Client) -> None:
    assert client.ready()
    assert client.models() == ["none"]
    assert not Client("http://127.0.0.1:9").ready()


def both_ways(client: Client, request: ApplyRequest = REQUEST) -> Iterator[Any]:
    for call in (client.apply, lambda asked: list(client.stream(asked))):
        with pytest.raises(FastApplyError) as caught:
            call(request)  # type: ignore[operator]
        assert "\n" not in str(caught.value)
        yield caught.value


def test_refusals_say_what_and_why(server: Server, client: Client) -> None:
    for error in both_ways(Client(server.url, token="wrong")):
        assert isinstance(error, ServerError)
        assert (error.status, error.code, error.retry_after) == (401, "invalid_api_key", None)
    for error in both_ways(client, ApplyRequest("x\n" * 2000, UPDATE)):
        assert (error.status, error.code) == (413, "too_many_lines")
    for error in both_ways(client, ApplyRequest(ORIGINAL, " ")):
        assert isinstance(error, UsageError)
    for error in both_ways(Client("http://127.0.0.1:9")):
        assert (error.status, "fastapply serve" in str(error)) == (0, True)
    for url in ("ftp://x", "nonsense"):
        with pytest.raises(UsageError, match="not the address of a server"):
            Client(url).apply(REQUEST)
    with peer(says("no API")) as other:
        for error in both_ways(Client(other.url.removesuffix("/v1"))):
            assert isinstance(error, ServerError)


@pytest.mark.process
def test_a_stream_that_is_closed_stops_the_server(tmp_path: Path) -> None:
    with peer(says(CHANGED, pieces=50, pause=0.1)) as model, running(tmp_path, *OPTIONS, model.url) as server:
        with Client(server.url) as client:
            steps = client.stream(REQUEST)
            assert isinstance(next(steps), Delta)
            steps.close()
            assert model.left.wait(60)  # in the middle of its answer: a whole one would have ended without a fault
        with Client(server.url, seconds=0.3) as client, pytest.raises(ServerError, match="no answer in time"):
            client.apply(REQUEST)


@pytest.mark.process
def test_a_model_that_fails_behind_the_server(tmp_path: Path) -> None:
    env = {"FASTAPPLY_REQUEST_ATTEMPTS": "1"}
    with running(tmp_path, *OPTIONS, "http://127.0.0.1:9/v1", **env) as server, Client(server.url) as client:
        for error in both_ways(client):
            assert isinstance(error, ModelError)


EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


def run(*examples: str) -> tuple[dict[str, Any], str]:
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as said:
        for example in examples:
            exec(example, names)
    return names, said.getvalue()


@pytest.mark.model
def test_the_examples_for_this_process() -> None:
    texts, whole, stream, _ = EXAMPLES
    names, said = run(texts, whole, stream)
    assert names["result"].text == names["original"].replace("3 * r", "3.14159 * r")
    assert isinstance(names["step"], ApplyResult)
    assert re.search(r"[1-9]\d* of [1-9]\d* tokens were drafts", said)


@pytest.mark.process
def test_the_example_for_a_server(tmp_path: Path) -> None:
    texts, _, _, server_example = EXAMPLES
    with running(tmp_path, "--model", "none") as server:
        names, said = run(texts, server_example.replace("http://127.0.0.1:8331", server.url))
    assert names["result"].status is Status.APPLIED
    assert said == f"['none']\n{names['result'].text}"
