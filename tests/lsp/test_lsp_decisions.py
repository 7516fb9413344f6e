"""Accepting and rejecting hunks one at a time, and documents that change meanwhile, against the shipped server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from editor import Editor, capabilities, running
from pygls.exceptions import JsonRpcException
from samples import AFTER_THREE, FILE, ONE, THREE, URI

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]

DOCUMENT = {"textDocument": {"uri": URI}}


async def opened(editor: Editor) -> list[Any]:
    """A preview of three hunks."""
    editor.open(URI, FILE)
    editor.previews.clear()
    hunks: list[Any] = (await editor.apply(URI, THREE))["hunks"]
    assert len(hunks) == 3
    return hunks


async def decide(editor: Editor, verb: str, ids: Sequence[str] | None = None, **more: Any) -> Any:
    chosen = {} if ids is None else {"hunks": list(ids)}
    return await editor.ask(f"fastapply/{verb}", {**DOCUMENT, **chosen, **more})


async def test_hunks_are_decided_one_at_a_time_and_the_rest_is_rebased(shared: Editor) -> None:
    first, second, third = await opened(shared)
    answer = await decide(shared, "accept", [second["id"]])
    assert answer["applied"]
    assert shared.texts[URI] == FILE.replace('"second"', '"2"')
    shared.insert(URI, 0, "# two\n# lines\n")
    answer = await decide(shared, "reject", [third["id"]])
    (rest,) = answer["hunks"]
    assert (rest["id"], rest["newText"]) == (first["id"], first["newText"])
    assert rest["range"]["start"]["line"] == first["range"]["start"]["line"] + 2
    assert (await decide(shared, "accept"))["applied"]
    assert shared.texts[URI] == "# two\n# lines\n" + FILE.replace('"second"', '"2"').replace('"first"', '"1"')
    assert [p["kind"] for p in shared.previews if p["kind"] in ("change", "close")] == ["change"] * 3 + ["close"]


async def test_every_preview_shows_the_document_as_it_is(shared: Editor) -> None:
    first, second, third = await opened(shared)
    await decide(shared, "reject", [first["id"]])
    shared.insert(URI, 4, "# one more line\n")
    await shared.until(lambda: shared.previews[-1]["textDocument"]["version"] == 2)
    moved = [hunk["range"]["start"]["line"] for hunk in shared.previews[-1]["hunks"]]
    assert moved == [hunk["range"]["start"]["line"] + 1 for hunk in (second, third)]


async def test_all_at_once(shared: Editor) -> None:
    await opened(shared)
    assert (await decide(shared, "accept"))["hunks"] == []
    assert shared.texts[URI] == AFTER_THREE
    with pytest.raises(JsonRpcException, match=r"a\.py has no edit to decide on"):
        await decide(shared, "accept")


async def test_two_accepts_at_once_wait_for_each_other(shared: Editor) -> None:
    first, _, third = await opened(shared)
    pending = [shared.start("fastapply/accept", {**DOCUMENT, "hunks": [hunk["id"]]}) for hunk in (third, first)]
    assert [(await task)["applied"] for task in pending] == [True, True]
    assert shared.texts[URI] == FILE.replace('"first"', '"1"').replace('"third"', '"3"')


async def test_a_client_may_apply_by_itself(shared: Editor) -> None:
    first, *_ = await opened(shared)
    answer = await decide(shared, "accept", [first["id"]], mode="edit")
    assert shared.replay(URI, answer["edit"]) == FILE.replace('"first"', '"1"')
    assert shared.texts[URI] == FILE


async def test_the_commands_do_the_same(shared: Editor) -> None:
    first, second, _ = await opened(shared)
    await shared.command("fastapply.reject", {**DOCUMENT, "hunks": [first["id"]]})
    await shared.command("fastapply.accept", {**DOCUMENT, "hunks": [second["id"]]})
    assert shared.texts[URI] == FILE.replace('"second"', '"2"')
    (session,) = (await shared.command("fastapply.status"))["sessions"]
    assert (session["phase"], session["hunks"]) == ("open", 1)


async def test_an_overlapped_hunk_is_lost_and_the_others_are_not(shared: Editor) -> None:
    first, second, third = await opened(shared)
    start = second["range"]["start"]
    shared.change(URI, {"range": {"start": start, "end": {**start, "character": 3}}, "newText": "x"})
    with pytest.raises(JsonRpcException, match="changed meanwhile") as error:
        await decide(shared, "accept", [second["id"]])
    assert error.value.code == -32801
    await decide(shared, "accept", [first["id"], third["id"]])
    assert '"1"' in shared.texts[URI]
    assert "x value" in shared.texts[URI]
    with pytest.raises(JsonRpcException) as error:
        await decide(shared, "accept", ["no-such"])
    assert error.value.code == -32600  # the session ended with its last hunk


async def test_a_refused_hunk_stays_open(shared: Editor) -> None:
    first, *_ = await opened(shared)
    shared.refuse = "no"
    try:
        answer = await decide(shared, "accept", [first["id"]])
    finally:
        shared.refuse = None
    assert (answer["applied"], answer["failureReason"], len(answer["hunks"])) == (False, "no", 3)


async def test_an_edit_that_meets_typing_is_rebased_and_tried_again(shared: Editor) -> None:
    shared.open(URI, FILE)
    shared.edits.clear()

    def type_once() -> None:
        if len(shared.edits) == 1:
            shared.insert(URI, 0, "# typed\n")

    shared.on_edit = type_once
    try:
        answer = await shared.apply(URI, THREE, mode="apply")
    finally:
        shared.on_edit = None
    assert (answer["applied"], len(shared.edits)) == (True, 2)
    assert shared.texts[URI] == "# typed\n" + AFTER_THREE


async def test_a_stale_version_applies_nothing(shared: Editor) -> None:
    await opened(shared)
    for method in ("fastapply/accept", "fastapply/reject", "fastapply/apply"):
        with pytest.raises(JsonRpcException) as error:
            await shared.ask(method, {"textDocument": {"uri": URI, "version": 0}, "update": ONE})
        assert error.value.code == -32801


async def test_a_new_apply_takes_the_place_of_an_open_preview(shared: Editor) -> None:
    first, *_ = await opened(shared)
    session = shared.previews[-1]["session"]
    answer = await shared.apply(URI, ONE)
    assert [hunk["id"] for hunk in answer["hunks"]] != [first["id"]]
    of_the_first = [preview for preview in shared.previews if preview["session"] == session]
    assert (of_the_first[-1]["kind"], of_the_first[-1]["reason"]) == ("close", "superseded")
    with pytest.raises(JsonRpcException, match="no such hunk"):
        await decide(shared, "accept", [first["id"]])


async def test_previews_can_be_turned_off_and_hunks_decided_all_the_same(tmp_path: Path) -> None:
    async with running(tmp_path, said=capabilities("utf-8"), preview="off") as editor:
        first, *_ = await opened(editor)
        await decide(editor, "accept", [first["id"]])
        assert editor.previews == []
        assert editor.texts[URI] == FILE.replace('"first"', '"1"')
