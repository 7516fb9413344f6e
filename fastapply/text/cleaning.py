"""Undoes what tools do to an update in transit: listing line numbers, entities, escapes, shells, indentation.

A step applies only if the file shows that it does not change content, usually because more lines of the update are then
in the file. In doubt the text stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from fastapply.text.diff import is_telling
from fastapply.text.gutters import without_gutters
from fastapply.text.inline import filled_in
from fastapply.text.lines import common_indent, indent_of
from fastapply.text.markers import classify
from fastapply.text.signed import Known
from fastapply.text.tool_calls import as_blocks
from fastapply.text.wrapping import is_prose_file, looks_like_code


def cleaned(update: str, original: str, path: str | None = None) -> str:
    """The update as its author meant it. LF texts."""
    known = Known.of(original)
    if not update.strip():
        return update
    update = _out_of_json(as_blocks(update, known), known)
    update = _out_of_shell(update, known, path)
    update = _outdented(update, known)
    if known.text is None:
        return update
    update = _quotes_unescaped(_one_line_unescaped(update, known), known)
    update = without_gutters(_entities_unescaped(update, known, path), known)
    update = filled_in(_sides_unfenced(update, known), original)
    return _without_trailing_commas(update, original, path)


_SIGNS = re.compile(r"[+\- ](?=.)")


def _quoted(text: str, known: Known) -> int:
    """How many telling lines are in the file, with or without the sign of a diff."""
    lines = {line for line in text.split("\n") if is_telling(line)}
    return sum(known.has(line) or (_SIGNS.match(line) is not None and known.has(line[1:])) for line in lines)


# Wrappers -----------------------------------------------------------------------------------------------------------

_BEGIN, _END = "*** Begin Patch", "*** End Patch"
_HEADERS = re.compile(r"\s*(?:\*\*\* Begin Patch|--- \S|@@ |@@$|diff --git |[<-]{5,9} ?SEARCH|```|~~~)")
_HEREDOC = re.compile(r"<<-?\s*(?P<quote>['\"]?)(?P<word>\w+)(?P=quote)(?:\s*(?:\||>|&&).*)?\s*")
_COMMAND = re.compile(
    r"\s*[$#>%]?\s*(?:[\w./-]+=\S+\s+|cd\s+\S+\s*(?:&&|;)\s*)*(?:apply_patch|applypatch|git|patch|cat|tee)\b"
)
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})\S*\s*")
_KEYS = (
    "patch",
    "diff",
    "input",
    "update",
    "code_edit",
    "content",
    "file_text",
    "new_content",
    "new_string",
    "text",
    "code",
    "cmd",
)


def _out_of_json(update: str, known: Known) -> str:
    """The text of an update that is a JSON string or the JSON arguments of a tool."""
    text = update.strip()
    if not (text[0] in '"{[' and text[-1] in '"}]'):
        return update
    try:
        value = json.loads(text, strict=False)
    except ValueError:
        return update
    found = value if isinstance(value, str) else next(_strings(value), None)
    if found is None or not found.strip():
        return update
    if _BEGIN in found or isinstance(value, str):
        return found if _BEGIN in found or _quoted(found, known) else update
    # A JSON file may have the same keys.
    return found if "\n" in found and _quoted(found, known) > _quoted(update, known) else update


def _strings(value: object) -> Iterator[str]:
    """The strings of a tool call that may be the update, the likeliest first."""
    if isinstance(value, dict):
        for key in _KEYS:
            if isinstance(value.get(key), str):
                yield value[key]
        for part in value.values():
            if isinstance(part, dict | list):
                yield from _strings(part)
    elif isinstance(value, list):
        yield from (part for part in value if isinstance(part, str) and "\n" in part)


def _out_of_shell(update: str, known: Known, path: str | None) -> str:
    """The patch or text inside a shell command, in a here document or as a quoted argument."""
    lines = update.split("\n")
    begin = next((i for i, line in enumerate(lines) if _BEGIN in line), None)
    if begin is not None and not known.has(lines[begin]):
        return _patch_in_shell(lines, begin) or update
    if path is not None and (PurePath(path).suffix in (".sh", ".bash", ".zsh", ".md") or is_prose_file(path)):
        return update
    return _in_heredoc(lines, known) or update


def _patch_in_shell(lines: Sequence[str], begin: int) -> str | None:
    end = next((i for i in range(begin, len(lines)) if _END in lines[i]), None)
    before, after = lines[begin].split(_BEGIN, 1)
    if after.strip() or end is None or (before.strip() and not _COMMAND.match(before)):
        return None
    tail = lines[end].split(_END, 1)[1].strip()
    around = [line for line in (*lines[:begin], *lines[end + 1 :]) if line.strip() and not _FENCE.fullmatch(line)]
    shell = any(_COMMAND.match(line) for line in (*around, before)) or before.strip() or tail
    if len(tail) > 2 or not shell:
        return None
    word = next((found["word"] for line in (*around, before) if (found := _HEREDOC.search(line))), None)
    if any(looks_like_code(line) for line in around if not _COMMAND.match(line) and line.strip() != word):
        return None
    body = [indent_of(lines[begin]) + _BEGIN, *lines[begin + 1 : end]]
    return "\n".join([*body, lines[end].split(_END, 1)[0] + _END]) + "\n"


def _in_heredoc(lines: Sequence[str], known: Known) -> str | None:
    """The body of the here document that the whole update consists of."""
    filled = [i for i, line in enumerate(lines) if line.strip() and not _FENCE.fullmatch(line)]
    start = next((i for i in filled if _COMMAND.match(lines[i]) and _HEREDOC.search(lines[i])), None)
    if start is None or known.has(lines[start]):
        return None
    opened = _HEREDOC.search(lines[start])
    assert opened
    end = next((i for i in range(start + 1, len(lines)) if lines[i].strip() == opened["word"]), None)
    if end is None:
        return None
    around = [lines[i] for i in filled if i < start or i > end]
    if any(looks_like_code(line) and not _COMMAND.match(line) for line in around):
        return None
    return "\n".join(lines[start + 1 : end]) + "\n"


def _outdented(update: str, known: Known) -> str:
    """A patch, diff or block that is indented, or quoted with `>`, as a whole."""
    lines = update.split("\n")
    filled = [line for line in lines if line.strip()]
    if all(line.startswith(">") for line in filled) and not any(map(known.has, filled)):
        lines = [line[1:].removeprefix(" ") for line in lines]
        return "\n".join(lines) if _quoted("\n".join(lines), known) else update
    head = next((line for line in filled if _HEADERS.match(line)), None)
    if head is None or not head[0].isspace() or known.has(head):
        return update
    indent = common_indent(filled[filled.index(head) :])
    if not indent or len(head) - len(head.lstrip()) > len(indent):
        return update
    return "\n".join(line.removeprefix(indent) if line.startswith(indent) else line.lstrip() for line in lines)


# Escapes ------------------------------------------------------------------------------------------------------------

_ESCAPE = re.compile(r"\\(?P<what>[nrt\"'\\/]|u[0-9a-fA-F]{4})")
_MEANS = {"n": "\n", "r": "", "t": "\t"}


def _unescaped(text: str) -> str:
    def meant(found: re.Match[str]) -> str:
        what = found["what"]
        return chr(int(what[1:], 16)) if what[0] == "u" else _MEANS.get(what, what)

    return _ESCAPE.sub(meant, text)


def _one_line_unescaped(update: str, known: Known) -> str:
    r"""A text whose line breaks arrived as `\n`, with hardly a real one."""
    lines = [line for line in update.split("\n") if line.strip() and not _FENCE.fullmatch(line)]
    if not lines or max(line.count("\\n") for line in lines) < 2 or len(lines) > 2:
        return update
    meant = _unescaped(update)
    return meant if not _quoted(update, known) and _quoted(meant, known) else update


def _quotes_unescaped(update: str, known: Known) -> str:
    r"""A text whose quotes all arrived as `\"`, as inside a JSON string."""
    if '\\"' not in update or re.search(r'(?<!\\)(?:\\\\)*"', update):
        return update
    tabs = re.compile(r"^((?:\\t)+)", re.MULTILINE)
    meant = tabs.sub(lambda found: "\t" * (len(found[1]) // 2), update)
    meant = re.sub(r"\\([\"'\\])", r"\1", meant) if "\\\\" in update else re.sub(r"\\([\"'])", r"\1", meant)
    return meant if _gains(update, meant, known) or _is_foreign('\\"', known) else update


def _is_foreign(escape: str, known: Known) -> bool:
    """Does the file lack this escape, though it has the escaped character?"""
    return known.text is not None and escape not in known.text and escape[1:] in known.text


def _gains(update: str, meant: str, known: Known) -> bool:
    """Are more lines in the file, including all that were in it before?"""
    before = [line for line in update.split("\n") if known.has(line)]
    after = set(meant.split("\n"))
    return _quoted(meant, known) > _quoted(update, known) and all(line in after for line in before)


_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|#39|#x27|#34|#x22|#60|#62|#38);")
_CHARACTERS = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'", "#39": "'", "#x27": "'", "#34": '"'}
_CHARACTERS |= {"#x22": '"', "#60": "<", "#62": ">", "#38": "&"}
_HEADER_ESCAPED = re.compile(r"^(?:&lt;){5,9} ?SEARCH\b", re.MULTILINE)
_MARKUP = frozenset({".html", ".htm", ".xhtml", ".xml", ".svg", ".vue", ".svelte", ".md", ".rst", ".xaml", ".csproj"})


def _entities_unescaped(update: str, known: Known, path: str | None) -> str:
    """A text that passed through a web page: `&lt;` for `<`."""
    if not _ENTITY.search(update):
        return update
    meant = _ENTITY.sub(lambda found: _CHARACTERS[found[0][1:-1]], update)
    if _gains(update, meant, known) or _HEADER_ESCAPED.search(update):
        return meant
    markup = path is not None and PurePath(path).suffix.lower() in _MARKUP
    if markup or _ENTITY.search(known.text or ""):
        return update
    # No escaped line is in the file. A text that was escaped throughout has no bare `<` or `&`.
    lines = [line for line in update.split("\n") if classify(line) is None]
    bare = re.search(r"<|&(?!(?:\w+|#\w+);)", "\n".join(lines))
    quoted_only = all(_in_string(line) for line in lines if _ENTITY.search(line))
    return update if bare or quoted_only else meant


def _in_string(line: str) -> bool:
    """Are all entities of a line between quotes, as in code that escapes?"""
    return all(any(line[: found.start()].count(quote) % 2 for quote in "\"'`") for found in _ENTITY.finditer(line))


# Fences and commas --------------------------------------------------------------------------------------------------

_SEARCH_LINE = re.compile(r"[<-]{5,9} ?(?:SEARCH|ORIGINAL)\b.*")
_SIDE_END = re.compile(r"={5,9}\s*|[>+]{5,9} ?(?:REPLACE|UPDATED)\b.*")


def _sides_unfenced(update: str, known: Known) -> str:
    """SEARCH/REPLACE blocks without a fence around each whole side, unless the file has the fences too."""
    lines = update.split("\n")
    if not any(map(_SEARCH_LINE.fullmatch, lines)) or "```" not in update:
        return update
    out: list[str] = []
    side: list[str] = []
    inside = content = False
    for line in lines:
        if _SEARCH_LINE.fullmatch(line):
            out, side, inside, content = [*out, *side, line], [], True, False
        elif inside and _SIDE_END.fullmatch(line):
            content = content or known.holds(side)
            out += [*(side if content else _unfenced(side)), line]
            side, inside = [], line.startswith("=")
        else:
            side.append(line)
    return "\n".join([*out, *side])


def _unfenced(side: Sequence[str]) -> Sequence[str]:
    filled = [i for i, line in enumerate(side) if line.strip()]
    if len(filled) < 2 or not (side[filled[0]].startswith("```") and side[filled[-1]].strip() == "```"):
        return side
    return side[filled[0] + 1 : filled[-1]]


def _without_trailing_commas(update: str, original: str, path: str | None) -> str:
    """Strict JSON without commas before closing brackets, which snippets may show."""
    if not _is_strict_json(original, path):
        return update
    lines = update.split("\n")
    for number, line in enumerate(lines):
        follows = next((other.strip() for other in lines[number + 1 :] if other.strip()), "")
        if line.rstrip().endswith(",") and follows[:1] in ("}", "]") and follows:
            lines[number] = line.rstrip()[:-1]
    return "\n".join(lines)


def _is_strict_json(original: str, path: str | None) -> bool:
    if path is not None and PurePath(path).suffix.lower() not in (".json", ".webmanifest", ".geojson", ".ipynb"):
        return False
    if original.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(original)
    except ValueError:
        return False
    return True
