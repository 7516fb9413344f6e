"""A text as a tree of chunks: imports, definitions, members and blocks.

Nesting comes from the indentation, names come from the syntax tree. A snippet often does not parse, and a broken parse
nests its lines wrongly. Indentation nests them in the same way as in the file that they were cut from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import Levenshtein
from tree_sitter import Tree

from fastapply.align.languages import file_tree
from fastapply.align.line_info import line_infos
from fastapply.text.brackets import open_brackets
from fastapply.text.lines import brief

# Such a line continues the chunk above it at the same indentation.
_CLOSER = re.compile(
    r"[)\]}>]|</|\{\s*$|(?:end|else|elif|elsif|elseif|except|finally|catch|rescue|ensure|then|fi|done|esac|where)\b"
)
CLOSES = re.compile(r"[)\]}>]|</|(?:end|fi|done|esac)\b")
CONTINUES = re.compile(r"(?:else|elif|elsif|elseif|except|finally|catch|rescue|ensure|then)\b")
_LEADING = re.compile(r"@\w|#\[|#!\[|//|/\*|\*|#(?!include|define|if|el|end|un)|--|\[\w+.*\]\s*$|<!--|template\s*<")
_DECORATES = re.compile(r"@\w|#!?\[|\[\w+\(")  # the first line of a decorator or attribute of several
_DIRECTIVE = re.compile(r"#\s*(?:if|else|elif|endif|define|undef|pragma|include|region|endregion)")
OPENER = re.compile(r".*(?:[{(\[:>]|->|\bdo(?:\s*\|[^|]*\|)?|\bthen)\s*")
_GOES_ON = re.compile(r"(?:[^\w\s;)\]}'\"`*]|\bdo|\bthen)$")  # a sign that something follows
_WORD = re.compile(r"\w+")
_LEAST_LIKE = 0.6
_WIDTH_OF_TAB = 4
_DEEPEST = 8  # levels of titles


@dataclass(slots=True)
class Chunk:
    """Lines [start, end) of a text. `kind` is "file", "type", "function", "import", "value" or "block".

    A block is named by its first line. `header` is the line with the chunk's name. Decorators and comments may stand
    between `start` and `header`.
    """

    index: int
    kind: str
    name: str
    start: int
    end: int
    header: int
    parent: Chunk | None = None
    children: list[Chunk] = field(default_factory=list)

    closed: bool = False  # the last line is a closer: "}", "end", ...

    @property
    def is_definition(self) -> bool:
        return self.kind in ("function", "type")

    def chain(self) -> Iterator[Chunk]:
        """This chunk and the chunks around it, innermost first."""
        chunk: Chunk | None = self
        while chunk is not None:
            yield chunk
            chunk = chunk.parent


class Outline:
    """The lines of a text and the chunk that each belongs to.

    For line k, `stripped[k]` is its text without surrounding white space, `width[k]` its indentation in columns,
    `info[k]` what the syntax tree says about it, and `chunk_of[k]` its innermost chunk. `markers` are the lines that
    stand for others. `whole` is the outline of the file to which these lines belong. It names definitions that the
    parser does not recognise in a fragment. `tree` is the syntax tree of the lines, if known. A marker in `leaving` has
    the depth of its own indentation; any other is at least as deep as the line below.
    """

    def __init__(
        self,
        lines: list[str],
        language: str | None,
        markers: frozenset[int] = frozenset(),
        whole: Outline | None = None,
        tree: Tree | None = None,
        leaving: frozenset[int] = frozenset(),
    ) -> None:
        self.lines = lines
        self.language = language
        self.markers = markers
        self._leaving = leaving
        self.stripped = [line.strip() for line in lines]
        self.info = line_infos(lines, language, markers, tree)
        if whole is not None:
            self._borrow_names(whole)
        self.width = self._widths()
        self.root = Chunk(0, "file", "", 0, len(lines), -1)
        self.chunks = [self.root]
        self.chunk_of = [self.root] * len(lines)
        self._nest()
        self._adopt_leading_lines()
        self._place_blank_lines()

    @cached_property
    def definitions(self) -> list[Chunk]:
        return [chunk for chunk in self.chunks if chunk.is_definition and chunk.name]

    def _borrow_names(self, whole: Outline) -> None:
        by_text = {text: info for text, info in zip(whole.stripped, whole.info, strict=True) if info.kind}
        headers = [(chunk, whole.stripped[chunk.header], whole.info[chunk.header]) for chunk in whole.definitions]
        for k, text in enumerate(self.stripped):
            info = self.info[k]
            if not text or info.kind or info.inside or info.comment or k in self.markers:
                continue
            if text in by_text:
                info.kind, info.name = by_text[text].kind, by_text[text].name
                continue
            words = set(_WORD.findall(text))
            alike = [
                (Levenshtein.ratio(brief(text), brief(header)), theirs)
                for chunk, header, theirs in headers
                if chunk.name in words
            ]
            ratio, theirs = max(alike, key=lambda pair: pair[0], default=(0.0, info))
            if ratio > _LEAST_LIKE:
                info.kind, info.name = theirs.kind, theirs.name

    def _widths(self) -> list[int]:
        widths = [_width(line) for line in self.lines]
        levels = self._title_levels()
        for k, text in enumerate(self.stripped):
            if self.language in ("markdown", "rst") and not self.info[k].inside:
                widths[k] = levels.get(k) or widths[k] + _DEEPEST
            elif self.language in ("toml", "ini"):
                widths[k] += not text.startswith("[")
            elif self.language == "yaml" and text.startswith("-"):
                widths[k] += 1
        return widths

    def _title_levels(self) -> dict[int, int]:
        """The level of each title of a document, from 1. Markdown counts number signs. reStructuredText numbers its
        underlines in order of appearance."""
        titles = [k for k, info in enumerate(self.info) if info.kind == "type"]
        if self.language == "markdown":
            return {k: len(self.stripped[k]) - len(self.stripped[k].lstrip("#")) for k in titles}
        lines = {k: self.stripped[k + 1][:1] for k in titles if k + 1 < len(self.stripped)}
        signs = list(dict.fromkeys(lines.values()))
        return {k: signs.index(sign) + 1 for k, sign in lines.items()}

    def _nest(self) -> None:
        """Fill `chunks` and `chunk_of` by indentation, for all lines that are not blank."""
        solid = [k for k, text in enumerate(self.stripped) if text]
        widths = self._solid_widths(solid)
        stack: list[tuple[int, Chunk]] = [(-1, self.root)]
        for at, k in enumerate(solid):
            width, info = widths[at], self.info[k]
            if info.inside:
                self.chunk_of[k] = self.chunk_of[solid[at - 1]] if at else self.root
                continue
            left = None
            while stack[-1][0] > width or (k in self.markers and stack[-1][1].closed):
                left = stack.pop()
            closer = bool(_CLOSER.match(self.stripped[k])) and k not in self.markers
            if closer and left and stack[-1][0] < width and not left[1].closed:
                stack.append(left)  # its closer, indented a little less than its header
                width = left[0]
            if closer and stack[-1][1].closed and not CONTINUES.match(self.stripped[k]):
                closer = False
            while stack[-1][0] == width and not closer:
                stack.pop()
            following = at + 1
            while following < len(solid) and self.info[solid[following]].inside:
                following += 1
            opens = following < len(solid) and (
                widths[following] > width
                or (solid[following] in self.markers and bool(OPENER.fullmatch(self.stripped[k])))
                or (widths[following] == width and bool(_CLOSER.match(self.stripped[solid[following]])))
            )
            opens = opens and not (following < len(solid) and solid[following] > k + 1 and self._is_complete(k))
            body = opens or info.kind in ("function", "type")
            if body and k not in self.markers and not (closer and stack[-1][0] == width) and not info.comment:
                chunk = self._open(k, stack[-1][1])
                stack.append((width, chunk))
            self.chunk_of[k] = stack[-1][1]
            if closer and stack[-1][0] == width:
                stack[-1][1].closed = bool(CLOSES.match(self.stripped[k])) and not OPENER.fullmatch(self.stripped[k])
        for k in solid:
            for chunk in self.chunk_of[k].chain():
                chunk.end = max(chunk.end, k + 1)

    def _is_complete(self, line: int) -> bool:
        """Does a line end what it says? A deeper line below a blank one is no part of it: a snippet may show an import
        and then a method without its class."""
        text = self.stripped[line]
        said = (
            self.info[line].kind == "import" or (self.info[line].kind == "value" and "=" in text) or text.endswith(";")
        )
        return said and not _GOES_ON.search(text) and not open_brackets([text])

    def _open(self, line: int, parent: Chunk) -> Chunk:
        info = self.info[line]
        name = info.name or self.stripped[line]
        chunk = Chunk(len(self.chunks), info.kind or "block", name, line, line + 1, line, parent)
        parent.children.append(chunk)
        self.chunks.append(chunk)
        return chunk

    def _solid_widths(self, solid: list[int]) -> list[int]:
        """The widths of the lines that are not blank. A marker, comment or directive that is indented less than the
        line below gets the width of that line, because it does not end a chunk."""
        widths = [self.width[k] for k in solid]
        floor = 0
        for at in range(len(solid) - 1, -1, -1):
            k = solid[at]
            loose = k in self.markers or self.info[k].comment or _DIRECTIVE.match(self.stripped[k])
            if loose and k not in self._leaving and at + 1 < len(solid) and widths[at] < floor:
                widths[at] = floor
            if not self.info[k].inside:
                floor = widths[at]
        return widths

    def _adopt_leading_lines(self) -> None:
        """Add the decorators, attributes and comments right above a definition to its chunk."""
        for chunk in self.chunks:
            if not chunk.is_definition or chunk.parent is None:
                continue
            k = chunk.header - 1
            while k >= 0:
                above = self.chunk_of[k]
                if above is chunk.parent and k != above.header and self._leads(k):
                    self.chunk_of[k] = chunk
                    chunk.start = k
                elif above.parent is chunk.parent and self._decorates(above, k):
                    chunk.parent.children.remove(above)
                    above.parent = chunk
                    chunk.children.insert(0, above)
                    chunk.start = above.start
                else:
                    break
                k = chunk.start - 1

    def _decorates(self, block: Chunk, k: int) -> bool:
        """Is the block a decorator or attribute of several lines that ends in line `k`?"""
        ends = block.end == k + 1 and self.stripped[k].endswith((")", "]"))
        return ends and bool(_DECORATES.match(self.stripped[block.start]))

    def _leads(self, k: int) -> bool:
        if k in self.markers or not self.stripped[k]:
            return False
        return self.info[k].comment or self.info[k].inside or bool(_LEADING.match(self.stripped[k]))

    def _place_blank_lines(self) -> None:
        """A blank line belongs to the innermost chunk that contains both of its neighbours."""
        above, pending = self.root, list[int]()
        for k, text in enumerate(self.stripped):
            if not text:
                pending.append(k)
                continue
            chunk = self.chunk_of[k]
            if pending:
                shared = common(above, chunk.parent if k == chunk.start and chunk.parent else chunk)
                for blank in pending:
                    self.chunk_of[blank] = shared
                pending = []
            above = chunk
        for blank in pending:
            self.chunk_of[blank] = self.root


@lru_cache(maxsize=1)
def file_outline(text: str, language: str | None) -> Outline:
    """The outline of a whole file, without its final newline. The search and the checks share it."""
    return Outline(text.split("\n"), language, tree=file_tree(text + "\n", language))


def common(first: Chunk, second: Chunk) -> Chunk:
    """The innermost chunk around two chunks of one text."""
    around = {chunk.index for chunk in first.chain()}
    return next(chunk for chunk in second.chain() if chunk.index in around)


def _width(line: str) -> int:
    width = 0
    for character in line:
        if character == " ":
            width += 1
        elif character == "\t":
            width += _WIDTH_OF_TAB - width % _WIDTH_OF_TAB
        else:
            break
    return width
