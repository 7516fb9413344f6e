"""Code templates by language for made edits: wrappers, stubs, parameters, log lines.

`{i}` is one indentation step, `{c}` a condition, `{n}` a name, `{body}` the wrapped lines.
"""

from __future__ import annotations

WRAPPERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "python": (
        ("if {c}:", "{body}"),
        ("try:", "{body}", "except {e}:", "{i}{r}"),
        ("with {n}_lock:", "{body}"),
        ("with self.lock:", "{body}"),
        ("for {n} in {n}s:", "{body}"),
        ("if not {n}:", "{i}{r}", "else:", "{body}"),
    ),
    "javascript": (
        ("if ({c}) {", "{body}", "}"),
        ("try {", "{body}", "} catch (err) {", "{i}console.error(err);", "}"),
        ("if ({c}) {", "{body}", "} else {", "{i}return null;", "}"),
        ("for (const {n} of {n}s) {", "{body}", "}"),
    ),
    "java": (
        ("if ({c}) {", "{body}", "}"),
        ("try {", "{body}", "} finally {", "{i}lock.unlock();", "}"),
        ("synchronized (this) {", "{body}", "}"),
    ),
    "csharp": (
        ("if ({c})", "{", "{body}", "}"),
        ("lock (_sync)", "{", "{body}", "}"),
        ("try", "{", "{body}", "}", "finally", "{", "{i}Release();", "}"),
    ),
    "c": (("if ({c}) {", "{body}", "}"), ("while ({c}) {", "{body}", "}"), ("do {", "{body}", "} while ({c});")),
    "cpp": (("if ({c}) {", "{body}", "}"), ("try {", "{body}", "} catch (const std::exception& e) {", "{i}{r}", "}")),
    "php": (
        ("if ({c}) {", "{body}", "}"),
        ("try {", "{body}", "} catch (\\Exception $e) {", "{i}$this->logger->error($e->getMessage());", "}"),
    ),
    "go": (
        ("if {c} {", "{body}", "}"),
        ("for _, {n} := range {n}s {", "{body}", "}"),
        ("go func() {", "{body}", "}()"),
    ),
    "rust": (("if {c} {", "{body}", "}"), ("loop {", "{body}", "}"), ("if let Some({n}) = {n} {", "{body}", "}")),
    "ruby": (
        ("if {c}", "{body}", "end"),
        ("begin", "{body}", "rescue StandardError => e", "{i}logger.error(e.message)", "end"),
        ("unless {c}", "{body}", "end"),
    ),
    "bash": (('if [ -n "${n}" ]; then', "{body}", "fi"), ('for {n} in "$@"; do', "{body}", "done")),
    "html": (('<div class="{n}-wrapper">', "{body}", "</div>"), ('<section id="{n}">', "{body}", "</section>")),
    "css": (("@media (min-width: 768px) {", "{body}", "}"), ("@supports (display: grid) {", "{body}", "}")),
}
WRAPPERS["typescript"] = WRAPPERS["javascript"]
WRAPPERS["tsx"] = WRAPPERS["javascript"]

CONDITIONS: dict[str, tuple[str, ...]] = {
    "python": ("{n} is not None", "{n}", "not {n}", "len({n}) > 0", "{n} in self.cache", "isinstance({n}, str)"),
    "javascript": ("{n}", "!{n}", "{n} !== undefined", "{n}.length > 0", "typeof {n} === 'string'", "options.{n}"),
    "java": ("{n} != null", "{n} > 0", "!{n}.isEmpty()", "enabled"),
    "csharp": ("{n} != null", "{n} is not null", "{n}.Count > 0", "_enabled"),
    "c": ("{n} != NULL", "{n}", "!{n}", "{n} > 0"),
    "cpp": ("{n} != nullptr", "{n}", "!{n}", "!{n}.empty()"),
    "php": ("${n} !== null", "!empty(${n})", "isset(${n})", "$this->enabled"),
    "go": ("{n} != nil", "len({n}) > 0", "!{n}", "ok"),
    "rust": ("{n}.is_some()", "!{n}.is_empty()", "{n}", "{n} > 0"),
    "ruby": ("{n}", "{n}.nil?", "{n}.any?", "!{n}"),
}
CONDITIONS["typescript"] = CONDITIONS["javascript"]
CONDITIONS["tsx"] = CONDITIONS["javascript"]

HANDLERS = ("pass", "return None", "raise", 'logger.exception("failed")', "continue_on_error = True")
EXCEPTIONS = ("ValueError", "KeyError", "OSError", "Exception", "(TypeError, ValueError)", "TimeoutError as error")

STUBS: dict[str, tuple[str, ...]] = {
    "python": ("raise NotImplementedError", "pass", "return None", "...", 'raise NotImplementedError("{n}")'),
    "javascript": ("throw new Error('not implemented');", "// TODO: implement", "return null;"),
    "java": ("throw new UnsupportedOperationException();", "// TODO: implement", "return null;"),
    "csharp": ("throw new NotImplementedException();", "// TODO", "return null;"),
    "c": ("return 0;", "/* TODO: implement */", "return NULL;"),
    "cpp": ("return {};", "// TODO: implement", 'throw std::logic_error("not implemented");'),
    "php": ("throw new \\RuntimeException('Not implemented');", "// TODO: implement", "return null;"),
    "go": ('panic("not implemented")', "return nil", "// TODO: implement"),
    "rust": ("todo!()", "unimplemented!()", 'panic!("not implemented")'),
    "ruby": ("raise NotImplementedError", "nil", "# TODO: implement"),
    "bash": ('echo "not implemented" >&2', "return 1", ":"),
}
STUBS["typescript"] = STUBS["javascript"]
STUBS["tsx"] = STUBS["javascript"]

PARAMETERS: dict[str, tuple[str, ...]] = {
    "python": ("timeout=None", "strict=False", "*, verbose: bool = False", 'encoding="utf-8"', "limit: int = 100"),
    "javascript": ("options", "timeout = 1000", "strict = false", "callback", "{ signal } = {}"),
    "typescript": ("options: Options = {}", "timeout = 1000", "strict?: boolean", "signal?: AbortSignal"),
    "java": ("boolean strict", "int timeout", "String name", "final Context context"),
    "csharp": ("bool strict = false", "CancellationToken cancellationToken = default", "int timeout"),
    "c": ("int flags", "size_t limit", "void *context", "const char *name"),
    "cpp": ("int flags", "bool strict = false", "const std::string& name"),
    "php": ("bool $strict = false", "?int $timeout = null", "array $options = []"),
    "go": ("strict bool", "timeout time.Duration", "opts ...Option", "name string"),
    "rust": ("strict: bool", "timeout: Duration", "name: &str", "limit: usize"),
    "ruby": ("strict: false", "timeout = nil", "options = {}", "limit: 100"),
}
PARAMETERS["tsx"] = PARAMETERS["typescript"]

NEW_STATEMENTS: dict[str, tuple[str, ...]] = {
    "python": (
        'logger.debug("{n}: %s", {n})',
        'print(f"{n} = {{n}}")',
        'if {n} is None:\n{i}raise ValueError("{n} is required")',
        "if not {n}:\n{i}return None",
        "assert {n} is not None",
        "{n}_count = len({n})",
    ),
    "javascript": (
        "console.log('{n}', {n});",
        "if (!{n}) {\n{i}throw new Error('{n} is required');\n}",
        "if ({n} === undefined) {\n{i}return;\n}",
        "const {n}Count = {n}.length;",
    ),
    "java": (
        'log.debug("{n}: {}", {n});',
        'if ({n} == null) {\n{i}throw new IllegalArgumentException("{n} == null");\n}',
        'Objects.requireNonNull({n}, "{n}");',
    ),
    "csharp": (
        '_logger.LogDebug("{n}");',
        "if ({n} == null)\n{\n{i}throw new ArgumentNullException(nameof({n}));\n}",
        "ArgumentNullException.ThrowIfNull({n});",
    ),
    "c": ("assert({n} != NULL);", "if ({n} == NULL) {\n{i}return NULL;\n}", 'fprintf(stderr, "{n}\\n");'),
    "cpp": ("assert({n});", "if (!{n}) {\n{i}return;\n}", 'std::cerr << "{n}" << std::endl;'),
    "php": (
        "if (${n} === null) {\n{i}throw new \\InvalidArgumentException('{n} is required');\n}",
        "$this->logger->debug('{n}', ['{n}' => ${n}]);",
    ),
    "go": (
        'log.Printf("{n}: %v", {n})',
        'if {n} == nil {\n{i}return nil, errors.New("{n} is required")\n}',
        'defer func() { log.Println("done") }()',
    ),
    "rust": (
        'debug!("{n}: {:?}", {n});',
        "if {n}.is_empty() {\n{i}return Err(Error::Empty);\n}",
        "assert!(!{n}.is_empty());",
    ),
    "ruby": ('logger.debug("{n}: #{{n}}")', "return if {n}.nil?", "raise ArgumentError, '{n} is required' unless {n}"),
    "bash": ('echo "{n}: ${n}"', 'if [ -z "${n}" ]; then\n{i}return 1\nfi', "set -x"),
    "css": ("display: flex;", "margin: 0 auto;", "color: inherit;", "transition: opacity 0.2s ease;"),
}
NEW_STATEMENTS["typescript"] = NEW_STATEMENTS["javascript"]
NEW_STATEMENTS["tsx"] = NEW_STATEMENTS["javascript"]

OPERATORS = {
    "==": "!=", "!=": "==", "===": "!==", "!==": "===", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "and": "or",
    "or": "and", "&&": "||", "||": "&&", "+": "-", "-": "+", "*": "/", "+=": "-=", "-=": "+=", "true": "false",
    "false": "true", "True": "False", "False": "True", "None": "0", "is": "is not", "in": "not in", "++": "--",
    "nil": "false", "public": "private", "private": "protected", "let": "const", "const": "let", "let_": "var",
}  # fmt: skip

# fmt: off
WORDS = (
    "default", "current", "internal", "shared", "cached", "pending", "remote", "local", "primary", "extra",
    "legacy", "strict", "async", "custom", "parsed", "resolved", "active", "final", "initial",
)
# fmt: on
