"""Readings, drafts, updates of several files, and what version 3.18 of the protocol adds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from editor import Editor, capabilities, running
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from samples import AFTER_THREE, DIFF, FILE, THREE, URI

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

TWINS = "def a():\n    x = 1\n    log(x)\n    return x\n\n\ndef b():\n    x = 1\n    log(x)\n    return x\n"
DOUBTFUL = "    x = 1\n    log(x)\n    check(x)\n    return x\n"
DOCUMENT = {"textDocument": {"uri": URI}}


async def readings(editor: Editor, **more: Any) -> Any:
    return await editor.ask("fastapply/readings", {**DOCUMENT, **more})


async def test_another_reading_takes_the_place_of_the_open_hunks_and_can_be_taken_back(editor: Editor) -> None:
    editor.open(URI, TWINS)
    answer = await editor.apply(URI, DOUBTFUL)
    assert answer["status"] == "needs_review"
    known = await readings(editor)
    numbers = [reading["number"] for reading in known["readings"]]
    assert (known["reading"], numbers[0], known["hunks"]) == (1, 1, answer["hunks"])
    assert known["readings"][1:] == answer["alternatives"] != []
    editor.insert(URI, 0, "# typed\n")  # the reading follows the document
    taken = await readings(editor, take=numbers[1])
    assert taken["reading"] == numbers[1]
    assert taken["hunks"][0]["range"] != answer["hunks"][0]["range"]
    assert editor.previews[-1]["kind"] == "change"
    assert editor.previews[-1]["hunks"] == taken["hunks"]
    back = await readings(editor, take=1)
    assert [hunk["newText"] for hunk in back["hunks"]] == [hunk["newText"] for hunk in answer["hunks"]]
    await readings(editor, take=numbers[1])
    assert (await editor.ask("fastapply/accept", DOCUMENT))["applied"]
    with pytest.raises(JsonRpcException, match="no edit to decide on"):
        await readings(editor)
    direct = await editor.apply(URI, DOUBTFUL)
    assert direct["session"] != answer["session"]
    editor.change(URI, TWINS)
    asked = await editor.apply(URI, DOUBTFUL, reading=numbers[1], mode="apply")
    assert asked["applied"]


async def test_a_reading_that_is_not_there_is_named(editor: Editor) -> None:
    editor.open(URI, FILE)
    await editor.apply(URI, DIFF)
    assert [reading["number"] for reading in (await readings(editor))["readings"]] == [1]
    with pytest.raises(JsonRpcException, match="reading 9: no such reading; there are: none but the one that is open"):
        await readings(editor, take=9)


async def test_a_place_that_was_changed_meanwhile_is_refused(editor: Editor) -> None:
    editor.open(URI, TWINS)
    answer = await editor.apply(URI, DOUBTFUL)
    number = answer["alternatives"][0]["number"]
    line = (await readings(editor, take=number))["hunks"][0]["range"]["start"]["line"]
    await readings(editor, take=1)
    editor.insert(URI, line, "    typed()\n")
    with pytest.raises(JsonRpcException) as error:
        await readings(editor, take=number)
    assert error.value.code == types.LSPErrorCodes.ContentModified.value
    assert (await readings(editor))["reading"] == 1


async def test_an_update_of_several_files_is_taken_apart(editor: Editor, tmp_path: Path) -> None:
    for name in ("a.py", "src/b.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(FILE)
    update = DIFF + DIFF.replace("a.py", "src/b.py") + "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+NEW = 1\n"
    uri = (tmp_path / "src/b.py").as_uri()
    found = (await editor.ask("fastapply/files", {"textDocument": {"uri": uri}, "update": update}))["files"]
    assert [(file["path"], file["action"], file["uri"]) for file in found] == [
        ("a.py", "update", (tmp_path / "a.py").as_uri()),
        ("src/b.py", "update", uri),
        ("new.py", "add", (tmp_path / "new.py").as_uri()),
    ]
    assert found[2]["update"] == "NEW = 1\n"
    editor.open(uri, FILE)
    assert (await editor.apply(uri, found[1]["update"], mode="apply"))["applied"]
    assert editor.texts[uri] == AFTER_THREE
    fenced = f"```diff\n{DIFF}{DIFF.replace('a.py', 'src/b.py')}```\nThen run:\n```sh\npytest\n```\n"
    answer = await editor.ask("fastapply/files", {"textDocument": {"uri": uri}, "update": fenced})
    assert len(answer["files"]) == 2
    assert answer["leftOut"] == ["pytest"]
    for one, where in ((DIFF, uri), (THREE, uri), (update, "file:///notes/all.diff")):
        assert (await editor.ask("fastapply/files", {"textDocument": {"uri": where}, "update": one}))["files"] == []
    for path, words in (("../out.py", "outside of"), ("nowhere.py", "names nowhere.py, which is not there")):
        with pytest.raises(JsonRpcException, match=words):
            await editor.ask(
                "fastapply/files", {"textDocument": {"uri": uri}, "update": DIFF + DIFF.replace("a.py", path)}
            )


async def test_the_new_side_is_a_document_and_edits_say_what_they_are(tmp_path: Path) -> None:
    said = capabilities()
    assert said.workspace is not None
    assert said.workspace.workspace_edit is not None
    said.workspace.text_document_content = types.TextDocumentContentClientCapabilities()
    said.workspace.workspace_edit.metadata_support = True
    async with running(tmp_path, said=said) as editor:
        refreshed: list[str] = []
        editor.client.feature(types.WORKSPACE_TEXT_DOCUMENT_CONTENT_REFRESH)(
            lambda params: refreshed.append(params.uri)
        )
        editor.open(URI, FILE)
        answer = await editor.apply(URI, DIFF)
        side = answer["newSide"]
        assert side.startswith("fastapply://")
        assert side.endswith("/a.py")
        content = await editor.ask(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, types.TextDocumentContentParams(side))
        assert content.text == AFTER_THREE
        hunk = answer["hunks"][0]["id"]
        await editor.ask("fastapply/reject", {**DOCUMENT, "hunks": [hunk]})
        content = await editor.ask(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, types.TextDocumentContentParams(side))
        assert content.text == AFTER_THREE.replace('"1"', '"first"')
        assert set(refreshed) == {side}
        await editor.ask("fastapply/accept", DOCUMENT)
        assert editor.edits[-1].metadata == types.WorkspaceEditMetadata(is_refactoring=False)
        with pytest.raises(JsonRpcException, match="its preview is over"):
            await editor.ask(types.WORKSPACE_TEXT_DOCUMENT_CONTENT, types.TextDocumentContentParams(side))


@pytest.mark.model
async def test_the_alignments_draft_comes_first_and_keeps_its_names(tmp_path: Path) -> None:
    async with running(tmp_path, model="fastapply-135m", threads=1, preview="draft") as editor:
        editor.open(URI, FILE)  # loads the model
        answer = await editor.apply(URI, THREE, partialResultToken="p")
        kinds = [preview["kind"] for preview in editor.previews]
        assert kinds[:2] == ["begin", "draft"]
        first = next(value for token, value in editor.progress if token == "p")
        assert first["draft"]
        assert first["hunks"] == editor.previews[1]["hunks"]
        assert [hunk["id"] for hunk in first["hunks"]] == [hunk["id"] for hunk in answer["hunks"]]
        assert not answer["model"]["alignmentOnly"]
