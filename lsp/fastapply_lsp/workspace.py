"""The folders that a client has open, and what is set for each of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote

from lsprotocol import types

from fastapply.config import Settings
from fastapply.errors import UsageError
from fastapply_lsp.settings import NO_MODEL, Options, read_options


class Configured(NamedTuple):
    options: Options
    settings: Settings  # of the model that the options name


class Workspace:
    """Options of the whole workspace, and of folders that have their own. The innermost folder of a document counts."""

    def __init__(self) -> None:
        self.configured = Configured(Options(), Settings(model=NO_MODEL))  # reads nothing yet
        self._folders: dict[str, str] = {}  # uri -> name
        self._own: dict[str, Configured] = {}  # uri of a folder -> what is set for it

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
        """Take options, on top of those before; of a folder, on top of the workspace's. What is wrong with them, one
        line each."""
        options, complaints = read_options(said, self.configured.options)
        try:
            configured = Configured(options, options.settings())
        except UsageError as error:  # the user's own file or environment; what the client said is checked
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
        """What counts for a document."""
        folder = self._folder_of(uri)
        return self._own.get(folder, self.configured) if folder is not None else self.configured

    def path(self, uri: str) -> str:
        """A document's path: within its folder if it is in one."""
        folder = self._folder_of(uri)
        return _path(uri) if folder is None else _path(uri)[len(_path(folder)) :].lstrip("/")

    def _folder_of(self, uri: str) -> str | None:
        path = _path(uri)
        holding = [folder for folder in self._folders if path.startswith(f"{_path(folder)}/")]
        return max(holding, key=lambda folder: len(_path(folder)), default=None)


def _path(uri: str) -> str:
    return unquote(uri.partition(":")[2]).strip("/")
