"""Apply one update to several files in a directory: each part finds its file, and all are written or none.

split_files -> find_edits (paths confined to the directory, files read) -> rewrite, one after another -> changes
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from fastapply.applier import Applier
from fastapply.errors import FileChangedError, UsageError
from fastapply.files import FileChange, SourceFile, read_source
from fastapply.roots import Roots
from fastapply.text.diff import line_hunks, quoted, unified_diff
from fastapply.text.lines import SourceText, encode
from fastapply.text.several import Action, FilePart, left_out, split_files
from fastapply.text.wrapping import is_diff_file, is_prose_file
from fastapply.types import ApplyRequest, ApplyResult, Delta, Status

_MOST_NAMED = 4
_MISFIT = "the update deletes it, but gives other content than the file's"
SURE = 0.999  # the confidence of an edit that leaves nothing to decide, as for a diff that fits


@dataclass(frozen=True)
class FileEdit:
    """One part of an update and the file it is for. `source`: None for a new file. `target`: where the result goes."""

    part: FilePart
    source: SourceFile | None
    target: Path

    @property
    def original(self) -> str:
        return self.source.text if self.source else ""

    @property
    def path(self) -> str:
        """The path of the result, as written in the update."""
        return self.part.new_path or self.part.path


@dataclass(frozen=True)
class FileResult:
    edit: FileEdit
    result: ApplyResult

    @property
    def action(self) -> str:
        """update, add, delete or rename."""
        if self.edit.source is None:
            return Action.ADD.value
        return "rename" if self.edit.part.new_path else self.edit.part.action.value

    def to_json(self) -> dict[str, Any]:
        """The result as JSON, with the file's path and the action."""
        moved = {"old_path": self.edit.part.path} if self.edit.part.new_path else {}
        return {"path": self.edit.path, "action": self.action, **moved, **self.result.to_json()}

    def changes(self) -> list[FileChange]:
        """The changes on disk: what to write and what to delete."""
        edit, source = self.edit, self.edit.source
        path = Path(edit.path)
        if source is None:
            return [FileChange(path, edit.target, None, encode(self.result.text))]
        old = FileChange(Path(edit.part.path), source.real, source.data, None)
        if edit.part.action is Action.DELETE:
            return [old]
        data = encode(self.result.text)
        if edit.part.new_path:
            return [FileChange(path, edit.target, None, data, source.real.stat().st_mode & 0o7777), old]
        return [] if data == source.data else [FileChange(path, source.real, source.data, data)]

    def diff(self, prefix: str = "") -> str:
        """The diff in git's format, with paths below `prefix`; empty if the edit is rejected."""
        edit = self.edit
        old, new = prefix + edit.part.path, prefix + edit.path
        body = unified_diff(edit.original, self.result.text, new)
        head = f"diff --git {quoted(f'a/{old}')} {quoted(f'b/{new}')}\n"
        minus, plus = f"--- {quoted(f'a/{new}')}", f"+++ {quoted(f'b/{new}')}"
        if self.result.status is Status.REJECTED:
            return ""
        if self.action == "add":
            return f"{head}new file mode 100644\n" + body.replace(minus, "--- /dev/null", 1)
        if self.action == "delete":
            return f"{head}deleted file mode 100644\n" + body.replace(plus, "+++ /dev/null", 1)
        if self.action == "rename":
            names = f"rename from {quoted(old)}\nrename to {quoted(new)}\n"
            return f"{head}{names}" + body.replace(minus, f"--- {quoted(f'a/{old}')}", 1)
        return body


class OwnPart(NamedTuple):
    """The part of an update that is for one file.

    `said`: the update's path for the file, or "" if it has none. `others`: the other files in the update. `left_out`:
    the first line of each code block that is for no file; empty if the update names fewer than two files, since
    the applier finds them then.
    """

    update: str
    said: str = ""
    others: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def own_part(update: str, path: str) -> OwnPart:
    """The part for the file `path` of an update that may be for several files.

    An update with fewer than two files is returned as it is.

    Raises:
        UsageError: none of the update's files is this one, or several may be.
    """
    parts = several_parts(update, path)
    if not parts:
        return OwnPart(update)
    own = _parts_for(path, parts)
    if len(own) != 1:
        meant = own or parts
        named = ", ".join(part.path for part in meant[:_MOST_NAMED]) + (", ..." if len(meant) > _MOST_NAMED else "")
        doubt = f"more than one of them may be {path}" if own else f"none of them is {path}"
        raise UsageError(f"the update is for {named}: {doubt}; give one of these files, or their directory")
    text = own[0].update or own[0].content or update
    return OwnPart(text, own[0].path, tuple(part.path for part in parts if part is not own[0]), left_out(update))


def several_parts(update: str, path: str) -> Sequence[FilePart]:
    """The parts of an update for the file `path` that names several files. Empty if it names fewer, or if diffs and
    fences are content in that file."""
    if is_prose_file(path) or is_diff_file(path):
        return ()
    try:
        parts = split_files(update)
    except UsageError:
        return ()
    return parts if len(parts) > 1 else ()


def _parts_for(path: str, parts: Sequence[FilePart]) -> Sequence[FilePart]:
    """The parts that name this file: by the same path, else by an end of it, else by a path that it is an end of."""
    whole = Path(path).absolute()
    for same in (
        lambda said: said == Path(path),
        lambda said: _ends(said, whole),
        lambda said: _ends(Path(path), said),
    ):
        own = [part for part in parts if same(Path(part.path))]
        if own:
            return own
    return ()


def _ends(short: Path, long: Path) -> bool:
    return long.parts[-len(short.parts) :] == short.parts


def find_edits(directory: Path, update: str) -> list[FileEdit]:
    """The parts of an update with their files, in the update's order.

    Raises:
        UsageError: the update names no files; a file is outside the directory, missing or not text; or two parts are
            for the same file.
    """
    roots = Roots((directory.resolve(),))
    edits = [_find(directory, roots, part) for part in split_files(update)]
    taken: set[Path] = set()
    for edit in edits:
        own = {edit.target} | ({edit.source.real} if edit.source else set())
        if own & taken:
            raise UsageError(f"the update names {edit.path} twice, or under two paths")
        taken |= own
    return edits


def _find(directory: Path, roots: Roots, part: FilePart) -> FileEdit:
    place = roots.find(part.path)
    target = roots.find(part.new_path) if part.new_path else place
    if part.new_path and target.exists():
        raise UsageError(f"the update moves {part.path} to {part.new_path}, which is there already")
    if part.action is Action.ADD or (part.content is not None and part.action is Action.UPDATE and not place.exists()):
        if place.exists():
            raise UsageError(f"the update adds {part.path}, which is there already: give an edit of it")
        _refuse_no_folder(target, part.path)
        return FileEdit(part, None, target)
    shown = directory / part.path
    if (part.action is Action.DELETE or part.new_path) and shown.is_symlink():
        raise UsageError(f"{part.path} is a symbolic link: delete or rename it yourself")
    source = read_source(shown)
    if source.real != place:
        raise FileChangedError(f"{part.path} changed while it was being read: run it again")
    _refuse_no_folder(target, part.path)
    return FileEdit(part, source, target)


def _refuse_no_folder(target: Path, path: str) -> None:
    parent = next(folder for folder in target.parents if folder.exists())
    if not parent.is_dir():
        raise UsageError(f"{path} cannot be made: {parent.name} is not a folder")


def rewrite(applier: Applier, edit: FileEdit, instruction: str = "") -> Generator[Delta | FileResult]:
    """`Applier.stream` for one file. If there is nothing to decide, yields the result at once.

    Raises as `Applier.stream` does.
    """
    part = edit.part
    if part.action is Action.DELETE:
        fits = part.content is None or part.content.rstrip("\n") == SourceText.of(edit.original).text.rstrip("\n")
        yield FileResult(edit, _settled(edit, "") if fits else ApplyResult.rejected(edit.original, _MISFIT))
    elif edit.source is None:
        yield FileResult(edit, _settled(edit, part.content or ""))
    elif not part.update:
        yield FileResult(edit, _settled(edit, edit.original))
    else:
        request = ApplyRequest(edit.original, part.update, instruction, path=part.path)
        for step in applier.stream(request):
            yield step if isinstance(step, Delta) else FileResult(edit, step)


def _settled(edit: FileEdit, text: str) -> ApplyResult:
    return ApplyResult(Status.APPLIED, text, SURE, hunks=line_hunks(edit.original, text))
