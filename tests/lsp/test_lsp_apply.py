"""`fastapply/apply` and its command against the shipped server: what a client sends and what it gets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from editor import Editor, capabilities, running
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from samples import AFTER_ONE, AFTER_THREE, DIFF, FILE, ONE, THREE, URI, change_function, changed, functions

from fastapply.text.apply_blocks import apply_replacements
from fastapply.text.formats import parse_update

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize("transport", ["stdio", "tcp", "ws"])
async def test_over_each_transport_a_preview_is_not_written_and_an_apply_is(tmp_path: Path, transport: str) -> None:
    async with running(tmp_path, transport=transport) as editor:
        editor.open(URI, FILE)
        answer = await editor.apply(URI, DIFF)
        assert (answer["status"], answer["applied"]) == ("applied", False)
        assert editor.texts[URI] == FILE
        assert editor.replay(URI, answer["edit"]) == AFTER_THREE
        answer = await editor.apply(URI, DIFF, mode="apply")
        assert answer["applied"]
        assert editor.texts[URI] == AFTER_THREE
        assert (len(editor.edits), answer["version"]) == (1, 2)  # one edit: one undo step


async def test_a_preview_streams_hunks_and_progress_and_ends_with_all_of_them(editor: Editor) -> None:
    editor.open(URI, FILE)
    answer = await editor.apply(URI, THREE, workDoneToken="work", partialResultToken="part")
    kinds = [preview["kind"] for preview in editor.previews]
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    assert editor.previews[-1]["hunks"] == answer["hunks"]
    assert {preview["session"] for preview in editor.previews} == {answer["session"]}
    partial = [hunk for token, value in editor.progress if token == "part" for hunk in value["hunks"]]
    final = [dict(hunk) for hunk in answer["hunks"]]
    assert all(hunk.pop("reasons") for hunk in final)  # known once the whole file is
    assert partial == final  # minimal as they settle: the changes lie far apart
    work = [value for token, value in editor.progress if token == "work"]
    assert (work[0]["kind"], work[0]["cancellable"], work[-1]["kind"]) == ("begin", True, "end")
    assert work[-2]["percentage"] == 100
    assert answer["model"] == {"name": "none", "state": "off", "detail": "", "alignmentOnly": True}
    assert {"name", "ok", "detail"} == set(answer["checks"][0])


async def test_a_client_without_a_token_is_asked_for_a_progress_bar(editor: Editor) -> None:
    editor.open(URI, FILE)
    await editor.apply(URI, ONE)
    ((token, reports),) = editor.client.progress_reports.items()
    assert reports == []  # created, then reported under this token
    assert [value["kind"] for used, value in editor.progress if used == token][-1] == "end"


async def test_the_command_applies_and_plain_clients_get_plain_edits(tmp_path: Path) -> None:
    said = capabilities(versioned=False, annotations=False)
    said.window = None
    async with running(tmp_path, said=said) as editor:
        editor.open(URI, FILE)
        answer = await editor.command("fastapply.apply", {"textDocument": {"uri": URI}, "update": DIFF}, token="bar")
        assert answer["applied"]
        assert set(answer["edit"]) == {"changes"}
        assert editor.texts[URI] == AFTER_THREE
        assert "bar" in [token for token, _ in editor.progress]
        assert editor.previews == []  # nobody previews what is written at once


async def test_a_client_that_cannot_apply_edits_gets_the_edit_and_the_reason(tmp_path: Path) -> None:
    async with running(tmp_path, said=capabilities(apply_edit=False)) as editor:
        editor.open(URI, FILE)
        answer = await editor.apply(URI, ONE, mode="apply")
        assert not answer["applied"]
        assert "workspace/applyEdit" in answer["failureReason"]
        assert editor.replay(URI, answer["edit"]) == AFTER_ONE


async def test_a_refused_edit_says_why_and_its_hunks_stay_open(tmp_path: Path) -> None:
    async with running(tmp_path) as editor:
        editor.open(URI, FILE)
        editor.refuse = "the file is read-only"
        answer = await editor.apply(URI, ONE, mode="apply")
        assert (answer["applied"], answer["failureReason"]) == (False, "the file is read-only")
        editor.refuse = None
        answer = await editor.ask("fastapply/accept", {"textDocument": {"uri": URI}})
        assert (answer["applied"], editor.texts[URI]) == (True, AFTER_ONE)


DOUBTFUL = ONE.replace('"2")', '"2"')  # a syntax error that was not there before


async def test_a_doubtful_edit_asks_for_confirmation_or_is_not_written(tmp_path: Path) -> None:
    async with running(tmp_path / "a") as editor:
        editor.open(URI, FILE)
        answer = await editor.apply(URI, DOUBTFUL, mode="apply")
        assert answer["status"] == "needs_review"
        (annotation,) = editor.edits[0].edit.change_annotations.values()  # type: ignore[union-attr]
        assert annotation.needs_confirmation
    async with running(tmp_path / "b", said=capabilities(annotations=False)) as editor:
        editor.open(URI, FILE)
        answer = await editor.apply(URI, DOUBTFUL, mode="apply")
        assert (answer["applied"], editor.texts[URI], editor.edits) == (False, FILE, [])
        assert "review" in answer["failureReason"]


async def test_another_reading_is_one_request_away(tmp_path: Path) -> None:
    # Methods that are alike: an update that shows one of them needs review, however sure the weights are.
    method = "    def read(self):\n        x = open(self.path)\n        return x.read()\n"
    many = "\n\n".join(f"class {name}:\n{method}" for name in ("First", "Second", "Third"))
    update = f"# ... existing code ...\n{method.replace('read()', 'read().strip()')}# ... existing code ...\n"
    async with running(tmp_path) as editor:
        editor.open(URI, many)
        answer = await editor.apply(URI, update)
        assert answer["status"] == "needs_review"
        others = answer["alternatives"]
        assert [other["number"] for other in others] == [*range(2, 2 + len(others))] != []
        assert any("`read` stands alike at lines 2, 8, 14" in check["detail"] for check in answer["checks"])
        second = apply_replacements(editor.replay(URI, answer["edit"]), parse_update(others[0]["diff"]).replacements)
        assert second != many
        chosen = await editor.apply(URI, update, reading=2, mode="apply")
        assert (chosen["status"], chosen["applied"], chosen["alternatives"]) == ("applied", True, [])
        assert editor.texts[URI] == second
        with pytest.raises(JsonRpcException, match="there is no reading 7"):
            await editor.apply(URI, update, reading=7)


async def test_a_sure_edit_is_annotated_and_asks_nothing(editor: Editor) -> None:
    editor.open(URI, FILE)
    edit = (await editor.apply(URI, DIFF))["edit"]
    ((name, annotation),) = edit["changeAnnotations"].items()
    assert annotation["needsConfirmation"] is False
    assert {change["annotationId"] for change in edit["documentChanges"][0]["edits"]} == {name}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_line_ends_emoji_form_feeds_and_a_bom_survive(tmp_path: Path, encoding: str) -> None:
    odd = "\ufeff# \N{GRINNING FACE} \x0c here\u2028\x85 too\r\n" + FILE.replace("\n", "\r\n").removesuffix("\r\n")
    async with running(tmp_path, said=capabilities(encoding)) as editor:
        editor.open(URI, odd)
        at = {"line": 0, "character": {"utf-8": 9, "utf-16": 5, "utf-32": 4}[encoding]}  # behind the face
        editor.change(URI, {"range": {"start": at, "end": at}, "newText": "\N{PARTY POPPER}"})
        assert editor.texts[URI].startswith("\ufeff# \N{GRINNING FACE}\N{PARTY POPPER} \x0c")
        third = FILE[FILE.index("def third") :].replace("return value", "return '\N{WASTEBASKET}'")
        update = f"{ONE}\n{third}"
        expected = editor.texts[URI].replace('"second"', '"2"')
        head, _, tail = expected.rpartition("return value")
        answer = await editor.apply(URI, update, mode="apply")
        assert answer["applied"]
        assert editor.texts[URI] == f"{head}return '\N{WASTEBASKET}'{tail}"


async def test_a_selection_is_all_that_is_rewritten(editor: Editor) -> None:
    text = FILE + FILE  # everything stands twice: only the selection tells which is meant
    start, end = {"line": 24, "character": 3}, {"line": 26, "character": 4}
    editor.open(URI, text)
    update = ONE.replace("# ... existing code ...\n\n", "", 1)
    await editor.apply(URI, update, range={"start": start, "end": end}, mode="apply")
    assert editor.texts[URI] == FILE + AFTER_ONE


async def test_what_the_update_does_not_fit_is_rejected_and_not_an_error(editor: Editor) -> None:
    editor.open(URI, FILE)
    update = "# ... existing code ...\nfn alpha() { beta.gamma(); }\n# ... existing code ...\n"
    answer = await editor.apply(URI, update, mode="apply")
    assert (answer["status"], answer["edit"], answer["applied"]) == ("rejected", None, False)
    assert "matches nothing" in answer["failureReason"]


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        ({"update": ONE}, -32602, "`textDocument`: Field required"),
        ({"textDocument": {"uri": URI}, "update": 3}, -32602, "`update`: Input should be a valid string"),
        ({"textDocument": {"uri": URI}, "update": ONE, "mode": "now"}, -32602, "`mode`"),
        ({"textDocument": {"uri": URI}, "update": " \n"}, -32602, "the update is empty"),
        ({"textDocument": {"uri": "file:///no.py"}, "update": ONE}, -32803, "no.py is not open"),
        ({"textDocument": {"uri": URI, "version": 0}, "update": ONE}, -32801, "at version 1, the request at 0"),
        (None, -32602, "Field required"),
    ],
)
async def test_wrong_requests_get_one_clear_line(shared: Editor, params: Any, code: int, words: str) -> None:
    shared.open(URI, FILE)
    for method, given in (("fastapply/apply", params), ("workspace/executeCommand", params)):
        if method == "workspace/executeCommand":
            given = types.ExecuteCommandParams("fastapply.apply", [given])
        with pytest.raises(JsonRpcException) as error:
            await shared.ask(method, given)
        assert error.value.code == code
        if params is not None:
            assert words in error.value.message
        assert "\n" not in error.value.message


async def test_an_unknown_command_and_an_unknown_method(shared: Editor) -> None:
    with pytest.raises(JsonRpcException, match=r"fastapply\.apply, fastapply\.accept"):
        await shared.command("fastapply.fly")
    with pytest.raises(JsonRpcException) as error:
        await shared.ask("fastapply/fly", {})
    assert error.value.code == -32601


async def test_a_large_document_is_refused_by_its_limit(tmp_path: Path) -> None:
    async with running(tmp_path, limits={"documentBytes": 100}) as editor:
        editor.open(URI, FILE)
        with pytest.raises(JsonRpcException, match=r"limits\.documentBytes"):
            await editor.apply(URI, ONE)


async def test_replayed_edits_are_what_the_command_line_says(editor: Editor, cli: Any) -> None:
    text = functions(40)
    cli.write("a.py", text.encode())
    cli.write("u.py", change_function(7).encode())
    done = cli.run("apply", "a.py", "-u", "u.py", "--model", "none", "--format", "text")
    editor.open(URI, text)
    answer = await editor.apply(URI, change_function(7))
    assert editor.replay(URI, answer["edit"]) == done.out.decode() == changed(text, 7)
