"""The tools `edit_files` and `undo_edit`, wrong arguments, and the walk of an agent through all tools."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from agent import BROKEN, CHANGED, MANY, ORIGINAL, READ, UPDATE, digest, drive, edit, patched, report_of, text_of
from mcp import Client
from mcp.types import CallToolResult
from peer import peer, says
from program import Cli

pytestmark = pytest.mark.process

NEW = "def new():\n    return 1\n"


async def edit_files(client: Client, *edits: dict[str, Any], **more: Any) -> CallToolResult:
    return await client.call_tool("edit_files", {"edits": list(edits), **more})


def one(path: str, code: str = UPDATE, **more: Any) -> dict[str, Any]:
    return {"target_filepath": path, "code_edit": code, **more}


async def undo(client: Client, **arguments: Any) -> CallToolResult:
    return await client.call_tool("undo_edit", arguments)


def test_the_walk_of_an_agent(cli: Cli, work: Path) -> None:
    """An edit in doubt; the text says what to do; the other reading is taken; and it is taken back."""
    path = work / "many.py"
    path.write_text(MANY)

    async def body(client: Client) -> None:
        assert client.instructions is not None
        assert "edit_file" in client.instructions
        doubtful = await edit(client, "many.py", READ)
        assert doubtful.is_error
        said, first = text_of(doubtful), report_of(doubtful)
        assert said.startswith("needs_review, confidence 0.")
        assert "many.py NOT written" in said
        assert "In doubt: ambiguous: `read` stands alike at lines 2, 8, 14" in said
        assert "If the diff below is right, call again with write_doubtful; if reading 2" in said
        assert first["diff"] in said
        assert f"Reading 2, against the diff's result:\n\n{first['readings'][0]['diff']}" in said
        assert f"SHA-256 of the file now: {digest(MANY)}" in said
        assert path.read_text() == MANY

        taken = await edit(client, "many.py", READ, reading=2, sha256=first["sha256"])
        second = patched(patched(MANY, first["diff"]), first["readings"][0]["diff"])
        assert not taken.is_error
        assert path.read_text() == second
        assert "many.py written (undo_edit takes it back)" in text_of(taken)
        assert f"SHA-256 of the file now: {digest(second)}" in text_of(taken)

        undone = await undo(client)
        assert not undone.is_error
        assert path.read_text() == MANY
        assert "undone: 1 file" in text_of(undone)
        assert f"many.py: SHA-256 of the file now: {digest(MANY)}" in text_of(undone)
        (file,) = report_of(undone)["files"]
        assert patched(second, file["diff"]) == MANY
        assert "left to undo" in text_of(await undo(client))

    drive(cli, body, "--root", "root")


def test_several_files_are_written_together_and_go_back_together(cli: Cli, work: Path) -> None:
    async def body(client: Client) -> None:
        edits = one("app.py", instructions=None), one("inner/app.py"), one("new.py", NEW, create=True)
        dry = await edit_files(client, *edits, dry_run=True)
        assert not dry.is_error
        assert "3 files not written (dry run)" in text_of(dry)
        assert not (work / "new.py").exists()
        result = await edit_files(client, *edits)
        assert not result.is_error
        report = report_of(result)
        assert (report["status"], report["written"]) == ("applied", True)
        assert [file["path"] for file in report["files"]] == ["app.py", "inner/app.py", "new.py"]
        assert [file["sha256"] for file in report["files"]] == [digest(CHANGED), digest(CHANGED), digest(NEW)]
        assert all(file["diff"] in text_of(result) for file in report["files"])
        assert (work / "app.py").read_text() == (work / "inner" / "app.py").read_text() == CHANGED
        assert (work / "new.py").read_text() == NEW
        again = await edit_files(client, *edits[:2])
        assert "nothing to change" in text_of(again)

        undone = await undo(client, path="new.py")
        assert not undone.is_error
        assert "undone: 3 files" in text_of(undone)
        assert "new.py: removed" in text_of(undone)
        assert (work / "app.py").read_text() == (work / "inner" / "app.py").read_text() == ORIGINAL
        assert not (work / "new.py").exists()

    drive(cli, body, "--root", "root")


def test_all_files_or_none(cli: Cli, work: Path) -> None:
    (work / "many.py").write_text(MANY)
    wrong = {
        "nosuch.py": (UPDATE, "no such file"),
        "../secret.py": (UPDATE, "outside of the roots"),
        "./app.py": (UPDATE, "named twice"),
        "inner/app.py": ("nothing of this is there, and it is no code", "rejected"),
    }

    async def body(client: Client) -> None:
        for path, (code, said) in wrong.items():
            result = await edit_files(client, one("app.py"), one(path, code))
            assert result.is_error
            assert "NOTHING was written" in text_of(result)
            assert said in text_of(result)
            report = report_of(result)
            assert [file["status"] for file in report["files"]] == ["applied", "rejected"]
            assert (report["status"], report["written"]) == ("rejected", False)
            assert (work / "app.py").read_text() == ORIGINAL
        result = await edit_files(client, one("app.py"), one("many.py", READ))
        assert result.is_error
        assert "`read` stands alike at lines 2, 8, 14" in text_of(result)
        report = report_of(result)
        assert [file["status"] for file in report["files"]] == ["applied", "needs_review"]
        other = report["files"][1]["readings"][0]
        assert f"Reading 2, against the diff's result:\n\n{other['diff']}" in text_of(result)
        assert (work / "app.py").read_text() == ORIGINAL
        result = await edit_files(client, one("app.py"), one("many.py", READ, reading=2))
        assert not result.is_error
        assert (work / "app.py").read_text() == CHANGED
        assert (work / "many.py").read_text() == patched(patched(MANY, report["files"][1]["diff"]), other["diff"])
        result = await edit_files(client, one("inner/app.py", BROKEN), write_doubtful=True)
        assert not result.is_error
        assert "return (10" in (work / "inner" / "app.py").read_text()
        assert (cli.folder / "secret.py").read_text() == ORIGINAL

    drive(cli, body, "--root", "root")


def test_a_doubtful_edit_that_changes_nothing_is_no_success(cli: Cli, work: Path) -> None:
    """The file has the edit already, but the instruction wants something removed."""
    method = '  {}() {{\n    this.log("start");\n    this.at = {};\n    this.log("end");\n  }}\n'
    methods = "\n".join(method.format(name, at) for at, name in enumerate(("run", "stop", "pause")))
    done = f"export class A {{\n{methods}}}\n".replace("this.at = 1", "this.done = true;\n    this.at = 1")
    (work / "places.ts").write_text(done)
    code = '  stop() {\n    this.log("start");\n    this.done = true;\n    this.at = 1;\n'
    told = {"instructions": "remove the flag"}

    async def body(client: Client) -> None:
        result = await edit(client, "places.ts", code, **told)
        report = report_of(result)
        assert (report["status"], report["diff"], bool(report["readings"])) == ("needs_review", "", True)
        assert result.is_error
        assert "NOT written: the result needs review. If nothing is to change" in text_of(result)
        assert not (await edit(client, "places.ts", code, **told, write_doubtful=True)).is_error
        assert not (await edit(client, "places.ts", code, **told, dry_run=True)).is_error

        result = await edit_files(client, one("app.py"), one("places.ts", code, **told))
        assert result.is_error
        assert "NOTHING was written" in text_of(result)
        assert not report_of(result)["written"]
        assert (work / "app.py").read_text() == ORIGINAL
        assert not (
            await edit_files(client, one("app.py"), one("places.ts", code, **told), write_doubtful=True)
        ).is_error
        assert (work / "app.py").read_text() == CHANGED
        assert (work / "places.ts").read_text() == done

    drive(cli, body, "--root", "root")


def test_a_report_names_its_file_once_and_a_windows_path_finds_its_file(cli: Cli, work: Path) -> None:
    async def body(client: Client) -> None:
        result = await edit_files(client, one("app.py", "nothing of this is there, and it is no code"))
        assert "app.py: rejected: fits: " in text_of(result)
        result = await edit_files(client, one("C:\\code\\app.py"))
        assert (
            text_of(result).splitlines()[1].startswith("C:\\code\\app.py: rejected: no such file: did you mean app.py")
        )

    drive(cli, body, "--root", "root")


def test_undo_keeps_to_the_roots_and_to_what_was_written(cli: Cli, work: Path) -> None:
    cli.write("edit.py", UPDATE)
    assert cli.run("apply", "secret.py", "-u", "edit.py", "--write", "--model", "none").status == 0
    assert cli.run("apply", "root/inner/app.py", "-u", "edit.py", "--write", "--model", "none").status == 0

    async def body(client: Client) -> None:
        assert "left to undo" in text_of(await undo(client))  # those are the user's own
        for path in ("../secret.py", str(cli.folder / "secret.py")):
            result = await undo(client, target_filepath=path)
            assert result.is_error
            assert "outside of the roots" in text_of(result)
        assert "app.py: no write of it can be undone" in text_of(await undo(client, target_filepath="app.py"))
        await edit(client, "app.py")
        (work / "app.py").write_text(CHANGED + "# mine\n")
        result = await undo(client, target_filepath="app.py")
        assert result.is_error
        assert "changed since it was written: nothing was undone" in text_of(result)
        assert "--force" not in text_of(result)
        assert (work / "app.py").read_text() == CHANGED + "# mine\n"
        assert not (await undo(client, target_filepath="inner/app.py")).is_error  # named, and inside
        assert (work / "inner" / "app.py").read_text() == ORIGINAL
        assert (cli.folder / "secret.py").read_text() == CHANGED

    drive(cli, body, "--root", "root")


GOOD = {"target_filepath": "app.py", "code_edit": UPDATE}
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("edit_file", {}, "edit_file needs the argument `target_filepath`"),
    ("edit_file", {"path": "app.py"}, "edit_file needs the argument `code_edit`"),
    ("edit_file", {**GOOD, "code_edit": 1}, "edit_file: `code_edit` should be a valid string"),
    ("edit_file", {**GOOD, "reading": 0}, "edit_file: `reading` should be greater than or equal to 1"),
    ("edit_file", {**GOOD, "dryrun": True}, "edit_file has no argument `dryrun`: did you mean `dry_run`?"),
    ("edit_file", {"path": "app.py", "old_string": "x", "new_string": "y"}, "edit_file has no argument `old_string`"),
    ("edit_file", {"path": "x" * 300, "code_edit": "x"}, "the file cannot be reached: File name too long"),
    ("edit_file", {**GOOD, "code_edit": "x\n" * 20_000}, "code_edit has 20,001 lines, over 20,000"),
    ("edit_files", {"edits": []}, "edits is empty"),
    ("edit_files", {"edits": [], "path": "app.py"}, "edit_files has no argument `path`"),
    ("edit_files", {"edits": [{"path": "app.py"}]}, "edit_files needs the argument `edits.0.code_edit`"),
    ("edit_files", {"edits": [{**GOOD, "dry_run": True}]}, "edit_files has no argument `edits.0.dry_run`"),
    ("edit_files", {"edits": [1]}, "edit_files: `edits.0` should be an object"),
    ("undo_edit", {"steps": 2}, "undo_edit has no argument `steps`"),
]


def test_wrong_arguments_get_one_plain_sentence(cli: Cli, work: Path) -> None:
    async def body(client: Client) -> None:
        for tool, arguments, said in WRONG:
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            assert text_of(result).startswith(said), text_of(result)
            assert "\n" not in text_of(result)
            assert "pydantic" not in text_of(result)
        assert (work / "app.py").read_text() == ORIGINAL
        result = await client.call_tool("edit_file", {**GOOD, "instructions": None, "sha256": None})
        assert not result.is_error

    drive(cli, body, "--root", "root")


def test_a_new_file_never_takes_the_place_of_another(cli: Cli, work: Path) -> None:
    """Somebody makes the file while the model writes the other one."""
    with peer(says(CHANGED, pieces=10, pause=0.1)) as model:
        options = ("--backend", "openai", "--base-url", model.url, "--model", "m", "--template", "morph")

        async def body(client: Client) -> None:
            edits = (one("new.py", NEW, create=True), one("app.py"))
            call = asyncio.create_task(edit_files(client, *edits))
            while not model.asked:
                await asyncio.sleep(0.05)
                assert not call.done(), text_of(call.result())
            (work / "new.py").write_text("# mine\n")
            result = await call
            assert result.is_error
            assert "changed while it was being rewritten" in text_of(result)
            assert ((work / "new.py").read_text(), (work / "app.py").read_text()) == ("# mine\n", ORIGINAL)

        drive(cli, body, "--root", "root", *options)
