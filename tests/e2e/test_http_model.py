"""The server with the embedded model: tokens, acceptance, streams, and clients that leave."""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "http"))

from cases import CHANGED, MORPH, ORIGINAL, UPDATE, chat
from program import Cli
from server import Server, running

pytestmark = [pytest.mark.model, pytest.mark.process]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server"), "--mode", "judge", ready=False) as started:
        # The model takes seconds to load: meanwhile the process lives, and says that it is not ready.
        assert started.ask("GET", "/health").status == 200
        early = started.post("/v1/chat/completions", chat(MORPH.format(ORIGINAL, UPDATE)))
        assert (early.status, early.error()["code"]) == (503, "not_ready")
        assert "retry-after" in early.headers
        started.wait_ready()
        yield started


def test_the_openai_client_sees_what_was_drafted(server: Server) -> None:
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0)
    messages = [{"role": "user", "content": MORPH.format(ORIGINAL, UPDATE)}]
    prediction = {"type": "content", "content": ORIGINAL}
    options = {"model": "any", "messages": messages, "prediction": prediction, "extra_body": {"path": "a.py"}}
    answer = client.chat.completions.create(**options)  # type: ignore[call-overload]
    assert answer.choices[0].message.content == CHANGED
    assert answer.usage.prompt_tokens > answer.usage.completion_tokens > 10
    details = answer.usage.completion_tokens_details
    assert 0 < details.accepted_prediction_tokens <= answer.usage.completion_tokens  # all, where the draft is right
    assert details.rejected_prediction_tokens >= 0
    chunks = list(client.chat.completions.create(stream=True, **options))  # type: ignore[call-overload]
    contents = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(contents) == CHANGED
    assert sum(map(bool, contents)) > 1
    ratio = server.metric("fastapply_acceptance_ratio")
    assert ratio > 0.5
    accepted, drafted = (server.metric(f'fastapply_tokens_total{{kind="{k}"}}') for k in ("accepted", "drafted"))
    assert ratio == pytest.approx(accepted / drafted)


def test_a_client_that_leaves_stops_the_model(server: Server) -> None:
    """The model reads in many passes, of which only the first are made: else the edit would count as done."""
    new = "".join(f"    value_{number} = {number}\n" for number in range(150))
    body = {"original": ORIGINAL, "update": UPDATE.replace("    return 10\n", f"{new}    return 10\n")}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    sent = json.dumps({**body, "path": "a.py", "stream": True})
    connection.request("POST", "/v1/apply", sent, {"Content-Type": "application/json"})
    response = connection.getresponse()
    assert response.status == 200
    assert response.read(12) == b"event: delta"
    connection.sock.close()
    response.close()
    connection.close()
    until = time.monotonic() + 60
    while server.metric('fastapply_edits_total{outcome="cancelled"}') < 1:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert server.metric("fastapply_running") == 0


def test_a_model_that_cannot_be_loaded_is_one_line(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    done = cli.run("serve", "--port", "0", "--model", "folder")
    assert done.status == 1
    assert done.err.splitlines()[-1].startswith("fastapply: error: ")
    assert "config.json" in done.err


def test_a_stream_says_which_characters_were_drafts(server: Server) -> None:
    """Each block is drafts, then one token of the model's own; what did not go through the model has no tokens."""
    body = server.post("/v1/apply", {"original": ORIGINAL, "update": UPDATE, "path": "a.py", "stream": True}).body
    events = [json.loads(part.partition("data: ")[2]) for part in body.decode().split("\n\n") if part]
    *deltas, result = events
    for delta in deltas:
        own = delta["text"][delta["drafted_characters"] :] if delta["tokens"] else ""
        assert delta["drafted_characters"] <= len(delta["text"])
        assert bool(own) == (delta["tokens"] > delta["drafted"])
        assert bool(delta["drafted_characters"]) == bool(delta["drafted"])
    assert sum(delta["drafted"] for delta in deltas) == result["stats"]["accepted_tokens"] > 0
    assert sum(delta["tokens"] for delta in deltas) == result["stats"]["output_tokens"]
