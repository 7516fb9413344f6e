"""The folders that a client has open, and the options of each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from lsprotocol import types

from fastapply.config import NO_MODEL, Settings
from fastapply.directory import several_parts
from fastapply.errors import UsageError
from fastapply.roots import Roots
from fastapply.text.several import Action, FilePart
from fastapply_lsp.settings import Options, read_options


class Configured(NamedTuple):
    options: Options
    settings: Settings  # settings of the model that the options name


class Workspace:
    """Options of the whole workspace and of folders with their own. A document has those of its innermost folder."""

    def __init__(self) -> None:
        self.configured = Configured(Options(), Settings(model=NO_MODEL))  # reads nothing yet
        self._folders: dict[str, str] = {}  # uri -> name
        self._own: dict[str, Configured] = {}  # uri of a folder -> its own options

    @property
    def folders(self) -> list[str]:
        return list(self._folders)

    def add(self, folders: Iterable[types.WorkspaceFolder]) -> None:
        self._folders |= {folder.uri: folder.name for folder in folders}

    def remove(self, folders: Iterable[types.WorkspaceFolder]) -> None:
        for folder in folders:
            self._folders.pop(folder.uri, None)
            self._own.pop(folder.uri, None)

    def configure(self, said: object, folder: str | None = None) -> list[str]:
        """Set options, on top of the workspace's previous ones. Returns one line for each error in them."""
        options, complaints = read_options(said, self.configured.options)
        try:
            configured = Configured(options, options.settings())
        except UsageError as error:  # from the user's file or environment; the client's values are checked already
            return [*complaints, f"{error}; edits are applied by alignment alone"]
        if folder is None:
            self.configured = configured
            self._own.clear()
        else:
            self._own[folder] = configured
        return complaints

    def all(self) -> list[Configured]:
        return [self.configured, *self._own.values()]

    def of(self, uri: str) -> Configured:
        """The options for a document."""
        folder = self._folder_of(uri)
        return self._own.get(folder, self.configured) if folder is not None else self.configured

    def path(self, uri: str) -> str:
        """A document's path, relative to its folder if it is in one."""
        folder = self._folder_of(uri)
        return _path(uri) if folder is None else _path(uri)[len(_path(folder)) :].lstrip("/")

    def files(self, update: str, uri: str) -> list[dict[str, Any]]:
        """The parts of an update that names several files, each with its document. Empty if it names fewer, or if diffs
        and fences are content in the document at `uri`.

        Raises UsageError for a file that is missing or outside the folder.
        """
        place = Path(unquote(urlsplit(uri).path))
        parts = several_parts(update, place.name) if urlsplit(uri).scheme == "file" else ()
        if not parts:
            return []
        base = self._base(uri, place, parts)
        return [_file(base, part) for part in parts]

    def _base(self, uri: str, place: Path, parts: Iterable[FilePart]) -> Path:
        """The folder in which most of the paths exist, new files aside: the workspace folder, or one between it and the
        document."""
        folder = self._folder_of(uri)
        top = Path(unquote(urlsplit(folder).path)) if folder is not None else None
        above = [parent for parent in place.parents if top is None or parent.is_relative_to(top)]
        folders = [top, *above] if top is not None else above
        return max(
            folders, key=lambda base: sum((base / part.path).is_file() != (part.action is Action.ADD) for part in parts)
        )

    def _folder_of(self, uri: str) -> str | None:
        path = _path(uri)
        holding = [folder for folder in self._folders if path.startswith(f"{_path(folder)}/")]
        return max(holding, key=lambda folder: len(_path(folder)), default=None)


def _path(uri: str) -> str:
    return unquote(uri.partition(":")[2]).strip("/")


def _file(base: Path, part: FilePart) -> dict[str, Any]:
    Roots((base.resolve(),)).find(part.path)  # raises if the path is outside
    there = (base / part.path).is_file()
    action = "rename" if part.new_path else part.action.value
    if not there and part.action is Action.UPDATE and part.content is not None:
        action = Action.ADD.value
    if there is (action == Action.ADD.value):
        raise UsageError(
            f"the update {'adds' if there else 'names'} {part.path}, which is {'' if there else 'not '}there"
        )
    found = {"uri": (base / part.path).as_uri(), "path": part.path, "action": action}
    if part.new_path:
        Roots((base.resolve(),)).find(part.new_path)
        found["newUri"] = (base / part.new_path).as_uri()
    update = part.content if action == Action.ADD.value else part.update
    return {**found, "update": update or ""}
