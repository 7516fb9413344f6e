"""The tool `edit_file` of `fastapply mcp`."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest
from agent import BROKEN, CHANGED, MANY, MODES, ORIGINAL, READ, UPDATE, digest, drive, edit, patched, text_of
from mcp import Client
from peer import peer, says
from program import Cli

pytestmark = pytest.mark.process


@pytest.mark.parametrize("mode", MODES)
def test_an_edit_is_written_and_reported(cli: Cli, work: Path, mode: str) -> None:
    async def body(client: Client) -> None:
        tool, *others = (await client.list_tools()).tools
        assert [tool.name, *(other.name for other in others)] == ["edit_file", "edit_files", "undo_edit"]
        assert tool.input_schema["required"] == ["target_filepath", "code_edit"]
        result = await edit(client, "app.py")
        assert not result.is_error
        assert (work / "app.py").read_text() == CHANGED
        report = result.structured_content
        assert report is not None
        assert (report["status"], report["written"], report["problems"]) == ("applied", True, [])
        assert report["sha256"] == hashlib.sha256(CHANGED.encode()).hexdigest()
        assert "+    return 10\n" in report["diff"]
        assert report["diff"] in text_of(result)
        assert f"confidence {report['confidence']:.2f}" in text_of(result)
        again = await edit(client, "app.py", sha256=report["sha256"])
        assert "unchanged" in text_of(again)

    drive(cli, body, roots=[work], mode=mode)


def test_of_an_answer_for_several_files_only_the_files_own_part_is_taken(cli: Cli, work: Path) -> None:
    other = "def third():\n    return 3\n"

    async def body(client: Client) -> None:
        code = f"`app.py`\n```python\n{UPDATE}```\n\n`lib/third.py`\n```python\n{other}```\n"
        result = await edit(client, "app.py", code)
        assert not result.is_error
        assert (work / "app.py").read_text() == CHANGED
        assert "which were not touched: lib/third.py; use edit_files for these" in text_of(result)
        result = await edit(client, "app.py", code.replace("app.py", "other.py"))
        assert result.is_error
        assert "the update is for other.py, lib/third.py: none of them is" in text_of(result)

    drive(cli, body, "--root", "root")


def test_what_is_only_worth_a_note_is_not_called_doubtful(cli: Cli, work: Path) -> None:
    async def body(client: Client) -> None:
        result = await edit(client, "app.py", f"```python\n{UPDATE}```\n\nThen:\n\n```sh\npython app.py\n```\n")
        assert not result.is_error
        assert "Note: left_out: 1 code block" in text_of(result)
        assert "In doubt" not in text_of(result)
        assert (work / "app.py").read_text() == CHANGED

    drive(cli, body, "--root", "root")


def test_a_dry_run_writes_nothing(cli: Cli, work: Path) -> None:
    async def body(client: Client) -> None:
        result = await edit(client, "app.py", dry_run=True)
        assert not result.is_error
        assert "not written (dry run)" in text_of(result)
        assert "+    return 10\n" in text_of(result)
        assert (work / "app.py").read_text() == ORIGINAL

    drive(cli, body, "--root", "root")


def test_a_doubtful_edit_is_not_written_unless_told(cli: Cli, work: Path) -> None:
    async def body(client: Client) -> None:
        result = await edit(client, "app.py", BROKEN)
        assert result.is_error
        assert "NOT written" in text_of(result)
        assert "syntax" in text_of(result)
        assert (work / "app.py").read_text() == ORIGINAL
        result = await edit(client, "app.py", BROKEN, write_doubtful=True)
        assert not result.is_error
        assert result.structured_content is not None
        assert result.structured_content["status"] == "needs_review"
        assert "return (10" in (work / "app.py").read_text()

    drive(cli, body, "--root", "root")


def test_a_reading_is_one_call_away(cli: Cli, work: Path) -> None:
    (work / "many.py").write_text(MANY)

    async def body(client: Client) -> None:
        result = await edit(client, "many.py", READ)
        assert result.is_error
        assert result.structured_content is not None
        first = result.structured_content["diff"]
        others = result.structured_content["readings"]
        assert [other["number"] for other in others] == [*range(2, 2 + len(others))] != []
        said = text_of(result)
        assert "`read` stands alike at lines 2, 8, 14" in said
        numbers = " or ".join(str(other["number"]) for other in others)
        assert f"if reading {numbers} below is right, with that `reading`" in said
        assert others[0]["diff"] in said
        assert f"SHA-256 of the file now: {digest(MANY)}" in said
        missing = len(others) + 2
        assert f"there is no reading {missing}" in text_of(await edit(client, "many.py", READ, reading=missing))
        result = await edit(client, "many.py", READ, reading=2)
        assert not result.is_error
        assert (work / "many.py").read_text() == patched(patched(MANY, first), others[0]["diff"])

    drive(cli, body, "--root", "root")


def test_a_stale_file_is_refused(cli: Cli, work: Path) -> None:
    read = hashlib.sha256(ORIGINAL.encode()).hexdigest()

    async def body(client: Client) -> None:
        (work / "app.py").write_text("# mine\n" + ORIGINAL)
        result = await edit(client, "app.py", sha256=read)
        assert result.is_error
        assert "not the file that was read" in text_of(result)
        assert (work / "app.py").read_text() == "# mine\n" + ORIGINAL
        assert not (await edit(client, "inner/app.py", sha256=read.upper())).is_error

    drive(cli, body, "--root", "root")


OUTSIDE = [
    "../secret.py",
    "inner/../../secret.py",
    "link.py",
    "out/secret.py",
    "out/nosuch.py",
    "/etc/hostname",
    "../x",
]
WRONG = {
    "inner/.git/hook.py": "belongs to git",
    "nosuch.py": "nosuch.py: no such file; set create to make a new file",
    "nosuch/new.py": "no such file",
    "ap.py": "ap.py: no such file: did you mean app.py or inner/app.py? set create",
    "inner": "is a directory",
    "loop.py": "loop.py is a loop of links: it leads to no file",
    "loop.py/app.py": "is a loop of links",
    "a\0b": "outside",
    "x" * 5000: "",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("offer", [True, False])
def test_nothing_outside_of_the_roots_is_touched(cli: Cli, work: Path, mode: str, offer: bool) -> None:
    async def body(client: Client) -> None:
        for target in [*OUTSIDE, str(cli.folder / "secret.py")]:
            result = await edit(client, target)
            assert result.is_error, target
            assert "outside of the roots" in text_of(result)
            assert "return 1" not in text_of(result)
        for target, said in WRONG.items():
            result = await edit(client, target)
            assert result.is_error, target
            assert said in text_of(result)
            assert "Traceback" not in text_of(result)
        assert (cli.folder / "secret.py").read_text() == ORIGINAL
        assert (work / "inner" / ".git" / "hook.py").read_text() == ORIGINAL
        assert not (await edit(client, "here.py")).is_error  # a link that stays inside
        assert (work / "inner" / "app.py").read_text() == CHANGED
        assert (work / "here.py").is_symlink()

    drive(cli, body, *(() if offer else ("--root", "root")), roots=[work] if offer else None, mode=mode)


def test_a_client_narrows_but_never_widens(cli: Cli, work: Path) -> None:
    async def body(client: Client) -> None:
        assert not (await edit(client, "app.py")).is_error  # root/inner/app.py
        assert (work / "inner" / "app.py").read_text() == CHANGED
        for target in (work / "app.py", cli.folder / "secret.py"):
            assert "outside" in text_of(await edit(client, target))

    drive(cli, body, "--root", "root", roots=[work / "inner", cli.folder / "nosuch"])

    async def nowhere(client: Client) -> None:
        for target in (work / "app.py", cli.folder / "secret.py", "app.py"):
            assert (await edit(client, target)).is_error

    drive(cli, nowhere, "--root", "root", roots=[cli.folder / "nosuch"])
    drive(cli, nowhere, roots=[])


def test_bad_edits_are_one_line(cli: Cli, work: Path) -> None:
    async def body(client: Client) -> None:
        for code, said in ((" ", "the update is empty"), ("nothing of this is there, and it is no code", "rejected")):
            result = await edit(client, "app.py", code)
            assert result.is_error
            assert said in text_of(result)
            assert "\n" not in text_of(result)
        assert (work / "app.py").read_text() == ORIGINAL

    drive(cli, body, "--root", "root")


def test_a_call_that_is_given_up_writes_nothing(cli: Cli, work: Path) -> None:
    with peer(says(CHANGED, pieces=40, pause=0.5)) as model:
        options = ("--backend", "openai", "--base-url", model.url, "--model", "m", "--template", "morph")

        async def body(client: Client) -> None:
            call = asyncio.ensure_future(edit(client, "app.py"))
            while not model.asked:
                await asyncio.sleep(0.05)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            assert await asyncio.to_thread(model.left.wait, 60)
            assert (work / "app.py").read_text() == ORIGINAL

        drive(cli, body, "--root", "root", *options)


NEW = "def new():\n    return 1\n"


@pytest.mark.parametrize("mode", MODES)
def test_a_new_file_is_made(cli: Cli, work: Path, mode: str) -> None:
    (work / "dangling.py").symlink_to("inner/made.py")
    (work / "astray.py").symlink_to("../astray.py")

    async def body(client: Client) -> None:
        result = await edit(client, "inner/new.py", NEW, dry_run=True, create=True)
        assert "not written (dry run)" in text_of(result)
        assert not (work / "inner" / "new.py").exists()
        for target, code in (("inner/new.py", NEW), ("dangling.py", f"```python\n{NEW}```\n")):
            assert "no such file" in text_of(await edit(client, target, code))
            result = await edit(client, target, code, create=True)
            assert not result.is_error, text_of(result)
            assert result.structured_content is not None
            assert result.structured_content["written"]
            assert result.structured_content["sha256"] == hashlib.sha256(NEW.encode()).hexdigest()
            assert "+def new():\n" in text_of(result)
        assert (work / "inner" / "new.py").read_text() == (work / "inner" / "made.py").read_text() == NEW
        read = hashlib.sha256(ORIGINAL.encode()).hexdigest()
        for target, code, more in (
            ("astray.py", NEW, {}),
            ("inner/.git/new.py", NEW, {}),
            ("gone.py", NEW, {"sha256": read}),  # it was there when the agent read it
            ("part.py", UPDATE, {"write_doubtful": True}),
            ("broken.py", "def new(:\n", {}),
            ("nosuch/new.py", NEW, {}),  # no folder to make it in
        ):
            assert (await edit(client, target, code, create=True, **more)).is_error, target
        assert sorted(path.name for path in work.iterdir() if path.is_file()) == [
            "app.py",
            "dangling.py",
            "here.py",
            "link.py",
        ]
        assert not (cli.folder / "astray.py").exists()
        assert not (work / "inner" / ".git" / "new.py").exists()

    drive(cli, body, "--root", "root", mode=mode)


def test_other_names_of_the_target(cli: Cli, work: Path) -> None:
    async def body(client: Client) -> None:
        for name in ("target_file", "path", "target_filepath"):
            (work / "app.py").write_text(ORIGINAL)
            arguments = {name: "app.py", "instructions": "ten", "code_edit": UPDATE}
            assert not (await client.call_tool("edit_file", arguments)).is_error
            assert (work / "app.py").read_text() == CHANGED

    drive(cli, body, "--root", "root")


def test_two_names_of_the_target_are_one_file(cli: Cli, work: Path) -> None:
    async def body(client: Client) -> None:
        two = {"code_edit": UPDATE, "path": "app.py", "target_filepath": "inner/app.py"}
        for tool, arguments, said in (
            ("edit_file", two, "edit_file names two files, as `target_filepath` and as `path`: give one of them"),
            ("edit_files", {"edits": [two]}, "`edits.0` names two files, as `target_filepath` and as `path`"),
            ("undo_edit", {"target_file": "a", "path": "b"}, "names two files, as `target_file` and as `path`"),
        ):
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            assert said in text_of(result)
        assert (work / "app.py").read_text() == (work / "inner" / "app.py").read_text() == ORIGINAL
        same = {**two, "target_filepath": "app.py"}
        assert not (await client.call_tool("edit_files", {"edits": [same]})).is_error
        assert (work / "app.py").read_text() == CHANGED
        assert not (await client.call_tool("edit_file", {**same, "target_file": None})).is_error

    drive(cli, body, "--root", "root")


def test_urls_and_the_home_folder_are_paths(cli: Cli, work: Path) -> None:
    path = work / "a b.py"
    cli.env["HOME"] = str(cli.folder)

    async def body(client: Client) -> None:
        for target in (path.as_uri(), f"FILE://localhost{path}", "~/root/a b.py"):
            path.write_text(ORIGINAL)
            result = await edit(client, target)
            assert not result.is_error, text_of(result)
            assert path.read_text() == CHANGED
            assert not (await client.call_tool("undo_edit", {"path": target})).is_error
            assert path.read_text() == ORIGINAL
        for target, said in (
            ((cli.folder / "secret.py").as_uri(), "outside of the roots"),
            ("~/secret.py", "outside of the roots"),
            ("file:///c%3A/app.py", "outside of the roots"),
            ("file://app.py", "is not the URL of a file here"),
        ):
            assert said in text_of(await edit(client, target))

    drive(cli, body, "--root", "root")


def test_a_root_that_is_not_there(cli: Cli) -> None:
    done = cli.run("mcp", "--root", "nosuch", "--model", "none")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "nosuch is not a folder" in done.err


def test_the_server_ends_with_its_input(cli: Cli) -> None:
    assert cli.run("mcp", "--model", "none") == (0, b"", "")
