"""`--backend openai`: against our own server, and against one that misbehaves."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from peer import Behaviour, Handler, Peer, cut, fails, peer, raw, says, silent
from program import Cli

from fastapply.applier import Applier
from fastapply.backends.openai import OpenAIBackend, messages_of
from fastapply.backends.server_api import ServerApi
from fastapply.backends.sse import event_data
from fastapply.backends.unwrap import AnswerText
from fastapply.errors import ModelError, RejectedError, UsageError
from fastapply.prompt import TEMPLATES, template
from fastapply.types import ApplyRequest, ApplyResult, Delta, Status

sys.path.insert(0, str(Path(__file__).parents[1] / "http"))

from cases import CHANGED, FOREIGN, ORIGINAL, UPDATE
from server import running

REQUEST = ApplyRequest(ORIGINAL, UPDATE, "ten", path="a.py")
ODD = CHANGED + "# \u2028 \x85 \x0b 🎉 data: [DONE]\n"


def backend(url: str, name: str = "morph", *, attempts: int = 3, seconds: float = 5.0) -> OpenAIBackend:
    api = ServerApi(url, "m", "key", seconds, attempts, sleep=lambda _: None)
    return OpenAIBackend(api, template(name))


def apply(url: str, name: str = "morph", **options: float) -> ApplyResult:
    return Applier(backend(url, name, **options)).apply(REQUEST)  # type: ignore[arg-type]


def test_the_answer_streams_and_the_server_counts() -> None:
    with peer(says(CHANGED)) as server:
        *deltas, result = Applier(backend(server.url)).stream(REQUEST)
    assert isinstance(result, ApplyResult)
    assert (result.text, result.status) == (CHANGED, Status.APPLIED)
    assert sum(isinstance(delta, Delta) and bool(delta.text) for delta in deltas) >= 7
    stats = result.stats
    assert (stats.prompt_tokens, stats.output_tokens) == (30, 9)
    assert (stats.drafted_tokens, stats.accepted_tokens) == (7, 5)
    assert 0 < stats.prefill_seconds <= stats.seconds
    asked = server.asked[0]
    assert (asked["model"], asked["stream"], asked["temperature"]) == ("m", True, 0)
    assert asked["prediction"] == {"type": "content", "content": CHANGED}
    assert server.headers[0]["authorization"] == "Bearer key"


@pytest.mark.parametrize("name", ["chat", "kortix", "aixapply", "morph"])
def test_each_template_finds_its_answer(name: str) -> None:
    messages, opening = messages_of(template(name), REQUEST)
    closing = template(name).closing
    end = closing if isinstance(closing, str) else ""
    assert [message["role"] for message in messages][-1] == "user"
    for before in ("", "Here it is:\n") if opening else ("",):
        with peer(says(f"{before}{opening}{CHANGED}{end}\n" if end else CHANGED, pieces=90)) as server:
            result = apply(server.url, name)
        assert (result.text, result.status) == (CHANGED, Status.APPLIED)


def test_a_template_that_is_no_chat() -> None:
    with pytest.raises(UsageError, match="not a chat"):
        backend("http://127.0.0.1:9", "fastapply")
    assert set(TEMPLATES) >= {"chat", "morph"}


def like_llama_server(text: str, pieces: int = 5) -> Behaviour:
    """The chunks of llama.cpp's server: the first has a role and no text, the last its timings beside the usage."""

    def behave(handler: Handler) -> None:
        handler.begin(content_type="text/event-stream")
        common = {
            "created": 1795457000,
            "id": "chatcmpl-Tkq1",
            "model": "SmolLM2-135M-Instruct.Q4_1.gguf",
            "system_fingerprint": "b7000-abc",
            "object": "chat.completion.chunk",
        }
        size = -(-len(text) // pieces)
        deltas: list[dict[str, str | None]] = [{"role": "assistant", "content": None}]
        deltas += [{"content": text[start : start + size]} for start in range(0, len(text), size)]
        for delta in deltas:
            handler.send({"choices": [{"finish_reason": None, "index": 0, "delta": delta}], **common})
        handler.send({"choices": [{"finish_reason": "stop", "index": 0, "delta": {}}], **common})
        usage = {"completion_tokens": 40, "prompt_tokens": 90, "total_tokens": 130}
        usage_details = {"prompt_tokens_details": {"cached_tokens": 60}}
        timings = {"cache_n": 60, "prompt_n": 30, "prompt_ms": 12.5, "predicted_n": 40, "predicted_per_second": 91.2}
        handler.send({"choices": [], **common, "usage": {**usage, **usage_details}, "timings": timings})
        handler.send("[DONE]")

    return behave


def test_llama_server_is_understood() -> None:
    with peer(like_llama_server(f"<file>\n{CHANGED}</file>")) as server:
        result = apply(server.url, "chat")
    assert (result.text, result.status) == (CHANGED, Status.APPLIED)
    stats = result.stats
    assert (stats.prompt_tokens, stats.cached_tokens, stats.output_tokens) == (90, 60, 40)
    assert stats.drafted_tokens == 0  # it takes no drafts and says nothing of any


def test_what_llama_server_refuses_is_said() -> None:
    """Its errors have a number for a code; a file that does not fit its context is no reason to ask again."""
    message = "request (9412 tokens) exceeds the available context size (8192 tokens), try increasing it"
    error = {"code": 400, "message": message, "type": "exceed_context_size_error", "n_prompt_tokens": 9412}

    def refuses(handler: Handler) -> None:
        handler.begin(400)
        handler.wfile.write(json.dumps({"error": error}).encode())

    loading = fails(503, "Loading model")
    with peer(loading, refuses) as server, pytest.raises(ModelError, match="exceeds the available context size"):
        apply(server.url)
    assert len(server.asked) == 2


def test_an_answer_without_its_tags_leaves_the_rest_to_the_alignment() -> None:
    for behaviour in (says(CHANGED), says(f"<file>\n{CHANGED}"), says(f"<file>\n{CHANGED}</file>", finish="length")):
        with peer(behaviour) as server:
            result = apply(server.url, "chat")
        assert result.text == CHANGED
        assert "lost its way" in next(check.detail for check in result.checks if check.name == "read")


def test_odd_line_ends_in_the_content_are_content() -> None:
    with peer(says(ODD, pieces=len(ODD))) as server:
        assert apply(server.url).text == ODD


@pytest.mark.parametrize("name", ["prediction", "temperature", "stream_options"])
def test_a_field_that_the_server_refuses_is_left_out_from_then_on(name: str) -> None:
    with peer(fails(400, f"Unsupported parameter: '{name}'"), says(CHANGED)) as server:
        applier = Applier(backend(server.url, attempts=1))
        assert applier.apply(REQUEST).text == applier.apply(REQUEST).text == CHANGED
    assert [name in body for body in server.asked] == [True, False, False]


@pytest.mark.parametrize(
    "fault",
    [fails(500), fails(429), fails(503), silent(2.4), lambda handler: handler.connection.close(), raw(b"")],
    ids=["500", "429", "503", "timeout", "closed", "empty stream"],
)
def test_a_passing_fault_is_survived(fault: Behaviour) -> None:
    with peer(fault, says(CHANGED)) as server:
        assert apply(server.url, seconds=2.0).text == CHANGED
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("fault", "said", "asked"),
    [
        (fails(500, "out\nof order"), "HTTP 500: out of order (3 attempts)", 3),
        (fails(401, "wrong key"), "HTTP 401: wrong key", 1),
        (fails(404, "no model m"), "HTTP 404: no model m", 1),
        (fails(400, "too long"), "HTTP 400: too long", 1),
        (raw(b"<html>no API</html>"), "the stream ended early", 3),
        (raw(b"data: {\n\n"), "not the event stream", 3),
        (raw(b"data: []\n\n"), "not the event stream", 3),
        (raw(b'data: {"choices": [{"delta": {"content": 7}}]}\n\n'), "not the event stream", 3),
        (raw(b"data: \xff\n\n"), "not the event stream", 3),
        (raw(b'data: {"error": {"message": "gone"}}\n\n'), "gone", 3),
        (cut(CHANGED), "the answer broke off: the stream ended early", 1),
    ],
)
def test_a_lasting_fault_is_one_line(fault: Behaviour, said: str, asked: int) -> None:
    with peer(fault) as server, pytest.raises(ModelError) as caught:
        apply(server.url)
    assert said in str(caught.value)
    assert server.url in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(server.asked) == asked


def test_a_server_that_says_nothing_is_one_line() -> None:
    with peer(silent(2)) as server, pytest.raises(ModelError, match=r"no answer for 0\.5 seconds \(3 attempts\)"):
        apply(server.url, seconds=0.5)
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/v1", "localhost:1", "ftp://x", "http://[", "nonsense", "http://nosuch.invalid"]
)
def test_addresses_that_lead_nowhere(url: str) -> None:
    with pytest.raises(ModelError) as caught:
        apply(url, attempts=1)
    assert "\n" not in str(caught.value)


def test_pauses_double_and_the_server_may_say_longer() -> None:
    pauses: list[float] = []
    with peer(fails(500), fails(503), fails(429, retry_after="7"), says(CHANGED)) as server:
        api = ServerApi(server.url, "m", None, 5.0, 4, sleep=pauses.append)
        Applier(OpenAIBackend(api, template("morph"))).apply(REQUEST)
    assert 0.3 < pauses[0] < 0.7 < pauses[1] < 1.3
    assert pauses[2] == 7
    assert "authorization" not in server.headers[0]


def test_closing_the_stream_closes_the_connection() -> None:
    with peer(says(CHANGED, pieces=50, pause=0.1)) as server:
        steps = Applier(backend(server.url)).stream(REQUEST)
        next(steps)
        steps.close()
        assert server.left.wait(60)  # in the middle of its answer: a whole one would have ended without a fault


def test_the_command_line_against_our_own_server(cli: Cli, tmp_path_factory: pytest.TempPathFactory) -> None:
    cli.write("app.py", ORIGINAL)
    cli.write("update.py", UPDATE)
    with running(tmp_path_factory.mktemp("server"), "--model", "none") as server:
        options = ("--backend", "openai", "--base-url", f"{server.url}/v1", "--model", "any")
        for name in ("chat", "morph", "kortix", "aixapply"):
            done = cli.run("apply", "app.py", "-u", "update.py", *options, "--template", name, "--format", "text")
            assert (done.status, done.out.decode()) == (0, CHANGED), done.err
        done = cli.run("apply", "app.py", "-u", "update.py", "--write", *options)
        assert (done.status, (cli.folder / "app.py").read_text()) == (0, CHANGED), done.err


@pytest.mark.process
def test_what_another_server_of_ours_rejects_is_rejected(tmp_path: Path) -> None:
    """Behind it the edit looks different: here it can be aligned. It is no fault of a model."""
    with running(tmp_path, "--model", "none") as server:
        api = ServerApi(f"{server.url}/v1", "m", None, 5.0, 3)
        foreign = [{"role": "user", "content": f"<code>{ORIGINAL}</code>\n<update>{FOREIGN}</update>"}]
        with pytest.raises(RejectedError, match="update"):
            list(api.stream("chat/completions", {"messages": foreign}, {}))
    body = '{"error": {"message": "rejected: it does not fit", "code": "edit_rejected"}}'
    for fault in (rejects(body), raw(f"data: {body}\n\n".encode())):
        with peer(fault) as server:
            result = apply(server.url)
        assert (result.status, result.text) == (Status.REJECTED, ORIGINAL)
        assert result.checks[0].detail == "it does not fit"
        assert len(server.asked) == 1


def rejects(body: str) -> Behaviour:
    def behave(handler: Handler) -> None:
        handler.begin(422)
        handler.wfile.write(body.encode())

    return behave


def test_the_key_comes_from_the_environment(cli: Cli) -> None:
    cli.write("app.py", ORIGINAL)
    cli.write("update.py", UPDATE)
    with peer(says(CHANGED)) as server:
        options = ("--backend", "openai", "--base-url", server.url, "--model", "m", "--template", "morph")
        for env in ({"OPENAI_API_KEY": "one"}, {"OPENAI_API_KEY": "one", "FASTAPPLY_API_KEY": "two"}):
            assert cli.run("apply", "app.py", "-u", "update.py", *options, env=env).status == 0
    assert [headers["authorization"] for headers in server.headers] == ["Bearer one", "Bearer two"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--backend", "openai", "--model", "m"), "needs --base-url"),
        (("--backend", "openai", "--base-url", "http://x"), "needs --model"),
        (("--base-url", "http://x"), "needs --backend openai"),
        (("--backend", "magic"), "backend"),
        (("--backend", "openai", "--base-url", "http://x", "--model", "m", "--template", "fastapply"), "not a chat"),
    ],
)
def test_wrong_usage(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    cli.write("app.py", ORIGINAL)
    done = cli.run("apply", "app.py", "-u", "app.py", *arguments)
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert said in done.err


@given(st.lists(st.text(), max_size=5), st.integers(1, 9), st.sampled_from(["\n", "\r\n"]))
def test_events_come_back_however_they_are_cut(texts: list[str], size: int, end: str) -> None:
    datas = [text.replace("\r", "").strip("\n") or "x" for text in texts]
    lines = "".join("".join(f"data: {line}{end}" for line in data.split("\n")) + end for data in datas)
    stream = lines.encode("utf-8", "replace")
    chunks = [stream[start : start + size] for start in range(0, len(stream), size)]
    assert list(event_data(chunks)) == [data.encode("utf-8", "replace").decode() for data in datas]


@given(st.lists(st.text("ab\n</f>", max_size=6), max_size=8), st.integers(1, 5), st.text("xy \n", max_size=5))
def test_the_file_is_found_however_the_answer_is_cut(parts: list[str], size: int, prose: str) -> None:
    content = "".join(parts)
    text = f"{prose}<f>\n{content}</f>"
    answer = AnswerText("<f>\n", "</f>")
    pieces = [answer.push(text[start : start + size]) for start in range(0, len(text), size)]
    assert "".join(pieces) + answer.finish() == content
    assert answer.closed


def test_peers_see_no_more_than_the_region(cli: Cli) -> None:
    far = "".join(f"def far_{number}():\n    return {number}\n\n\n" for number in range(300))
    request = ApplyRequest(far + ORIGINAL, UPDATE, path="a.py")
    with peer(lambda handler: says(handler.server.asked[-1]["prediction"]["content"])(handler)) as server:
        result = Applier(backend(server.url)).apply(request)
    assert result.text == far + CHANGED
    assert len(server.asked[0]["messages"][0]["content"]) < len(far)
    assert isinstance(server, Peer)
