"""Each limit with its status, in OpenAI's error form; nothing that a client sends ends the server."""

from __future__ import annotations

import socket

import pytest
from cases import MORPH, ORIGINAL, UPDATE, chat
from program import Cli
from server import Server, running

pytestmark = pytest.mark.process

CHAT = "/v1/chat/completions"
GOOD = {"original": ORIGINAL, "update": UPDATE, "path": "a.py"}

MALFORMED: dict[str, tuple[str, bytes | object, int, str]] = {
    "no JSON": (CHAT, b"{", 422, "invalid_request"),
    "not UTF-8": ("/v1/apply", b'{"original": "\xff", "update": ""}', 400, "invalid_request"),
    "an array": ("/v1/apply", [], 422, "invalid_request"),
    "no messages": (CHAT, {"messages": []}, 422, "invalid_request"),
    "no tags": (CHAT, chat("hello"), 422, "invalid_update"),
    "no update": (CHAT, chat("<code>x</code>"), 422, "invalid_update"),
    "nothing between": (CHAT, chat("<code>x</update>"), 422, "invalid_update"),
    "empty update": (CHAT, chat(MORPH.format(ORIGINAL, " ")), 422, "invalid_update"),
    "several answers": (CHAT, chat(MORPH.format(ORIGINAL, UPDATE), n=2), 422, "invalid_request"),
    "missing field": ("/v1/code/apply", {"initial_code": "x"}, 422, "invalid_request"),
    "wrong type": ("/v1/apply", {"original": 1, "update": []}, 422, "invalid_request"),
    "lone surrogate": ("/v1/apply", b'{"original": "\\ud800", "update": "x"}', 422, "invalid_request"),
    "deep JSON": ("/v1/apply", b'{"a":' + b"[" * 50_000, 400, "invalid_request"),
    "too long": ("/v1/apply", {"original": "x" * 400_000, "update": "x"}, 413, "body_too_large"),
    "too many lines": ("/v1/apply", {"original": "\n" * 21_000, "update": "x"}, 413, "too_many_lines"),
    "unknown path": ("/v1/embeddings", {}, 404, "not_found"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_requests(server: Server, case: str) -> None:
    path, body, status, code = MALFORMED[case]
    answer = server.post(path, body)
    assert (answer.status, answer.error()["code"]) == (status, code)
    assert server.post("/v1/apply", GOOD).status == 200


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"x", "the body is not JSON (from character 0 on)"), ([], "the body is not a JSON object")],
)
def test_a_body_that_is_no_object_is_said_in_plain_words(server: Server, body: object, said: str) -> None:
    assert server.post("/v1/code/apply", body).error()["message"] == said


def test_a_wrong_method(server: Server) -> None:
    answer = server.ask("GET", CHAT)
    assert (answer.status, answer.error()["code"]) == (405, "method_not_allowed")


def test_a_body_without_a_length_is_bounded_too(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        head = f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        for _ in range(5):
            connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        assert b" 413 " in connection.recv(1000)


def test_other_names_for_this_machine_are_refused(server: Server) -> None:
    for name in ("evil.example", "evil.example:8331", "127.0.0.1.evil.example", "", "[", "localhost@evil"):
        answer = server.ask("GET", "/v1/models", headers={"Host": name})
        assert (answer.status, answer.error()["code"]) == (403, "unknown_host")
    for name in ("localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.2:1", "[::1]:8331"):
        assert server.ask("GET", "/v1/models", headers={"Host": name}).status == 200


TOKENS = "# two teams\nfirst-token-of-16\n\nsecond-token-of-16\n"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "tokens").write_text(TOKENS)
    with running(folder, "--model", "none", "--token-file", "tokens", "--max-tokens", "3000") as started:
        yield started


@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer ", "Bearer wrong", "Bearer # two teams", "Basic first-token-of-16", "Bearer \xe9"]
)
def test_no_token_no_answer(guarded: Server, sent: str) -> None:
    for method, path in (("POST", CHAT), ("GET", "/v1/models"), ("GET", "/metrics"), ("GET", "/docs"), ("GET", "/x")):
        answer = guarded.ask(method, path, {} if method == "POST" else None, {"Authorization": sent})
        assert (answer.status, answer.error()["code"]) == (401, "invalid_api_key")
        assert answer.headers["www-authenticate"] == "Bearer"


def test_each_token_opens(guarded: Server) -> None:
    for token in ("first-token-of-16", "second-token-of-16"):
        answer = guarded.post("/v1/apply", GOOD, Authorization=f"Bearer {token}", Host="any.example")
        assert answer.json()["status"] == "applied"
    assert guarded.ask("GET", "/health").status == guarded.ask("GET", "/ready").status == 200


def test_too_many_tokens(guarded: Server) -> None:
    body = {"original": "a = 1\n" * 4000, "update": UPDATE}
    answer = guarded.post("/v1/apply", body, Authorization="Bearer first-token-of-16")
    assert (answer.status, answer.error()["code"]) == (413, "too_many_tokens")


WRONG = {
    "open to others": (("--host", "0.0.0.0"), "--token-file"),
    "open to others, IPv6": (("--host", "::"), "--token-file"),
    "unknown host": (("--host", "nosuch.invalid"), "unknown address"),
    "empty token file": (("--token-file", "empty"), "holds no token"),
    "short token": (("--token-file", "short"), "shorter than 16"),
    "no token file": (("--token-file", "nosuch"), "no such file"),
    "no time": (("--timeout", "0"), "--timeout"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_server_that_must_not_start(cli: Cli, case: str) -> None:
    cli.write("empty", "# nothing\n")
    cli.write("short", "secret\n")
    arguments, expected = WRONG[case]
    done = cli.run("serve", "--port", "0", "--model", "none", *arguments)
    assert done.status == 2
    assert done.err.startswith("fastapply: error: ")
    assert done.err.count("\n") == 1
    assert expected in done.err


def test_a_port_that_is_taken(cli: Cli, server: Server) -> None:
    done = cli.run("serve", "--port", str(server.port), "--model", "none")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "in use" in done.err
