"""What the syntax tree says about each line: what it defines, and whether it is inside a literal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, takewhile

from tree_sitter import Node, Tree

from fastapply.align.languages import MARKUP, count_errors, embedded_language, parse, parse_fragment
from fastapply.text.comments import comment
from fastapply.text.lines import indent_of

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
    r"|namespace_use_declaration|future_import_statement|load_statement|using_statement|use_statement"
)
_CALL = re.compile(r"call|call_expression|function_call|command")
_CALLED_IMPORT = re.compile(  # imports that are calls: of Ruby, R, Elixir, Julia and shells
    r"(?:require(?:_relative)?|library|alias|import|use|source|\.)(?:\s+|\()[\"']?(?P<what>[\w./:-]+)[\"')]*\s*"
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
_UNDERLINE = re.compile(r"([^\w\s])\1{2,}")  # of a title
_IMPORT_FIELDS = ("module_name", "source", "path", "argument", "name")
_NAME_FIELDS = ("name", "declarator", "left", "key", "property", "pattern", "type", "function", "method", "path")
_NAME_TYPES = re.compile(
    r".*(?:identifier|name|key|selectors|constant|heading|start_tag|self_closing_tag|word|media_query|inline)"
)
_NOT_NAMES = re.compile(r"(?:modifier|attribute|annotation|decorator|visibility|storage|type_qualifier).*")
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class LineInfo:
    """The definition, import or value that starts on a line, and whether the line is inside a literal."""

    kind: str = ""
    name: str = ""
    inside: bool = False  # continues a string or comment from the line above
    comment: bool = False

    @property
    def is_definition(self) -> bool:
        return self.kind in ("function", "type") and bool(self.name)

    @property
    def label(self) -> str:
        """Kind and name in one string."""
        return f"{self.kind} {self.name}"


def line_infos(lines: list[str], language: str | None, markers: frozenset[int], tree: Tree | None) -> list[LineInfo]:
    """The info of each line. `markers` are the lines that stand for others. `tree` is the syntax tree of the lines, if
    known."""
    infos = [LineInfo() for _ in lines]
    if language == "rst":
        _note_titles(lines, infos)
        return infos
    shift = 0
    # No frame around the lines can improve a tree without errors.
    if tree is None or tree.root_node.has_error or language == "php":
        parsed = _fragment_tree(lines, language, markers)
        if parsed is None:
            return infos
        tree, shift = parsed
    encoded = [line.encode("utf-8", "surrogatepass") for line in lines]
    _read_tree(tree, shift, encoded, [len(line) - len(line.lstrip(b" \t")) for line in encoded], infos)
    return infos


def _note_titles(lines: list[str], infos: list[LineInfo]) -> None:
    """The titles of reStructuredText: lines above an underline that is as long."""
    for k, (title, below) in enumerate(pairwise(map(str.rstrip, lines))):
        if title and _UNDERLINE.fullmatch(below) and len(below) >= len(title) and not _UNDERLINE.fullmatch(title):
            infos[k].kind, infos[k].name = "type", title.strip()


def _fragment_tree(lines: list[str], language: str | None, markers: frozenset[int]) -> tuple[Tree, int] | None:
    """The tree of lines that may be any part of a file, and the row of line 0 in it. Markers are parsed as comments."""
    shown = [indent_of(line) + comment(language, "...") if k in markers else line for k, line in enumerate(lines)]
    return _embedded_fragment(shown, language, markers) or parse_fragment("\n".join(shown), language)


def _read_tree(tree: Tree, shift: int, lines: list[bytes], firsts: list[int], infos: list[LineInfo]) -> None:
    """Fill `infos` from a tree whose row `shift` is line 0. `firsts[k]` is the byte at which line k's text starts."""
    stack = [tree.root_node]
    while stack:
        node = stack.pop()
        (row, column), (end, end_column) = node.start_point, node.end_point
        row -= shift
        last = min(end - shift - (end_column == 0), len(infos) - 1)
        if last > row and node.type == "raw_text" and (inner := _embedded_tree(node)) is not None:
            _read_tree(inner, -row, lines, firsts, infos)
            continue
        if last > row and _LITERAL.fullmatch(node.type):
            if row >= 0 and _ends_literal(node, lines[row]):
                continue
            for k in range(max(row + 1, 0), last + 1):
                infos[k].inside = True
                infos[k].comment = "comment" in node.type
        leads = 0 <= row < len(infos) and column == firsts[row]
        if leads:
            _note(node, row, shift, infos)
        if last > row:
            stack.extend(reversed(node.children))
        elif leads:
            stack.extend(reversed(_leading(node)))


def _ends_literal(node: Node, line: bytes) -> bool:
    """Does a literal begin with a quote that has its partner before it in the line? Then the grammar has misunderstood
    the line, and everything down to the next quote."""
    column = node.start_point[1]
    quote = line[column : column + 1]
    return quote in (b'"', b"'", b"`") and line.count(quote, 0, column) % 2 == 1


def _leading(node: Node) -> list[Node]:
    """The children that begin where a node does. Within a single line, no other child can be first."""
    start = node.start_point
    return list(takewhile(lambda child: child.start_point == start, node.children))


def _embedded_tree(raw: Node) -> Tree | None:
    """The tree of a script or style sheet inside markup."""
    tag = _text(raw.parent.children[0]) if raw.parent is not None and raw.parent.children else ""
    return parse(_text(raw), embedded_language(tag))


def _embedded_fragment(shown: list[str], language: str | None, markers: frozenset[int]) -> tuple[Tree, int] | None:
    """The tree of lines from a script or style sheet inside markup. None if the lines are markup themselves."""
    code = [line.strip() for k, line in enumerate(shown) if line.strip() and k not in markers]
    if language not in MARKUP or not code or any(line.startswith("<") for line in code):
        return None
    plain = ["" if k in markers else line for k, line in enumerate(shown)]
    found = [parse_fragment("\n".join(plain), name) for name in ("typescript", "css")]
    return min((each for each in found if each is not None), key=lambda each: count_errors(each[0]), default=None)


def _note(node: Node, row: int, shift: int, infos: list[LineInfo]) -> None:
    """Record what `node`, the first node of line `row`, defines."""
    kind = _kind_of(node.type)
    if kind == "comment":
        infos[row].comment = True
        return
    if not kind and _CALL.fullmatch(node.type) and (found := _CALLED_IMPORT.fullmatch(_text(node))):
        infos[row].kind, infos[row].name = "import", found["what"]
        return
    while kind == "wrapper" and node.named_children:
        node = node.named_children[-1]
        kind = _kind_of(node.type)
    if kind in ("", "comment", "wrapper") or not node.is_named:
        return
    name = _name_of(node)
    if name is None:
        return
    line = name.start_point[0] - shift
    if kind == "import" or node.type == "type_definition":  # C names a struct below its members
        line = row
    if line != node.start_point[0] - shift and node.start_point[0] - shift != row and kind != "import":
        return  # `node` wraps a definition that starts on a later line
    if row <= line < len(infos) and not infos[line].kind:
        infos[line].kind = "function" if kind == "value" and _is_function(node) else kind
        infos[line].name = _full_name(node, name)


def _full_name(node: Node, name: Node) -> str:
    """The name of what `node` defines, followed by the trait or receiver that a method belongs to."""
    text = _text(name).split("\n")[0].strip("\"'` ").lstrip("# " if node.type == "section" else "")
    owner = node.child_by_field_name({"impl_item": "trait", "singleton_method": "object"}.get(node.type, "receiver"))
    return (_named_by_macro(node) or text) + "".join(f" {word}" for word in _WORD.findall(_text(owner))[-1:])


def _is_function(node: Node) -> bool:
    """Is the declared or assigned value a function, as in `const run = () => {`?"""
    for child in node.named_children:
        if _FUNCTION_VALUE.fullmatch(child.type):
            return True
        if child.type.endswith(("declarator", "expression_list")) and _is_function(child):
            return True
    return False


def _named_by_macro(node: Node) -> str:
    """The name of a definition made by a C macro: "Empty TimeTest" for `TEST(TimeTest, Empty) {`. "" for other
    nodes."""
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
    """What a node of this type defines, or "comment", or "wrapper" if what it wraps may define something."""
    if "comment" in node_type:
        return "comment"
    if _WRAPPER.fullmatch(node_type):
        return "wrapper"
    for kind, pattern in (("function", _FUNCTION), ("import", _IMPORT), ("type", _TYPE), ("value", _VALUE)):
        if pattern.fullmatch(node_type):
            return kind
    return ""


def _name_of(node: Node) -> Node | None:
    """The node that names `node`: a name-like field, or else the first child that looks like a name."""
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
