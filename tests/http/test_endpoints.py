"""Every wire format against a running server; the `openai` client and curl ask it as users do."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from cases import AIXAPPLY, BROKEN, CHANGED, FOREIGN, KORTIX, MANY, MORPH, ORIGINAL, READ, UPDATE, chat
from server import Server

from fastapply.text.apply_blocks import apply_replacements
from fastapply.text.formats import parse_update

if TYPE_CHECKING:
    import openai

pytestmark = pytest.mark.process

CHAT = "/v1/chat/completions"


@pytest.fixture
def client(server: Server) -> openai.OpenAI:
    import openai  # a second, in every worker that collects these tests

    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0)


def complete(client: openai.OpenAI, content: str, **more: Any) -> Any:
    messages = [{"role": "user", "content": content}]
    return client.chat.completions.create(model="any", messages=messages, extra_body={"path": "a.py"}, **more)


@pytest.mark.parametrize(
    ("message", "before", "after"),
    [
        (MORPH, "", ""),
        (MORPH.replace("instruction>", "instructions>"), "", ""),
        ("<code>{0}</code>\n<update>{1}</update>", "", ""),
        ("\n<instruction>x</instruction>\n<code>{0}</code>\n<update>{1}</update>\n", "", ""),
        (KORTIX, "<updated-code>", "</updated-code>"),
        (AIXAPPLY, "<update_file>", "</update_file>"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_openai_client_gets_the_merged_file(
    client: openai.OpenAI, message: str, before: str, after: str, newline: str
) -> None:
    content = message.format(ORIGINAL.replace("\n", newline), UPDATE)
    expected = before + CHANGED.replace("\n", newline) + after
    answer = complete(client, content)
    assert answer.choices[0].message.content == expected
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.completion_tokens_details.accepted_prediction_tokens == 0
    assert answer.model_extra["fastapply"]["status"] == "applied"

    chunks = list(complete(client, content, stream=True, stream_options={"include_usage": True}))
    contents = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(contents) == expected
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage.completion_tokens == answer.usage.completion_tokens


def test_a_prediction_is_the_file_where_no_message_has_it(client: openai.OpenAI) -> None:
    for content in (UPDATE, f"<update>{UPDATE}</update>", f"Do this:\n```python\n{UPDATE}```\n"):
        for prediction in (ORIGINAL, [{"type": "text", "text": ORIGINAL}]):
            answer = complete(client, content, prediction={"type": "content", "content": prediction})
            assert answer.choices[0].message.content == CHANGED


def test_a_prediction_beside_the_code_changes_nothing(client: openai.OpenAI) -> None:
    answer = complete(client, MORPH.format(ORIGINAL, UPDATE), prediction={"type": "content", "content": "x"})
    assert answer.choices[0].message.content == CHANGED


def test_the_last_tagged_message_counts_and_parts_are_joined(server: Server) -> None:
    text = MORPH.format(ORIGINAL, UPDATE)
    body = chat([{"type": "text", "text": text[:40]}, {"type": "image_url"}, {"type": "text", "text": text[40:]}])
    body["messages"] = [
        {"role": "user", "content": MORPH.format("other", "other")},
        {"role": "assistant", "content": None},
        *body["messages"],
        {"role": "user", "content": "thank you"},
    ]
    assert server.post(CHAT, body).json()["choices"][0]["message"]["content"] == CHANGED


def test_relace_finds_its_own_path(server: Server) -> None:
    answer = server.post("/v1/apply/chat/completions", chat(MORPH.format(ORIGINAL, UPDATE)))
    assert answer.json()["choices"][0]["message"]["content"] == CHANGED


@pytest.mark.parametrize(
    "fields",
    [("initial_code", "edit_snippet", "instructions"), ("initialCode", "editSnippet", "instruction")],
)
def test_code_apply_in_both_spellings(server: Server, fields: tuple[str, str, str]) -> None:
    body = {**dict(zip(fields, (ORIGINAL, UPDATE, "ten"), strict=True)), "language": "python", "model": "auto"}
    answer = server.post("/v1/code/apply", body)
    data = answer.json()
    assert answer.status == 200
    assert data["mergedCode"] == data["merged_code"] == CHANGED
    assert {"prompt_tokens", "completion_tokens", "total_tokens"} <= set(data["usage"])
    assert answer.headers["x-fastapply-status"] == data["fastapply"]["status"] == "applied"

    events = data_of(server.post("/v1/code/apply", {**body, "stream": True}).body)
    assert "".join(event.get("content", "") for event in events) == CHANGED
    assert events[-1]["mergedCode"] == CHANGED


def test_our_own_result(server: Server) -> None:
    body = {"original": ORIGINAL, "update": UPDATE, "path": "a.py", "id": "7"}
    result = server.post("/v1/apply", body).json()
    assert set(result) == {"id", "status", "text", "confidence", "hunks", "checks", "stats"}
    assert (result["id"], result["status"], result["text"]) == ("7", "applied", CHANGED)
    (hunk,) = result["hunks"]
    (reason,) = hunk.pop("reasons")
    assert hunk == {"start_line": 4, "end_line": 5, "new_text": "    return 10\n"}
    assert (reason["start_line"], reason["end_line"]) == (4, 5)

    streamed = server.post("/v1/apply", {**body, "stream": True}).body.decode()
    events = data_of(streamed.encode())
    assert [hunk for event in events[:-1] for hunk in event["hunks"]] == [hunk]
    assert events[-1]["text"] == CHANGED
    assert streamed.rstrip().split("\n\n")[-1].startswith("event: result\n")


def test_of_an_update_for_several_files_the_files_own_part_is_taken(server: Server) -> None:
    update = f"`src/a.py`\n```python\n{UPDATE}```\n\n`b.py`\n```python\ndef third():\n    return 3\n```\n"
    result = server.post("/v1/apply", {"original": ORIGINAL, "update": update, "path": "a.py"}).json()
    assert (result["status"], result["text"]) == ("applied", CHANGED)
    (said,) = [check["detail"] for check in result["checks"] if not check["ok"]]
    assert said == "the update is for other files too, and these were left out: b.py"
    answer = server.post("/v1/apply", {"original": ORIGINAL, "update": update, "path": "c.py"})
    assert (answer.status, answer.json()["error"]["code"]) == (422, "invalid_update")
    assert "the update is for src/a.py, b.py: none of them is c.py" in answer.json()["error"]["message"]


def test_a_doubtful_edit_is_answered_and_marked(server: Server, client: openai.OpenAI) -> None:
    answer = server.post(CHAT, chat(MORPH.format(ORIGINAL, BROKEN)))
    assert answer.status == 200
    assert "return (10" in answer.json()["choices"][0]["message"]["content"]
    trust = answer.json()["fastapply"]
    assert trust["status"] == answer.headers["x-fastapply-status"] == "needs_review"
    assert trust["confidence"] == float(answer.headers["x-fastapply-confidence"]) < 1
    assert any(check["name"] == "syntax" and not check["ok"] for check in trust["checks"])
    *_, last = complete(client, MORPH.format(ORIGINAL, BROKEN), stream=True)
    assert last.model_extra["fastapply"]["status"] == "needs_review"


@pytest.mark.parametrize("stream", [False, True])
def test_a_rejected_edit_is_an_error(server: Server, client: openai.OpenAI, stream: bool) -> None:
    import openai

    for path, body in (
        (CHAT, chat(MORPH.format(ORIGINAL, FOREIGN), stream=stream)),
        ("/v1/code/apply", {"initial_code": ORIGINAL, "edit_snippet": FOREIGN, "path": "a.py", "stream": stream}),
    ):
        answer = server.post(path, body)
        assert (answer.status, answer.error()["code"]) == (422, "edit_rejected")
    with pytest.raises(openai.UnprocessableEntityError, match="rejected"):
        complete(client, MORPH.format(ORIGINAL, FOREIGN), stream=stream)
    body = {"original": ORIGINAL, "update": FOREIGN, "path": "a.py"}
    result = server.post("/v1/apply", body).json()
    assert (result["status"], result["text"]) == ("rejected", ORIGINAL)


def test_a_reading_is_one_call_away_in_every_format(server: Server) -> None:
    native = {"original": MANY, "update": READ, "path": "a.py"}
    first = server.post("/v1/apply", native).json()
    assert first["status"] == "needs_review"
    count = 1 + len(first["alternatives"])
    assert [other["number"] for other in first["alternatives"]] == [*range(2, count + 1)] != []
    second = server.post("/v1/apply", {**native, "reading": 2}).json()
    hunks = [{name: value for name, value in hunk.items() if name != "reasons"} for hunk in second["hunks"]]
    assert (second["status"], hunks) == ("applied", first["alternatives"][0]["hunks"])
    assert second["text"] != first["text"]

    tagged = chat(MORPH.format(MANY, READ))
    trust = server.post(CHAT, tagged).json()["fastapply"]
    assert trust["alternatives"][0]["diff"] == first["alternatives"][0]["diff"]
    answer = server.post(CHAT, {**tagged, "reading": 2}).json()
    assert (answer["choices"][0]["message"]["content"], answer["fastapply"]["status"]) == (second["text"], "applied")

    merged = server.post("/v1/code/apply", {"initialCode": MANY, "editSnippet": READ, "path": "a.py", "reading": 2})
    assert merged.json()["mergedCode"] == second["text"]
    for body, said in (({"reading": 9}, f"this update has {count} readings"), ({"reading": 0}, "reading: ")):
        answer = server.post("/v1/apply", {**native, **body})
        assert answer.status == 422
        assert said in answer.error()["message"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_doubtful_edit_is_refused_where_the_client_says_so(server: Server, stream: bool) -> None:
    for path, body in (
        (CHAT, chat(MORPH.format(MANY, READ), stream=stream)),
        ("/v1/code/apply", {"initial_code": MANY, "edit_snippet": READ, "path": "a.py", "stream": stream}),
        ("/v1/apply", {"original": MANY, "update": READ, "path": "a.py", "stream": stream}),
    ):
        answer = server.ask("POST", path, body, {"X-Fastapply-Doubtful": "reject"})
        if stream:
            answer = answer._replace(body=[e for e in answer.body.split(b"\n\n") if e][-1].removeprefix(b"data: "))
        else:
            assert answer.status == 409
        assert answer.error()["code"] == "edit_doubtful"
        assert "`read` stands alike at lines 2, 8, 14" in answer.error()["message"]
        assert "reading 2" in answer.error()["message"]
        assert ".;" not in answer.error()["message"]
        said = answer.json()["fastapply"]
        assert answer.headers.get("x-fastapply-status") == (None if stream else "needs_review")
        assert answer.headers.get("x-fastapply-confidence") == (None if stream else f"{said['confidence']:g}")
        other = said["alternatives"][0]
        assert other["number"] == 2
        first = apply_replacements(MANY, parse_update(said["diff"]).replacements)
        assert first == server.post("/v1/apply", {"original": MANY, "update": READ, "path": "a.py"}).json()["text"]
        second = {"original": MANY, "update": READ, "path": "a.py", "reading": 2}
        taken = apply_replacements(first, parse_update(other["diff"]).replacements)
        assert taken == server.post("/v1/apply", second).json()["text"]
        fine = server.ask("POST", path, {**body, "reading": 2}, {"X-Fastapply-Doubtful": "reject"})
        assert fine.status == 200
        assert server.ask("POST", path, body, {"X-Fastapply-Doubtful": "perhaps"}).status == 422
        shown = server.ask("POST", path, {**body, "stream": False}, {"X-Fastapply-Doubtful": "show"})
        assert (shown.status, shown.headers["x-fastapply-status"]) == (200, "needs_review")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl(server: Server) -> None:
    body = json.dumps({"initial_code": ORIGINAL, "edit_snippet": UPDATE, "path": "a.py"})
    command = ["curl", "-sSN", f"{server.url}/v1/code/apply", "-H", "Content-Type: application/json", "-d", body]
    out = subprocess.run(command, check=True, capture_output=True).stdout
    assert json.loads(out)["mergedCode"] == CHANGED
    body = json.dumps(chat(MORPH.format(ORIGINAL, UPDATE), stream=True))
    command[2:] = [f"{server.url}{CHAT}", "-H", "Content-Type: application/json", "-d", body]
    lines = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\n\n")
    assert lines[-2:] == ["data: [DONE]", ""]
    assert all(line.startswith("data: {") and line.isascii() for line in lines[:-2])


def test_status_pages(server: Server) -> None:
    assert server.ask("GET", "/health").json() == {"status": "ok"}
    assert server.ask("GET", "/ready").status == 200
    models = server.ask("GET", "/v1/models").json()
    assert [model["id"] for model in models["data"]] == ["none"]
    before = server.metric('fastapply_edits_total{outcome="applied"}')
    server.post("/v1/apply", {"original": ORIGINAL, "update": UPDATE, "path": "a.py"})
    assert server.metric('fastapply_edits_total{outcome="applied"}') == before + 1
    assert server.metric("fastapply_queue_length") == 0
    page = server.ask("GET", "/docs").body.decode()
    paths = server.ask("GET", "/openapi.json").json()["paths"]
    assert {"/v1/chat/completions", "/v1/code/apply", "/v1/apply"} <= set(paths)
    assert all(path in page for path in paths)
    assert "//" not in page.replace("http://localhost", "").replace("localhost:8331/", "")


def data_of(body: bytes) -> list[dict[str, Any]]:
    events = [event for event in body.decode().split("\n\n") if event]
    return [json.loads(event.partition("data: ")[2]) for event in events if not event.endswith("[DONE]")]


def test_clients_that_send_no_path_are_understood(server: Server) -> None:
    body = chat(MORPH.format(ORIGINAL, UPDATE))
    del body["path"]
    answer = server.post(CHAT, body).json()
    assert answer["choices"][0]["message"]["content"] == CHANGED
    assert "syntax" in {check["name"] for check in answer["fastapply"]["checks"]}
