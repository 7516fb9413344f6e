"""Calls of edit tools, in JSON or tags, converted to SEARCH/REPLACE blocks: "replace this text", "insert here".

A text is read as a call only if it cannot be content: the file has the text to be replaced, but not the call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastapply.errors import UsageError
from fastapply.text.diff import lf_lines, line_hunks
from fastapply.text.signed import Known
from fastapply.text.wrapping import looks_like_code

_OLD = frozenset({"oldstr", "oldstring", "oldtext", "oldcontent", "oldcode", "old", "search", "find"})
_NEW = frozenset({"newstr", "newstring", "newtext", "newcontent", "newcode", "new", "replace", "replacement"})
_PUT = frozenset({"inserttext", "newstr", "newtext", "text", "content"})
_PATH = frozenset({"path", "filepath", "targetfile", "targetfilepath", "filename", "file"})
_ENCODED = frozenset({"arguments", "input", "params", "parameters"})  # JSON inside a JSON string

_TAGGED = re.compile(
    r"<(?P<old_tag>old_?(?:str|string|text|content|code)?|search|find)(?:\s[^<>]*?(?P<line>\d+)[^<>]*)?>"
    r"(?P<old>.*?)</(?P=old_tag)>"
    r"\s*<(?P<new_tag>new_?(?:str|string|text|content|code)?|replace(?:ment)?)>(?P<new>.*?)</(?P=new_tag)>"
    r"|<parameter name=\"old_?(?:str|string|text)\">(?P<old_value>.*?)</parameter>"
    r"\s*<parameter name=\"new_?(?:str|string|text)\">(?P<new_value>.*?)</parameter>",
    re.DOTALL,
)
_TAG_LINE = re.compile(
    r"\s*</?(?:apply_diff|replace_in_file|search_replace|edit_file|diff|args|file|edits?|content|invoke|function_calls"
    r"|tool_call|parameter)\b[^<>]*>(?:<!\[CDATA\[)?\s*|\s*\]\]>(?:</\w+>)?\s*"
)
_PATH_LINE = re.compile(r"\s*<(?P<tag>path|file_path|target_file|filename)>(?P<path>[^<>]+)</(?P=tag)>\s*")
_SEARCH = re.compile(r"[<-]{5,9} ?SEARCH\b.*")
_REPLACE = re.compile(r"[>+]{5,9} ?REPLACE\b.*")
_IN_FILE = re.compile(
    r"[<\"](?:old_?(?:str|string|text|content|code)?|search|find|insert_line)(?:[> ]|\"\s*:)", re.IGNORECASE
)
_FENCED = re.compile(r"\s*```\w*\n(?P<inner>.*?)\n```\s*", re.DOTALL)


@dataclass(frozen=True)
class _Edit:
    """`old` becomes `new`, once or everywhere. `line` is the number, from 1, of the first line of `old`."""

    old: str
    new: str
    path: str = ""
    everywhere: bool = False
    line: int | None = None

    def block(self) -> str:
        above = f"{self.path}\n" if self.path and not looks_like_code(self.path) else ""
        hint = f":start_line:{self.line}\n-------\n" if self.line else ""
        old, new = (text + "\n" * (bool(text) and not text.endswith("\n")) for text in (self.old, self.new))
        return f"{above}<<<<<<< SEARCH\n{hint}{old}=======\n{new}>>>>>>> REPLACE\n"


def as_blocks(update: str, known: Known) -> str:
    """The LF update with its calls as blocks. Unchanged if it has none."""
    if known.text is not None and _IN_FILE.search(known.text):
        return _untagged(update)
    return _from_json(update, known) or _from_tags(update, known) or _untagged(update)


def _from_json(update: str, known: Known) -> str | None:
    fenced = _FENCED.fullmatch(update)
    text = (fenced["inner"] if fenced else update).strip()
    if text[:1] + text[-1:] not in ("{}", "[]"):
        return None
    try:
        value = json.loads(text, strict=False)
    except ValueError:
        return None
    edits = list(_calls(value, "", known))
    return _blocks(_one_after_another(edits, known) or [part for edit in edits for part in _spread(edit, known)], known)


def _calls(value: object, path: str, known: Known) -> Iterator[_Edit]:
    if isinstance(value, list):
        for part in value:
            yield from _calls(part, path, known)
    if not isinstance(value, dict):
        return
    said = {str(key).lower().replace("_", ""): part for key, part in value.items()}
    path = _string(said, _PATH) or path
    old, new = _string(said, _OLD), _string(said, _NEW)
    line = said.get("insertline")
    if isinstance(line, int) and known.text is not None:
        lines = known.text.removesuffix("\n").split("\n")
        if 0 <= line <= len(lines):
            yield from _insertion(line, _string(said, _PUT), path, lines)
        elif not said.keys().isdisjoint({"command", "path"}):  # else it may be content
            raise UsageError(f"insert_line {line}: the file has {len(lines)} lines")
    elif old and new is not None:
        yield _Edit(old, new, path, said.get("replaceall") is True)
    else:
        for key, part in said.items():
            yield from _calls(_decoded(part) if key in _ENCODED else part, path, known)


def _string(said: dict[str, object], keys: frozenset[str]) -> str | None:
    return next((part for key, part in said.items() if key in keys and isinstance(part, str)), None)


def _decoded(value: object) -> object:
    try:
        return json.loads(value, strict=False) if isinstance(value, str) else value
    except ValueError:
        return value


def _insertion(line: int, put: str | None, path: str, lines: list[str]) -> Iterator[_Edit]:
    """Insert text below one of the file's lines, by its number. 0 is the start of the file."""
    if not put:
        return
    filled = [number for number, shown in enumerate(lines) if shown.strip()]
    first = max((number for number in filled if number < line), default=0)
    last = max(line, min((number + 1 for number in filled if number >= first), default=1))
    old, new = lines[first:last], [*lines[first:line], *put.removesuffix("\n").split("\n"), *lines[line:last]]
    yield _Edit("\n".join([*old, ""]), "\n".join([*new, ""]), path, line=first + 1)


def _spread(edit: _Edit, known: Known) -> Iterator[_Edit]:
    """One edit per place of a replacement everywhere."""
    if not edit.everywhere or known.text is None or edit.old not in known.text:
        yield edit
        return
    yield from _between(known.text, known.text.replace(edit.old, edit.new), edit.path)


def _one_after_another(edits: list[_Edit], known: Known) -> list[_Edit]:
    """The edits as edits of the file, if some fit only after others have been made, and all fit exactly then."""
    text = known.text
    if text is None or all(edit.old in text for edit in edits) or len({edit.path for edit in edits}) > 1:
        return []
    for edit in edits:
        if text.count(edit.old) != 1 and not (edit.everywhere and edit.old in text):
            return []
        text = text.replace(edit.old, edit.new)
    return list(_between(known.text or "", text, edits[0].path))


def _between(before: str, after: str, path: str) -> Iterator[_Edit]:
    """The edits of whole lines that make one text of another."""
    lines = lf_lines(before)
    for hunk in line_hunks(before, after):
        yield _Edit("".join(lines[hunk.start_line : hunk.end_line]), hunk.new_text, path, line=hunk.start_line + 1)


def _from_tags(update: str, known: Known) -> str | None:
    edits = []
    for found in _TAGGED.finditer(update):
        old, new = (found[name] if found[name] is not None else found[f"{name}_value"] for name in ("old", "new"))
        old, new = (text.removeprefix("\n") for text in (old, new))
        edits.append(_Edit(old, new, line=int(found["line"]) if found["line"] else None))
    rest = _TAGGED.sub("", update)
    return None if any(map(looks_like_code, _outside(rest))) else _blocks(edits, known)


def _outside(rest: str) -> Iterator[str]:
    """The lines around tagged edits, without the tags of a call."""
    for line in rest.split("\n"):
        if not _TAG_LINE.fullmatch(line) and not _PATH_LINE.fullmatch(line) and not line.startswith("<parameter "):
            yield line


def _blocks(edits: list[_Edit], known: Known) -> str | None:
    """The edits as blocks, if the file has the old text of at least one."""
    text = known.text
    stands = text is None or any(edit.old in text or known.holds(edit.old.strip("\n").split("\n")) for edit in edits)
    return "".join(edit.block() for edit in edits) if edits and stands else None


def _untagged(update: str) -> str:
    """SEARCH/REPLACE blocks without the tags of the call around them."""
    lines = update.split("\n")
    if not any(map(_SEARCH.fullmatch, lines)) or not any(map(_TAG_LINE.fullmatch, lines)):
        return update
    out: list[str] = []
    inside = False
    for line in lines:
        inside = inside or _SEARCH.fullmatch(line) is not None
        named = _PATH_LINE.fullmatch(line)
        if inside or not (named or _TAG_LINE.fullmatch(line)):
            out.append(line)
        elif named:
            out.append(named["path"].strip())
        inside = inside and not _REPLACE.fullmatch(line)
    return "\n".join(out)
