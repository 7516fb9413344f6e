"""A text cut into a tree of chunks: imports, definitions, members and blocks, with the path of chunks above each line.

Nesting is read from the indentation and names are read from the syntax tree. Snippets are not whole programs, and a
broken parse gives a broken nesting, while indentation nests a snippet in the same way as the file that it was cut from.
Knows one text at a time; nothing here compares two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from itertools import takewhile

import Levenshtein
from tree_sitter import Node, Tree

from fastapply.align.languages import (
    MARKUP,
    comment,
    count_errors,
    embedded_language,
    file_tree,
    parse,
    parse_fragment,
)

_FUNCTION = re.compile(
    r"(?:singleton_|local_)?(?:function|method|constructor|destructor|generator_function|macro|subroutine)"
    r"(?:_definition|_declaration|_item|_signature|_statement|_signature_item|_elem|_def)?"
    r"|preproc_function_def|init_declaration|accessor_declaration|protocol_function_declaration"
)
_TYPE = re.compile(
    r"(?:abstract_)?(?:class|struct|interface|enum|trait|union|record|module|namespace|object|protocol|annotation_type"
    r"|extension|mod|impl|mixin|internal_module|type)"
    r"(?:_definition|_declaration|_specifier|_item)?"
    r"|type_spec|type_alias_declaration|type_item|type_definition|rule_set|table|table_array_element|section"
    r"|file_scoped_namespace_declaration|rule|media_statement|keyframes_statement"
)
_IMPORT = re.compile(
    r"import_.*|use_declaration|using_directive|using_declaration|preproc_include|package_.*|extern_crate_declaration"
    r"|namespace_use_declaration|future_import_statement|load_statement"
)
_VALUE = re.compile(
    r"(?:augmented_)?assignment(?:_expression|_statement)?|variable_declarator|variable_assignment|(?:short_)?var_.*"
    r"|const_.*|static_item|let_declaration|(?:field|property|event)_(?:declaration|definition|signature|element)"
    r"|public_field_definition|pair|block_mapping_pair|flow_pair|init_declarator|declaration|enum_.*|enumerator"
    r"|keyed_element|attribute|jsx_attribute|env_pair|label_pair|preproc_def|(?:variable|lexical|local)_declaration"
    r"|local_variable_declaration|pair_pattern"
    r"|keyword_argument|field_initializer|assignment_statement|method_spec|method_elem|labeled_statement"
)
_FUNCTION_VALUE = re.compile(r"arrow_function|function_expression|generator_function|function_definition|func_literal")
_WRAPPER = re.compile(r"export_statement|ambient_declaration|decorated_definition|template_declaration")
_LITERAL = re.compile(
    r"(?!concatenated).*(?:string|heredoc|comment|template_string|raw_text|code_fence_content|char_literal).*"
)
_IMPORT_FIELDS = ("module_name", "source", "path", "argument", "name")
_NAME_FIELDS = ("name", "declarator", "left", "key", "property", "pattern", "type", "function", "method", "path")
_NAME_TYPES = re.compile(
    r".*(?:identifier|name|key|selectors|constant|heading|title|start_tag|self_closing_tag|word|media_query|inline)"
)
_NOT_NAMES = re.compile(r"(?:modifier|attribute|annotation|decorator|visibility|storage|type_qualifier).*")

# A line that goes on with the chunk of the line that opened it, at the same indentation.
_CLOSER = re.compile(
    r"[)\]}>]|</|\{\s*$|(?:end|else|elif|elsif|elseif|except|finally|catch|rescue|ensure|then|fi|done|esac)\b"
)
CLOSES = re.compile(r"[)\]}>]|</|(?:end|fi|done|esac)\b")
CONTINUES = re.compile(r"(?:else|elif|elsif|elseif|except|finally|catch|rescue|ensure|then)\b")
_LEADING = re.compile(r"@\w|#\[|#!\[|//|/\*|\*|#(?!include|define|if|el|end|un)|--|\[\w+.*\]\s*$|<!--|template\s*<")
_DIRECTIVE = re.compile(r"#\s*(?:if|else|elif|endif|define|undef|pragma|include|region|endregion)")
OPENER = re.compile(r".*(?:[{(\[:>]|->|\bdo(?:\s*\|[^|]*\|)?|\bthen)\s*")
_WORD = re.compile(r"\w+")
_LEAST_LIKE = 0.6
_WIDTH_OF_TAB = 4
_DEEPEST = 8  # levels of titles


@dataclass(slots=True)
class Chunk:
    """Lines [start, end) of a text. `kind` is "file", "type", "function", "import", "value" or "block".

    A block's `name` is its first line. `header` is the line that names the chunk; decorators and comments may stand
    between `start` and there.
    """

    index: int
    kind: str
    name: str
    start: int
    end: int
    header: int
    parent: Chunk | None = None
    children: list[Chunk] = field(default_factory=list)

    closed: bool = False  # its last line closes it: "}", "end", ...

    @property
    def is_definition(self) -> bool:
        return self.kind in ("function", "type")

    def chain(self) -> Iterator[Chunk]:
        """This chunk and those around it, the file last."""
        chunk: Chunk | None = self
        while chunk is not None:
            yield chunk
            chunk = chunk.parent


@dataclass(slots=True)
class LineInfo:
    """What the syntax tree says of one line: the thing that starts on it, and whether it stands inside a literal."""

    kind: str = ""
    name: str = ""
    inside: bool = False  # goes on with a string or comment of the line above
    comment: bool = False

    @property
    def is_definition(self) -> bool:
        return self.kind in ("function", "type") and bool(self.name)

    @property
    def label(self) -> str:
        """Kind and name in one."""
        return f"{self.kind} {self.name}"


class Outline:
    """The lines of a text and the chunk that each belongs to.

    `stripped[k]` is line k without the white space around it, `width[k]` its indentation in columns, `info[k]` what the
    syntax tree says, `chunk_of[k]` its innermost chunk. `markers` are lines that stand for others. `whole` is the file
    that these lines are a part of: it names the definitions that the parser cannot make out in a fragment. `tree` is
    the syntax tree of the lines, if it is known.
    """

    def __init__(
        self,
        lines: list[str],
        language: str | None,
        markers: frozenset[int] = frozenset(),
        whole: Outline | None = None,
        tree: Tree | None = None,
    ) -> None:
        self.lines = lines
        self.language = language
        self.markers = markers
        self.stripped = [line.strip() for line in lines]
        self.info = _line_infos(lines, language, markers, tree)
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
                (Levenshtein.ratio(text, header), theirs) for chunk, header, theirs in headers if chunk.name in words
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
        """How deep each title of a document stands, from 1: by its number signs, or by what underlines it, in the
        order in which these come."""
        titles = [k for k, info in enumerate(self.info) if info.kind == "type"]
        if self.language == "markdown":
            return {k: len(self.stripped[k]) - len(self.stripped[k].lstrip("#")) for k in titles}
        lines = {k: self.stripped[k + 1][:1] for k in titles if k + 1 < len(self.stripped)}
        signs = list(dict.fromkeys(lines.values()))
        return {k: signs.index(sign) + 1 for k, sign in lines.items()}

    def _nest(self) -> None:
        """Fill `chunks` and `chunk_of` for all lines but the blank ones, by indentation."""
        solid = [k for k, text in enumerate(self.stripped) if text]
        widths = self._solid_widths(solid)
        stack: list[tuple[int, Chunk]] = [(-1, self.root)]
        for at, k in enumerate(solid):
            width, info = widths[at], self.info[k]
            if info.inside:
                self.chunk_of[k] = self.chunk_of[solid[at - 1]] if at else self.root
                continue
            while stack[-1][0] > width:
                stack.pop()
            closer = bool(_CLOSER.match(self.stripped[k])) and k not in self.markers
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

    def _open(self, line: int, parent: Chunk) -> Chunk:
        info = self.info[line]
        name = info.name or self.stripped[line]
        chunk = Chunk(len(self.chunks), info.kind or "block", name, line, line + 1, line, parent)
        parent.children.append(chunk)
        self.chunks.append(chunk)
        return chunk

    def _solid_widths(self, solid: list[int]) -> list[int]:
        """Indentation of the lines that are not blank; markers, comments and directives far to the left follow the
        line below, since they end no chunk."""
        widths = [self.width[k] for k in solid]
        floor = 0
        for at in range(len(solid) - 1, -1, -1):
            k = solid[at]
            loose = k in self.markers or self.info[k].comment or _DIRECTIVE.match(self.stripped[k])
            if loose and at + 1 < len(solid) and widths[at] < floor:
                widths[at] = floor
            if not self.info[k].inside:
                floor = widths[at]
        return widths

    def _adopt_leading_lines(self) -> None:
        """Decorators, attributes and comments right above a definition belong to it."""
        for chunk in self.chunks:
            if not chunk.is_definition or chunk.parent is None:
                continue
            k = chunk.header - 1
            while k >= 0 and self.chunk_of[k] is chunk.parent and self._leads(k):
                self.chunk_of[k] = chunk
                chunk.start = k
                k -= 1

    def _leads(self, k: int) -> bool:
        if k in self.markers or not self.stripped[k]:
            return False
        return self.info[k].comment or self.info[k].inside or bool(_LEADING.match(self.stripped[k]))

    def _place_blank_lines(self) -> None:
        """A blank line belongs to the chunk that both of its neighbours stand in."""
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
    """The outline of a whole file (without its final newline), which its merges and their checks share."""
    return Outline(text.split("\n"), language, tree=file_tree(text + "\n", language))


def common(first: Chunk, second: Chunk) -> Chunk:
    """The innermost chunk around both (of one text)."""
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


def _line_infos(lines: list[str], language: str | None, markers: frozenset[int], tree: Tree | None) -> list[LineInfo]:
    infos = [LineInfo() for _ in lines]
    shift = 0
    if tree is None or tree.root_node.has_error or language == "php":  # else no frame can make it any better
        shown = [_indent(line) + comment(language, "...") if k in markers else line for k, line in enumerate(lines)]
        parsed = _embedded_fragment(shown, language, markers) or parse_fragment("\n".join(shown), language)
        if parsed is None:
            return infos
        tree, shift = parsed
    firsts = [len((_indent(line)).encode()) for line in lines]
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        row, column = node.start_point
        row -= shift
        last = min(node.end_point[0] - shift - (node.end_point[1] == 0), len(lines) - 1)
        if last > row and node.type == "raw_text" and (inner := _embedded_tree(node)) is not None:
            _note_all(inner, row, lines, infos)
            continue
        if last > row and _LITERAL.fullmatch(node.type):
            for k in range(max(row + 1, 0), last + 1):
                infos[k].inside = True
                infos[k].comment = "comment" in node.type
        leads = 0 <= row < len(lines) and column == firsts[row]
        if leads:
            _note(node, row, shift, infos)
        if last > row:
            stack.extend(reversed(node.children))
        elif leads:
            stack.extend(reversed(_leading(node)))
    return infos


def _leading(node: Node) -> list[Node]:
    """The children that begin where a node does: of what stands in one line, no others lead it."""
    start = node.start_point
    return list(takewhile(lambda child: child.start_point == start, node.children))


def _note_all(tree: Tree, first: int, lines: list[str], infos: list[LineInfo]) -> None:
    """Write down what the tree of an embedded text says, whose first row is line `first`."""
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        row = node.start_point[0] + first
        last = min(node.end_point[0] + first - (node.end_point[1] == 0), len(lines) - 1)
        if last > row and _LITERAL.fullmatch(node.type):
            for k in range(row + 1, last + 1):
                infos[k].inside = True
                infos[k].comment = "comment" in node.type
        if row < len(lines) and node.start_point[1] == len(_indent(lines[row]).encode()):
            _note(node, row, -first, infos)
        stack.extend(reversed(node.children))


def _embedded_tree(raw: Node) -> Tree | None:
    """The tree of a script or a style sheet inside of markup."""
    tag = _text(raw.parent.children[0]) if raw.parent is not None and raw.parent.children else ""
    return parse(_text(raw), embedded_language(tag))


def _embedded_fragment(shown: list[str], language: str | None, markers: frozenset[int]) -> tuple[Tree, int] | None:
    """The tree of lines that come from a script or a style sheet inside of markup; None where they are markup."""
    code = [line.strip() for k, line in enumerate(shown) if line.strip() and k not in markers]
    if language not in MARKUP or not code or any(line.startswith("<") for line in code):
        return None
    plain = ["" if k in markers else line for k, line in enumerate(shown)]
    found = [parse_fragment("\n".join(plain), name) for name in ("typescript", "css")]
    return min((each for each in found if each is not None), key=lambda each: count_errors(each[0]), default=None)


def _note(node: Node, row: int, shift: int, infos: list[LineInfo]) -> None:
    """Write down what `node`, the first thing of line `row`, defines."""
    if "comment" in node.type:
        infos[row].comment = True
        return
    while _WRAPPER.fullmatch(node.type) and node.named_children:
        node = node.named_children[-1]
    kind = _kind_of(node.type)
    if not kind or not node.is_named:
        return
    name = _name_of(node)
    if name is None:
        return
    line = name.start_point[0] - shift
    if kind == "import" or node.type == "type_definition":  # C names a struct below its members
        line = row
    if line != node.start_point[0] - shift and node.start_point[0] - shift != row and kind != "import":
        return  # a wrapper around something that has a line of its own
    if row <= line < len(infos) and not infos[line].kind:
        infos[line].kind = "function" if kind == "value" and _is_function(node) else kind
        infos[line].name = _text(name).split("\n")[0].strip("\"'` ").lstrip("# " if node.type == "section" else "")
        infos[line].name = _named_by_macro(node) or infos[line].name
        owner = node.child_by_field_name(
            {"impl_item": "trait", "singleton_method": "object"}.get(node.type, "receiver")
        )
        infos[line].name += "".join(f" {word}" for word in _WORD.findall(_text(owner))[-1:])


def _is_function(node: Node) -> bool:
    """Does what is declared or assigned have a function for its value: `const run = () => {`?"""
    for child in node.named_children:
        if _FUNCTION_VALUE.fullmatch(child.type):
            return True
        if child.type.endswith(("declarator", "expression_list")) and _is_function(child):
            return True
    return False


def _named_by_macro(node: Node) -> str:
    """The name of what a macro of C defines, as "Empty TimeTest" for `TEST(TimeTest, Empty) {`; "" for all else."""
    declarator = node.child_by_field_name("declarator")
    if node.type != "function_definition" or declarator is None or node.child_by_field_name("type") is not None:
        return ""
    called = declarator.child_by_field_name("declarator")
    inside = node.parent is not None and node.parent.type == "field_declaration_list"  # a constructor
    if called is None or called.type != "identifier" or inside:
        return ""
    return " ".join(reversed(_WORD.findall(_text(declarator.child_by_field_name("parameters")))))


def _text(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node else ""


@cache  # a grammar has some hundred types
def _kind_of(node_type: str) -> str:
    for kind, pattern in (("function", _FUNCTION), ("import", _IMPORT), ("type", _TYPE), ("value", _VALUE)):
        if pattern.fullmatch(node_type):
            return kind
    return ""


def _name_of(node: Node) -> Node | None:
    """The node that names `node`: down its name-like fields, else the first child that looks like a name."""
    for field_name in _IMPORT_FIELDS if _IMPORT.fullmatch(node.type) else _NAME_FIELDS:
        child = node.child_by_field_name(field_name)
        if child is not None and child.type.endswith(("declarator", "_spec")):
            return _name_of(child) or child
        if child is not None:
            return child
    for child in node.named_children[:4]:
        if _NAME_TYPES.fullmatch(child.type) and not _NOT_NAMES.fullmatch(child.type):
            return child
        if child.type.endswith(("declarator", "declaration", "_spec", "element", "pattern")):
            return _name_of(child)
    return None


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
