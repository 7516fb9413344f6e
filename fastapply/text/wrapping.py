"""Takes an update out of its wrapping: outer tags, a fenced block, prose around it.

Only looks count. In doubt the text stays as it is: a remaining fence is visible in the result, but cutting at a fence
that is content loses code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple

from fastapply.text.diff import lf_lines
from fastapply.text.exchanges import Shown, as_search_blocks
from fastapply.text.languages import EXTENSIONS
from fastapply.text.markers import classify

_TAGS = ("update", "code_edit", "updated-code", "updated_code", "update_snippet", "update_file", "code_snippet", "edit")
_OUTER_TAG = re.compile(rf"\s*<(?P<tag>{'|'.join(_TAGS)})>(?:[ \t]*\n)?(?P<inner>.*?)[ \t]*</(?P=tag)>\s*", re.DOTALL)
_MARKUP = frozenset({".html", ".htm", ".xhtml", ".xml", ".svg", ".vue", ".svelte", ".xaml", ".plist", ".csproj"})
_PROSE = frozenset({".md", ".markdown", ".mdx", ".rst", ".qmd", ".rmd", ".txt", ".text", ".adoc"})
_NO_FENCES = frozenset({".rst", ".adoc", ".txt", ".text"})  # markup without fences
_PROSE_NAMES = frozenset({"README", "CHANGELOG", "CHANGES", "LICENSE", "NOTICE", "AUTHORS", "CONTRIBUTING", "TODO"})
_PROSE_INFO = frozenset({"md", "markdown", "mdx", "rst", "qmd", "rmd", "txt", "text", "adoc", "diff", "patch"})
_FENCE = re.compile(r" {0,3}(?P<ticks>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*?)[ \t]*\n?")


@dataclass(frozen=True, slots=True)
class Wrapped:
    """The LF content, and the first word after the opening fence, "" if there is none. `left_out`: the first line of
    each block of an answer that is no part of the edit. `said`: the prose around the blocks."""

    text: str
    info: str = ""
    left_out: tuple[str, ...] = ()
    said: str = ""


def unwrap(text: str, path: str | None = None, original: str | None = None) -> Wrapped:
    """The content of an LF text, or the text itself if nothing clearly wraps it. `original`: the LF file, if known."""
    suffix = PurePath(path).suffix.lower() if path else ""
    text = _without_tags(text, suffix)
    lines = lf_lines(text)
    blocks = _blocks(lines)
    if not blocks:
        return Wrapped(text)
    widest = _widest_block(lines)
    encloses = widest is not None and not any(line.strip() for line in _outside(lines, [widest]))
    if is_prose_file(path):
        # Fences are content there, unless a fence marked as wrapping encloses everything except remarks.
        if widest is None or not (encloses or _is_said(_outside(lines, [widest]), original)):
            return Wrapped(text)
        says_so = widest.info in _PROSE_INFO or lines[widest.start].startswith("````")
        says_so = says_so or (suffix in _NO_FENCES and "```" not in (original or "```"))
        if says_so:
            return _content(lines, widest, suffix, _outside(lines, [widest]))
        return Wrapped("".join(lines[widest.start : widest.end]) if _corrects(lines, widest, original) else text)
    several = not any(map(looks_like_code, _outside(lines, blocks))) and not _cut_in_docstring(lines, blocks[0])
    if several and original is not None and len({block.info for block in blocks}) == 1:
        shown = [Shown(said, lines[b.start + 1 : b.content_end]) for b, said in _with_prose(lines, blocks)]
        if exchanges := as_search_blocks(shown, original):
            return Wrapped(exchanges, said=_said(_outside(lines, blocks)))
    if widest and (not several or len(blocks) == 1 or (encloses and widest.info and not blocks[1].info)):
        return _content(lines, widest, suffix, _outside(lines, [widest]))  # the other fences are inside it
    if not several:
        return Wrapped(text)  # the fences are content, as in a docstring or template
    diffs = [block for block in blocks if block.info in ("diff", "patch")]
    if len(diffs) > 1:
        return _of_blocks(lines, blocks, diffs, suffix, "")
    best = max(blocks, key=lambda block: (_fits(block.info, suffix), block.end - block.start))
    if original is None:
        return _of_blocks(lines, blocks, [best], suffix, "")
    theirs = {line.strip() for line in lf_lines(original)}
    ours = [
        b for b, said in _with_prose(lines, blocks) if b == best or _is_edit(lines, b, said, best.info, theirs, path)
    ]
    return _of_blocks(lines, blocks, ours, suffix, _BETWEEN)


def _of_blocks(lines: list[str], blocks: list[_Block], ours: list[_Block], suffix: str, between: str) -> Wrapped:
    """The content of some blocks of an answer."""
    parts = [_content(lines, block, suffix) for block in ours]
    others = (lines[block.start + 1 : block.content_end] for block in blocks if block not in ours)
    left_out = tuple(next((line.strip() for line in other if line.strip()), "") for other in others)
    said = _said(_outside(lines, blocks))
    return Wrapped(between.join(part.text for part in parts), parts[0].info, left_out, said)


_BETWEEN = "... existing code ...\n"  # what is left out between the blocks of an answer
_TELLING = 6  # letters and digits of a line that marks its place
_LETTER = re.compile(r"\w")
_SHOWS_USE = re.compile(
    r"\b(?:usage|examples?|for instance|e\.g\.|(?:use|call|try|run|invoke)s? (?:it|them|this|that)\b|used (?:like|as)"
    r"|you can (?:now|then)|(?:now|then) you can|(?:callers?|users?|clients?) (?:can|may|now)"
    r"|looks? like this (?:now|then)|prints?|outputs?)\b",
    re.IGNORECASE,
)
_SHOWS_OLD = re.compile(
    r"\W*(?:before|old(?: code| version)?|previously|current(?:ly| code)?|original)\W*", re.IGNORECASE
)


_HEAD_END = re.compile(r"[=(\[{]|(?<!:):(?!:)")
_PATH = re.compile(r"(?P<path>[\w./-]*\w\.\w+)")


def _with_prose(lines: list[str], blocks: list[_Block]) -> Iterator[tuple[_Block, str]]:
    """Each block with the last line of prose above it."""
    done = 0
    for block in blocks:
        above = [line.strip() for line in lines[done : block.start] if line.strip()]
        yield block, above[-1] if above else ""
        done = block.end


def _is_edit(lines: list[str], block: _Block, said: str, info: str, theirs: set[str], path: str | None) -> bool:
    """Is a block beside the main one part of the edit? Commands and output are in another language, old code adds
    nothing, and prose introduces a usage example or the code of another file."""
    content = [line.strip() for line in lines[block.start + 1 : block.content_end]]
    if block.info != info or _SHOWS_OLD.fullmatch(said) or theirs.issuperset(content):
        return False
    known = {_head(line) for line in theirs}
    if any(_head(line) in known and len(_LETTER.findall(_head(line))) >= _TELLING for line in content):
        return True
    return not _SHOWS_USE.search(said) and _names_only(said, path)


def _head(line: str) -> str:
    """What a line gives a value to, calls or defines. The whole line if it does none of these."""
    return _HEAD_END.split(line, maxsplit=1)[0].strip()


def _names_only(said: str, path: str | None) -> bool:
    """Does a line of prose name no other file than this one?"""
    ours = PurePath(path).name if path else ""
    named = (PurePath(found["path"]) for found in _PATH.finditer(said))
    return all(name.name == ours for name in named if name.suffix[1:].lower() in EXTENSIONS)


class Fenced(NamedTuple):
    """A fenced block of an LF text: the solid lines between the previous block and this one, its info string, its
    content, and the block with its fences."""

    above: tuple[str, ...]
    info: str
    text: str
    fenced: str


def fenced_blocks(text: str) -> list[Fenced]:
    """The outermost fenced blocks of an answer."""
    lines = lf_lines(text)
    found, done = [], 0
    for block in _blocks(lines):
        opener = _FENCE.fullmatch(lines[block.start])
        assert opener
        above = tuple(line.rstrip("\n") for line in lines[done : block.start] if line.strip())
        inside, whole = lines[block.start + 1 : block.content_end], lines[block.start : block.end]
        found.append(Fenced(above, opener["info"], "".join(inside), "".join(whole)))
        done = block.end
    return found


def is_prose_file(path: str | None) -> bool:
    """Are fences content in this file?"""
    if path is None:
        return False
    place = PurePath(path)
    return place.suffix.lower() in _PROSE or (not place.suffix and place.name.upper() in _PROSE_NAMES)


def is_diff_file(path: str | None) -> bool:
    """Is a diff content in this file?"""
    return path is not None and PurePath(path).suffix.lower() in (".diff", ".patch")


def _content(lines: list[str], block: _Block, suffix: str, outside: Iterable[str] = ()) -> Wrapped:
    text = _without_tags("".join(lines[block.start + 1 : block.content_end]), suffix)
    return Wrapped(text, block.info, said=_said(outside))


def _said(outside: Iterable[str]) -> str:
    """The sentences outside the blocks, one paragraph. A final colon becomes a full stop."""
    lines = (line.strip() for line in outside)
    return " ".join(line[:-1] + "." if line.endswith(":") else line for line in lines if line)


def _outside(lines: list[str], blocks: list[_Block]) -> list[str]:
    inside = {number for block in blocks for number in range(block.start, block.end)}
    return [line for number, line in enumerate(lines) if number not in inside]


def _is_said(outside: list[str], original: str | None) -> bool:
    """Is the text outside a fence about the edit, rather than part of the file?"""
    return original is not None and set(map(str.strip, outside)).isdisjoint(
        {*map(str.strip, lf_lines(original))} - {""}
    )


def _corrects(lines: list[str], block: _Block, original: str | None) -> bool:
    """Is a block, introduced by prose, a new version of one in the document?"""
    theirs = set(map(str.strip, lf_lines(original or "")))
    ours = {line.strip() for line in lines[block.start + 1 : block.content_end] if line.strip()}
    said = "".join(lines[: block.start]).strip()
    return said.endswith(":") and lines[block.start].strip() in theirs and bool(ours & theirs) and bool(ours - theirs)


def _without_tags(text: str, suffix: str) -> str:
    """The inside of a known tag around everything. Other tags are content, and so are all tags in markup files."""
    found = _OUTER_TAG.fullmatch(text)
    if not found or suffix in _MARKUP or f"</{found['tag']}>" in found["inner"]:
        return text
    return found["inner"]


@dataclass(frozen=True, slots=True)
class _Block:
    """A fenced block: lines [start, end) with its fences. The content ends at `content_end`."""

    start: int
    content_end: int
    end: int
    info: str


def _blocks(lines: list[str]) -> list[_Block]:
    """The outermost fenced blocks. Inside a block, a fence with an info string opens a nested one."""
    blocks = []
    at = 0
    while at < len(lines):
        opener = _FENCE.fullmatch(lines[at])
        if not opener:
            at += 1
            continue
        close = _closing_line(lines, at, opener["ticks"])
        blocks.append(_Block(at, close, min(close + 1, len(lines)), _info(opener)))
        at = close + 1
    return blocks


def _closing_line(lines: list[str], start: int, ticks: str) -> int:
    """The line that closes the fence opened at `start`, or the number of lines if none does."""
    depth = 1
    for number in range(start + 1, len(lines)):
        fence = _FENCE.fullmatch(lines[number])
        if not fence or not fence["ticks"].startswith(ticks):
            continue
        depth += 1 if fence["info"] else -1
        if depth == 0:
            return number
    return len(lines)


def _widest_block(lines: list[str]) -> _Block | None:
    """The block from the first fence to the last one that can close it, if only prose surrounds it."""
    fences = [(number, fence) for number, line in enumerate(lines) if (fence := _FENCE.fullmatch(line))]
    if len(fences) < 2:
        return None
    (first, opener), (last, closer) = fences[0], fences[-1]
    if closer["info"] or closer["ticks"] != opener["ticks"]:
        return None
    block = _Block(first, last, last + 1, _info(opener))
    return None if any(map(looks_like_code, _outside(lines, [block]))) else block


def _cut_in_docstring(lines: list[str], block: _Block) -> bool:
    """Does the block end inside a triple-quoted string that contains fences?"""
    text = "".join(lines[block.start : block.content_end])
    return bool(text.count('"""') % 2 or text.count("'''") % 2)


def _info(fence: re.Match[str]) -> str:
    words = fence["info"].split()
    return words[0].lower() if words else ""


_SUFFIX_OF_INFO = {
    "bash": ".sh",
    "csharp": ".cs",
    "golang": ".go",
    "javascript": ".js",
    "kotlin": ".kt",
    "python": ".py",
    "ruby": ".rb",
    "rust": ".rs",
    "shell": ".sh",
    "typescript": ".ts",
    "yaml": ".yml",
    "c++": ".cpp",
}


def _fits(info: str, suffix: str) -> bool:
    """Does the block's language belong to the file? `python:src/a.py`, which some clients write, does too."""
    name, _, place = info.partition(":")
    return bool(suffix) and (f".{name}" == suffix or _SUFFIX_OF_INFO.get(name) == suffix or place.endswith(suffix))


_CODE = re.compile(
    r"\s*(?:import|from|export|def|class|const|let|var|function|return|package|pub|fn|func|struct|enum|impl|static|public"
    r"|private|protected|async|namespace|using|#include|#define|#!)(?=[\s({\[\"'*;:</]|$)"
    r"|\s*(?:@\w|//|/\*|\*/|\}|\]|\)|<[!/\w]|\"\"\"|'''|<<<<<<<|\*\*\* )"
    r"|.*(?:[;{}]|\"\"\"|''')\s*$|.*\s=\s|\s*\S+\(.*\):?\s*$|(?:\t| {4})"
)


_CODE_SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_SENTENCE = re.compile(r"[A-Z][\w'’-]*(?:,? [\w'’()/-]+){3}.*[.:!?]\s*")


def looks_like_code(line: str) -> bool:
    """Is a line outside all fences code rather than prose? Quotes in backticks within a sentence do not count."""
    if not line.strip():
        return False
    plain = _CODE_SPAN.sub("code", line)
    if _SENTENCE.fullmatch(plain):
        return False
    return bool(_CODE.match(plain)) or classify(line) is not None
