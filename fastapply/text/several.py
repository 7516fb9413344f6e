"""Updates of several files, taken apart: the path of each file, and its part of the update.

All formats that name their files are supported: unified diffs, `*** Begin Patch`, SEARCH/REPLACE blocks below a file
name, fenced blocks with a path. No file is read: a path is what the update says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePosixPath

from fastapply.errors import UsageError
from fastapply.text.apply_blocks import apply_replacements
from fastapply.text.cleaning import cleaned
from fastapply.text.comments import uncomment
from fastapply.text.diff_headers import PATCH_FILE, bare_diff, header_end
from fastapply.text.formats import UpdateKind, form_of, parse_update, search_blocks
from fastapply.text.languages import EXTENSIONS
from fastapply.text.lines import SourceText
from fastapply.text.markers import classify
from fastapply.text.signed import Known
from fastapply.text.wrapping import Fenced, fenced_blocks, is_prose_file, unwrap


class Action(StrEnum):
    """What happens to a file."""

    UPDATE = "update"
    ADD = "add"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class FilePart:
    """The part of an update for one file.

    `update`: the input of `parse_update`, "" if the content stays. `content`: the content of an added file; for an
    updated file, its content if it does not exist (None: it must exist); for a deleted file, its stated content (None:
    not stated). `new_path`: where it is moved.
    """

    path: str
    action: Action
    update: str = ""
    content: str | None = None
    new_path: str | None = None


def split_files(update: str) -> tuple[FilePart, ...]:
    """The parts of an update, each path once. Raises UsageError if it names no files, or one twice."""
    text = _cleaned(update)
    if not text.strip():
        raise UsageError("the update is empty: give a diff, or blocks with file names")
    parts = _joined(_parts(text))
    if not parts:
        raise UsageError("the update changes nothing")
    return parts


def left_out(update: str) -> tuple[str, ...]:
    """The first line of each fenced block that `split_files` gives to no file: a command, or its output."""
    text = _cleaned(update)
    form = form_of(text)
    if form is UpdateKind.SEARCH_REPLACE:
        lines = text.split("\n")
        inside = {number for block in search_blocks(lines) for number in range(block.start, block.end)}
        text = "\n".join(line for number, line in enumerate(lines) if number not in inside)
    elif form is not UpdateKind.SNIPPET:
        return ()
    commands = (block.text.strip() for block in fenced_blocks(text) if _is_command(block))
    return tuple(said.split("\n", 1)[0].rstrip() for said in commands if said)


def _cleaned(update: str) -> str:
    """The LF text without what tools add."""
    return "\n".join(bare_diff(cleaned(SourceText.of(update).text, "").split("\n"), Known.of(None)))


def _parts(text: str) -> Iterator[FilePart]:
    form = form_of(text)
    if form is UpdateKind.SEARCH_REPLACE:
        yield from _of_search_replace(text)
    elif form is UpdateKind.PATCH:
        yield from _of_patch(text)
    elif form is UpdateKind.UNIFIED_DIFF:
        yield from filter(None, map(_of_section, _sections(text.split("\n"))))
    else:
        yield from _of_fences(text)


def _joined(parts: Iterator[FilePart]) -> tuple[FilePart, ...]:
    """Join parts that only update the same file."""
    found: dict[str, FilePart] = {}
    for part in parts:
        earlier = found.get(part.path)
        if earlier is None:
            found[part.path] = part
            continue
        plain = part.action is earlier.action is Action.UPDATE and not (part.new_path or earlier.new_path)
        form = form_of(part.update)
        joinable = form is form_of(earlier.update) is not UpdateKind.PATCH and not earlier.update.startswith("```")
        if not plain or not joinable:
            raise UsageError(f"the update names {part.path} twice: give one part for each file")
        between = "\n... existing code ...\n" if form is UpdateKind.SNIPPET else ""
        both = None if earlier.content is None or part.content is None else earlier.content + part.content
        update = f"{earlier.update}{between}{part.update}"
        found[part.path] = replace(earlier, update=update, content=None if between else both)
    return tuple(found.values())


# Unified diffs ------------------------------------------------------------------------------------------------------

_NOWHERE = "/dev/null"
_HEADERS = (
    "rename from ", "rename to ", "copy from ", "new file mode ", "deleted file mode ", "--- ", "+++ ", "diff --git "
)  # fmt: skip


def _sections(lines: Sequence[str]) -> Iterator[list[str]]:
    section: list[str] = []
    in_header = False
    for number, line in enumerate(lines):
        opens = header_end(lines, number, bool(section)) > number
        if line.startswith("diff --git ") or (not in_header and opens):
            yield section
            section, in_header = [], True
        if line.startswith(("+++ ", "@@")):
            in_header = False
        section.append(line)
    yield section


def _of_section(lines: Sequence[str]) -> FilePart | None:
    said = dict[str, str]()
    for line in lines:
        if line.startswith("@@"):
            break
        if line.startswith(("GIT binary patch", "Binary files ")):
            raise UsageError("the update is a diff of binary files: only text can be edited")
        for header in _HEADERS:
            if line.startswith(header):
                said.setdefault(header, line[len(header) :])
    if "copy from " in said:
        raise UsageError("the update copies a file: give the copy as a new file")
    hunks = any(line.startswith("@@") for line in lines)
    old, new = _diff_names(said)
    if not old or not new:
        if hunks:
            raise UsageError("the update is a diff without file names: give --- and +++ lines, or one FILE")
        return None  # prose before the first file
    update = "\n".join(lines).rstrip("\n") + "\n" if hunks else ""
    moved = new if "rename from " in said and new != old else None
    if old == _NOWHERE or "new file mode " in said:
        return FilePart(new, Action.ADD, content=_one_side(update, lines))
    if new == _NOWHERE or "deleted file mode " in said:
        return FilePart(old, Action.DELETE, content=_one_side(_reversed(lines), lines) if update else "")
    if not update and not moved:
        raise UsageError(f"the update changes nothing of {new} but its mode: that is not applied, leave it out")
    return FilePart(old if moved else new, Action.UPDATE, update, new_path=moved)


def _diff_names(said: dict[str, str]) -> tuple[str, str]:
    """The old and the new path, "" if not given. Git's worded headers take precedence over the `---` lines."""
    if "rename from " in said:
        return _unquoted(said["rename from "]), _unquoted(said.get("rename to ", ""))
    if "--- " in said or "+++ " in said:
        old, new = (_unquoted(said.get(header, "").split("\t")[0].strip()) for header in ("--- ", "+++ "))
        old, new = old or f"a/{new.removeprefix('b/')}", new or f"b/{old.removeprefix('a/')}"  # one may be missing
    else:  # only an empty file, or a mode
        found = re.fullmatch(r"(\"?a/.*) (\"?b/.*)", said.get("diff --git ", ""))
        old, new = (_unquoted(found[1]), _unquoted(found[2])) if found else ("", "")
    if old.startswith(("a/", "a\\", _NOWHERE)) and new.startswith(("b/", "b\\", _NOWHERE)):
        old, new = (name if name == _NOWHERE else name[2:] for name in (old, new))
    return old, new


def _unquoted(name: str) -> str:
    r"""The path that git quotes: `"caf\303\251.py"` for a name that is not ASCII."""
    if len(name) < 2 or not (name.startswith('"') and name.endswith('"')):
        return name
    try:
        return name[1:-1].encode().decode("unicode_escape").encode("latin-1").decode()
    except UnicodeError:
        raise UsageError(f"the update names a file that cannot be read: {name}") from None


def _reversed(lines: Sequence[str]) -> str:
    """The diff with removed lines as added ones, which shows the content that is deleted."""
    first = next(number for number, line in enumerate(lines) if line.startswith("@@"))
    body = [f"+{line[1:]}" if line.startswith("-") else line for line in lines[first:]]
    return "\n".join(["@@", *body[1:]]).rstrip("\n") + "\n"


def _one_side(update: str, lines: Sequence[str]) -> str:
    """The whole content shown by a diff against an empty file."""
    if not update:
        return ""
    text = apply_replacements("", parse_update(update).replacements)
    return text.removesuffix("\n") if any(line.startswith("\\ No newline") for line in lines) else text


# *** Begin Patch ----------------------------------------------------------------------------------------------------

_MOVE = re.compile(r"\*\*\* Move to: (?P<path>.+?)\s*")


def _of_patch(text: str) -> Iterator[FilePart]:
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if PATCH_FILE.fullmatch(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        found = PATCH_FILE.fullmatch(lines[start])
        assert found
        body = [line for line in lines[start + 1 : end] if line.rstrip() != "*** End Patch"]
        yield _of_patch_file(found["verb"], found["path"], body)


def _of_patch_file(verb: str, path: str, body: list[str]) -> FilePart:
    if verb == "Delete":
        return FilePart(path, Action.DELETE)
    if verb == "Add":
        added = [line[1:] if line.startswith("+") else line for line in body]
        return FilePart(path, Action.ADD, content="\n".join(added).rstrip("\n") + "\n" if any(added) else "")
    moves = [found["path"] for line in body if (found := _MOVE.fullmatch(line))]
    body = [line for line in body if not _MOVE.fullmatch(line)]
    changes = any(line.startswith(("+", "-")) for line in body)
    update = "\n".join(["*** Begin Patch", f"*** Update File: {path}", *body, "*** End Patch"]) + "\n"
    if not changes and not moves:
        raise UsageError(f"the update changes nothing of {path}")
    return FilePart(path, Action.UPDATE, update if changes else "", new_path=moves[0] if moves else None)


# SEARCH/REPLACE and fenced blocks -----------------------------------------------------------------------------------

_LEAD = re.compile(r"(?i)(?:file(?:name)?|path)\s*:\s*")
_COMMENTS = ("//", "#", "<!--", "/*", "--", ";")
_NUMBER = re.compile(r"\(?\d+[.):]\s+")
_BARE_NAMES = frozenset({"makefile", "dockerfile", "license", "readme", "changelog", "gemfile", "rakefile", "procfile"})
_IN_INFO = re.compile(r"(?:title|file(?:name)?|path)=[\"']?(?P<path>[^\"']+)[\"']?")
_NOT_FILES = frozenset({"sh", "bash", "shell", "zsh", "console", "shell-session", "output", "text", "powershell"})


def path_in(line: str) -> str | None:
    """The path that a line consists of, with any decoration: `**src/a.py**:`, `### File: a.py`. Otherwise None."""
    bare = line.strip().lstrip("#").strip().rstrip(":").strip()
    bare = _LEAD.sub("", bare.strip("*_").strip(), count=1)
    quoted = bare.strip("*")
    name = quoted.strip("`\"'*").rstrip(":")
    if not name or re.search(r"[`\"'*<>|;,?]", name) or (" " in name and name == quoted):
        return None
    last = name.rsplit("/", 1)[-1]
    known = last.lower() in _BARE_NAMES or re.search(r"\.\w{1,12}$", last) or "/" in name.rstrip("/")
    return name.removeprefix("./") if known and not name.endswith(("/", ".")) else None


def _path_behind(line: str) -> str | None:
    """The path behind a number or in a comment: `### 1. src/a.py`, `// src/a.py`. Only one of code: `1. Node.js` and
    `# input/output` are none."""
    words, opener = uncomment(line)
    bare = _NUMBER.sub("", words.lstrip("#").strip(), count=1)
    path = path_in(bare) if opener in _COMMENTS or bare != words else None
    place = PurePosixPath(path or "")
    known = place.suffix[1:].lower() in EXTENSIONS and (len(place.parts) > 1 or "`" in line)
    return path if known and "://" not in line else None


def _path_said(line: str) -> str | None:
    """The path of a line of prose that introduces a block: the only quoted words of "Then, in `src/a.py`:"."""
    quoted = re.findall(r"`([^`]+)`", line)
    name = quoted[0] if len(quoted) == 1 and line.rstrip(" *_").endswith(":") else ""
    known = PurePosixPath(name).suffix[1:].lower() in EXTENSIONS  # `self.items` is no path
    return path_in(name) if known else None


def _of_search_replace(text: str) -> Iterator[FilePart]:
    lines = text.split("\n")
    path: str | None = None
    for block in search_blocks(lines):
        # As in aider, the name is within three lines above, with or without a fence between.
        above = [
            line for line in lines[block.above : block.start] if line.strip() and not line.strip().startswith("```")
        ]
        said = _path_said(above[-1]) if above else None
        path = next(filter(None, [*map(path_in, reversed(above[-3:])), said]), path)
        if path is None:
            raise UsageError("the first SEARCH block names no file: put its path in the line above, or give one FILE")
        new = "".join(line + "\n" for line in block.after) if not block.before else None
        yield FilePart(path, Action.UPDATE, "\n".join(lines[block.start : block.end]) + "\n", content=new)


def _of_fences(text: str) -> Iterator[FilePart]:
    named = 0
    for block in fenced_blocks(text):
        words = block.info.split()
        content = unwrap(block.text).text if block.info == "" else block.text
        if form_of(content) is not UpdateKind.SNIPPET and (words[:1] or [""])[0].lower() in (
            "",
            "diff",
            "patch",
            "udiff",
        ):
            yield from _parts(content)
            named += 1
            continue
        if _is_command(block):
            continue
        path = _path_of(block)
        if path is None:
            raise UsageError(f"block {named + 1} of the update names no file: put its path in the line above its fence")
        named += 1
        whole = not any(classify(line) for line in content.split("\n"))
        # The outer fence stays if there are fences inside: it marks them as content.
        update = block.fenced if "```" in content and not is_prose_file(path) else content
        yield FilePart(path, Action.UPDATE, update, content=content if whole else None)
    if not named:
        raise UsageError(
            "the update names no files: give a diff, *** Begin Patch, or blocks below their paths; or name one FILE"
        )


def _is_command(block: Fenced) -> bool:
    """Is it a command or its output, for no file?"""
    language = block.info.split(maxsplit=1)[0].lower() if block.info else ""
    return language in _NOT_FILES and _path_above(block) is None


def _path_of(block: Fenced) -> str | None:
    first = block.text.split("\n", 1)[0]
    return _path_above(block) or (_path_behind(first) if uncomment(first)[1] else None)


def _path_above(block: Fenced) -> str | None:
    above = block.above[-1] if block.above else ""
    return _path_of_info(block.info) or _path_behind(above) or path_in(above) or _path_said(above)


def _path_of_info(info: str) -> str | None:
    """The path in `python:src/a.py`, `python src/a.py`, `title="src/a.py"` or `src/a.py`."""
    found = _IN_INFO.search(info)
    if found:
        return found["path"]
    words = info.split()
    for word in words:
        language, colon, place = word.partition(":")
        path = path_in(place if colon and len(language) > 1 else word)  # one letter is a drive
        if path is not None:
            return path
    return None
