"""The line units of a source text: imports, definitions, members, statements and comments that fill whole lines.

One rule serves every language: a named syntax node is a unit if nothing else is on its first and last line, except for
a comma, a semicolon or a comment. A caller that removes a unit must check the syntax with `parses`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tree_sitter import Node

from fastapply.align import languages

_IMPORT = re.compile(r"import|use_declaration|preproc_include|using_directive|namespace_use_decl|extern_crate")
_DEFINITION = re.compile(
    r"^(decorated_definition|template_declaration|method|singleton_method|class|module|rule_set|section|table|"
    r"(\w+_)?(function|method|class|struct|interface|enum|impl|trait|mod|namespace|constructor|type_alias|type|record|"
    r"abstract_class|union|macro|property|object|value)_(definition|declaration|item|specifier)|media_statement|keyframes_statement)$"
)
_COMMENT = re.compile(r"comment")
_MEMBER = re.compile(
    r"pair|field|property|_item$|enum|variant|argument|parameter|element$|^declaration$|_arm$|case|attribute|spec$"
)
_SPECIAL_BODY = re.compile(r"(^|_)(block|body|list|list_item_content|stream|document|mapping|sequence|tag|inline)$")
# fmt: off
_NOT_UNITS = frozenset({
    "source_file", "program", "module_root", "translation_unit", "stylesheet", "compound_statement", "arguments",
    "parameters", "formal_parameters", "else_clause", "elif_clause", "catch_clause", "finally_clause",
    "except_clause", "then",
    "decorator", "do_block", "object_type", "flow_node", "block_node", "template_string", "string",
    "string_content", "heredoc_body", "text", "jsx_text", "jsx_opening_element", "jsx_closing_element", "else",
    "elsif", "ensure", "rescue", "ERROR", "document", "body_statement", "compilation_unit", "begin",
    "string_literal", "raw_text", "section_content", "block_continuation", "info_string", "code_fence_content",
    "fenced_code_block_delimiter", "fragment", "attribute_item", "inner_attribute_item", "line_comment_content",
    "character_data", "base_clause", "binary_expression", "heredoc_redirect", "concatenated_string",
    "atx_heading", "tag_name", "selectors", "boolean_operator", "STag", "ETag", "block_start", "block_end",
})
# fmt: on
_WRAPPERS = frozenset(("decorated_definition", "template_declaration", "export_statement"))
_BLOCKS = frozenset(("compound_statement", "statement_block", "block"))
_OPAQUE = re.compile(r"string|comment|heredoc|jsx_text|^text$|raw_text|template|regex|paragraph|fenced_code|char_lit")
_LEADING = re.compile(r"comment|attribute_item|^attribute_list$|^annotation$")
_TRAILER = re.compile(r"^\s*[,;]?\s*(#.*|//.*|/\*.*\*/|--.*)?$")
_FUNCTION_VALUE = re.compile(r"(arrow_function|function_expression|function|lambda)$")


@dataclass(frozen=True, slots=True)
class Unit:
    """Lines [start, end) of a text, counted from 0.

    `head` is the first line after leading comments and attributes. `body` is the first line inside (== end without
    inner units) and `closer` the first line of the closing brackets (== end without any). `parent` is an index into the
    list of units, -1 at the top.
    """

    kind: str  # import, definition, member, statement, comment
    type: str
    name: str
    start: int
    head: int
    body: int
    closer: int
    end: int
    parent: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """A token of the syntax tree on line `row`, characters [start, end)."""

    type: str
    text: str
    row: int
    start: int
    end: int
    parent: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text with its lines (without line ends), units and tokens. `params` are single-line parameter lists."""

    language: str
    lines: tuple[str, ...]
    units: tuple[Unit, ...]
    leaves: tuple[Leaf, ...]
    params: tuple[Leaf, ...]

    def siblings(self, parent: int) -> list[int]:
        """The indices of the units directly inside `parent`, in order, including comments."""
        return [i for i, unit in enumerate(self.units) if unit.parent == parent]


def parses(text: str, language: str) -> bool:
    """Whether tree-sitter finds no syntax error in the text; False for a language without grammar."""
    tree = languages.parse(text, language)
    return tree is not None and not tree.root_node.has_error


def parse(text: str, language: str) -> Parsed | None:
    """Units and tokens of `text`, which must be LF; None if it has a syntax error or no grammar."""
    tree = languages.parse(text, language)
    if tree is None or tree.root_node.has_error:
        return None
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    walk = _Walk(lines)
    walk.visit(tree.root_node, -1)
    units = _with_bodies(_with_leading(walk.units, walk.leading, lines), lines)
    return Parsed(language, tuple(lines), tuple(units), tuple(walk.leaves), tuple(walk.params))


class _Walk:
    """Collects units and leaves of one tree, in document order."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.raw = [line.encode() for line in lines]
        self.units: list[Unit] = []
        self.leaves: list[Leaf] = []
        self.params: list[Leaf] = []
        self.leading: set[int] = set()

    def visit(self, node: Node, parent: int) -> None:
        for child in node.children:
            self._visit_child(child, node, parent)

    def _visit_child(self, child: Node, node: Node, parent: int) -> None:
        kind_type = child.type
        inside = parent
        if child.is_named and (span := self._whole_lines(child)) is not None:
            if _LEADING.search(kind_type):
                self.leading.update(range(*span))
            if self._is_unit(child, span, parent):
                self.units.append(_unit(child, span, parent))
                inside = len(self.units) - 1
        if not child.children or _OPAQUE.search(kind_type):
            self._leaf(child, node.type, self.leaves)
        if kind_type.endswith(("parameters", "parameter_list")):
            self._leaf(child, node.type, self.params)
        if not _OPAQUE.search(kind_type) or kind_type in ("template_declaration", "template_element", "template_body"):
            self.visit(child, inside)

    def _is_unit(self, node: Node, span: tuple[int, int], parent: int) -> bool:
        if node.type == "string" and node.parent is not None and node.parent.type in ("block", "module"):
            return True  # a docstring
        if node.type in _BLOCKS and node.parent is not None and node.parent.type == node.type:
            return True  # a block among statements
        if node.type == "block" and node.parent is not None and node.parent.type == "body":
            return True  # HCL
        if node.type in _NOT_UNITS or _SPECIAL_BODY.search(node.type):
            return False
        if span == (0, len(self.lines)) and _kind(node) != "definition":
            return False
        if parent < 0:
            return True
        inner = node.parent is not None and node.parent.type in _WRAPPERS
        return (self.units[parent].start, self.units[parent].end) != span and not inner

    def _whole_lines(self, node: Node) -> tuple[int, int] | None:
        """The node's line range, or None if it shares its first or last line with code outside it."""
        (first, column), (last, end_column) = node.start_point, node.end_point
        if end_column == 0 and last > first:
            last, end_column = last - 1, len(self.raw[last - 1])
        if last >= len(self.raw) or self.raw[first][:column].strip():
            return None
        tail = self.raw[last][end_column:].decode(errors="ignore")
        if tail and not _TRAILER.match(tail):
            return None
        while last > first and not self.raw[last].strip():
            last -= 1
        return first, last + 1

    def _leaf(self, node: Node, parent: str, into: list[Leaf]) -> None:
        (row, start), (last, end) = node.start_point, node.end_point
        if row != last or row >= len(self.raw):
            return
        raw = self.raw[row]
        if len(raw) != len(self.lines[row]):
            start, end = (len(raw[:column].decode(errors="ignore")) for column in (start, end))
        into.append(Leaf(node.type, self.lines[row][start:end], row, start, end, parent))


def _unit(node: Node, span: tuple[int, int], parent: int) -> Unit:
    start, end = span
    return Unit(_kind(node), node.type, _name(node), start, start, end, end, end, parent)


def _kind(node: Node) -> str:
    kind = node.type
    if kind == "export_statement" and (inner := node.child_by_field_name("declaration")) is not None:
        return _kind(inner)
    if _COMMENT.search(kind) or kind == "string":
        return "comment"
    if _IMPORT.search(kind):
        return "import"
    if _DEFINITION.search(kind) or _holds_function(node):
        return "definition"
    return "member" if _MEMBER.search(kind) else "statement"


def _holds_function(node: Node) -> bool:
    """Whether a node such as `const f = () => {...}` defines a function, although the grammar calls it otherwise."""
    if node.type not in ("lexical_declaration", "variable_declaration", "public_field_definition"):
        return False
    declarator = next((child for child in node.children if child.type == "variable_declarator"), node)
    value = declarator.child_by_field_name("value")
    return value is not None and bool(_FUNCTION_VALUE.search(value.type))


def _name(node: Node) -> str:
    for field in ("name", "key", "declarator", "definition", "declaration", "left", "path"):
        found = node.child_by_field_name(field)
        if found is not None:
            deeper = _name(found) if field in ("declarator", "definition", "declaration") else ""
            return deeper or _short(found)
    if node.type == "impl_item" and (found := node.child_by_field_name("type")) is not None:
        return _short(found)
    for child in node.named_children[:2]:
        if child.type in ("start_tag", "self_closing_tag", "jsx_opening_element", "STag"):
            return _short(child.named_children[0]) if child.named_children else ""
        if child.type in ("variable_declarator", "selectors", "atx_heading", "type_spec", "const_spec"):
            return _name(child) or _short(child)
    return ""


def _short(node: Node) -> str:
    text = (node.text or b"").decode(errors="replace").strip().strip("\"'#<> ")
    return text if len(text) <= 60 and "\n" not in text else ""


def _with_leading(units: list[Unit], leading: set[int], lines: list[str]) -> list[Unit]:
    """The units, with definitions and members starting at the comments and attributes directly above them."""
    result = []
    for unit in units:
        start = unit.start
        if unit.kind in ("definition", "member"):
            while start - 1 in leading and lines[start - 1].strip():
                start -= 1
        result.append(replace(unit, start=start))
    return result


def _with_bodies(units: list[Unit], lines: list[str]) -> list[Unit]:
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for unit in units:
        first[unit.parent] = min(first.get(unit.parent, unit.start), unit.start)
        last[unit.parent] = max(last.get(unit.parent, unit.end), unit.end)
    result = []
    for index, unit in enumerate(units):
        if index in first and first[index] > unit.head:
            closer = last[index]
            while closer < unit.end and not lines[closer].strip():
                closer += 1
            unit = replace(unit, body=first[index], closer=closer)
        result.append(unit)
    return result


def enclosing(parsed: Parsed, line: int, *, kinds: frozenset[str] = frozenset({"definition"})) -> Iterator[Unit]:
    """The units whose body contains `line`, outermost first."""
    for unit in parsed.units:
        if unit.kind in kinds and unit.body <= line < unit.closer:
            yield unit
