"""The model of another process: a real `fastapply serve` behind the language server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from editor import Editor, running
from pygls.exceptions import JsonRpcException
from samples import AFTER_ONE, AFTER_THREE, FILE, ONE, THREE, URI

sys.path.insert(0, str(Path(__file__).parents[1] / "http"))
from server import running as serving

SECRET = "sixteen-characters-or-more"

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]


async def applied(editor: Editor, uri: str = URI) -> Any:
    editor.open(uri, FILE)
    answer = await editor.apply(uri, ONE, mode="apply")
    assert (answer["applied"], editor.texts[uri]) == (True, AFTER_ONE)
    return answer


async def test_one_server_serves_several_editors(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(f"{SECRET}\n")
    options: dict[str, Any] = {"model": None, "tokenFile": str(token)}
    with serving(tmp_path, "--model", "none", "--token-file", str(token)) as server:
        async with (
            running(tmp_path, backendUrl=server.url, **options) as one,
            running(tmp_path, backendUrl=f"{server.url}/v1", **options) as other,
        ):
            for editor in (one, other):
                answer = await applied(editor)
                assert answer["model"]["state"] == "ready"
                assert not answer["model"]["alignmentOnly"]
            answer = await one.apply(URI, FILE, mode="apply")  # the whole file: back again
            assert one.texts[URI] == FILE
            answer = await one.apply(URI, THREE)
            assert one.replay(URI, answer["edit"]) == AFTER_THREE


@pytest.mark.parametrize(
    ("url", "token", "words"),
    [
        ("http://127.0.0.1:9", SECRET, "http://127.0.0.1:9/v1"),
        (None, "wrong", "HTTP 401"),
    ],
)
async def test_a_server_that_does_not_answer_is_one_line(
    tmp_path: Path, url: str | None, token: str, words: str
) -> None:
    said, right = tmp_path / "said", tmp_path / "right"
    said.write_text(token)
    right.write_text(SECRET)
    with serving(tmp_path, "--model", "none", "--token-file", str(right)) as server:
        async with running(tmp_path, backendUrl=url or server.url, tokenFile=str(said), model=None) as editor:
            editor.open(URI, FILE)
            with pytest.raises(JsonRpcException) as error:
                await editor.apply(URI, ONE)
            assert words in error.value.message
            assert "\n" not in error.value.message
            assert editor.texts[URI] == FILE


async def test_a_token_file_that_is_not_there_leaves_the_alignment(tmp_path: Path) -> None:
    async with running(tmp_path, backendUrl="http://127.0.0.1:9", tokenFile="/nowhere", model=None) as editor:
        answer = await applied(editor)
        assert answer["model"]["alignmentOnly"]
        (message,) = editor.client.messages
        assert "the token file /nowhere cannot be read" in message.message
