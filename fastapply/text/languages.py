"""The languages: their names, their files, their comments, and what they look like. A new language is a row here.

Names are those of tree-sitter's grammars, which `align/languages` loads.
"""

from __future__ import annotations

from typing import NamedTuple


class Comments(NamedTuple):
    """How some languages write comments. `form`: a whole-line comment, with {} for its words. `openers`: what opens a
    comment, as `comments.uncomment` names it; empty: whatever opens one in any language."""

    form: str
    openers: frozenset[str] = frozenset()


_C_LIKE = frozenset({"//", "/*", "{/*"})
_TAGS = frozenset({"<!--", "{{!--", "<%--", "<%#", "{#", "{#-", "@*"})

SLASHES = Comments("// {}", _C_LIKE)
STARS = Comments("/* {} */", _C_LIKE)
PHP = Comments("// {}", _C_LIKE | {"#", "<!--"})
HASH = Comments("# {}", frozenset({"#"}))
MARKUP = Comments("<!-- {} -->", _TAGS | _C_LIKE)
DASHES = Comments("-- {}", frozenset({"--", "/*", "--[[", "{-"}))

# Their other openers are not listed.
LIKE_SLASHES = Comments("// {}")
LIKE_HASH = Comments("# {}")


class Language(NamedTuple):
    """`extensions`, `files`: the extensions and the whole names of its files, in lower case. `pattern`: a regular
    expression for what occurs in its files and not in prose (MULTILINE); empty: a text without a name is never taken
    for it. `dots`: dots alone on a line are code, an argument."""

    comments: Comments
    extensions: str = ""
    files: str = ""
    pattern: str = ""
    dots: bool = False


_TYPED = r"\b(?:const|let|var) \w+|\bfunction\b|=>|^[ \t]*(?:import|export|interface|type|class)\b"

# A text without a name that fits several languages equally well is taken for the first of them.
LANGUAGES = {
    "json": Language(  # has no comments, but its grammar accepts these
        SLASHES, "json jsonc webmanifest", pattern=r"\A\s*[{\[]\s*(?:[\"{\[\d]|[}\]]\s*\Z)"
    ),
    "python": Language(
        HASH,
        "py pyi pyw",
        pattern=r"^[ \t]*(?:async def|def|class) \w+.*:"
        r"|^(?:import [\w.]+|from [\w.]+ import .*)$|^[ \t]*(?:if|for) .*:$",
    ),
    "go": Language(SLASHES, "go", pattern=r"^package \w+[ \t]*$|^func .*\{"),
    "rust": Language(
        SLASHES, "rs", pattern=r"^[ \t]*(?:pub(?:\(\w+\))? )?(?:fn|struct|impl|enum|mod|trait|use)\b.*[{;][ \t]*$"
    ),
    "java": Language(
        SLASHES,
        "java",
        pattern=r"^[ \t]*(?:import|package) [\w.*]+;|^[ \t]*(?:public|private|protected|class|interface) .*[{;][ \t]*$",
    ),
    "csharp": Language(
        SLASHES, "cs", pattern=r"^[ \t]*(?:using|namespace) [\w.]+\s*[;{]?[ \t]*$|^[ \t]*(?:public|private|internal) .*"
    ),
    "kotlin": Language(
        SLASHES, "kt kts", pattern=r"^[ \t]*(?:(?:private|override|suspend) )?(?:fun|val|var|object) \w+"
    ),
    "javascript": Language(
        SLASHES,
        "js jsx mjs cjs",
        pattern=r"\b(?:const|let|var) \w+|\bfunction\b|=>|\brequire\(|^[ \t]*(?:import|export)\b",
    ),
    "typescript": Language(SLASHES, "ts mts cts", pattern=_TYPED),
    "tsx": Language(SLASHES, "tsx", pattern=_TYPED),
    "c": Language(
        SLASHES, "c h", pattern=r"^[ \t]*#\s*(?:include|define|if)|^\w[\w *]*\([^;\n]*\)\s*\{?[ \t]*$|\bstruct \w+"
    ),
    "cpp": Language(
        SLASHES,
        "cc cpp cxx hh hpp hxx ipp",
        pattern=r"^[ \t]*#\s*(?:include|define|if)|\b(?:template|namespace|class|std::)|^\w[\w *&:<>]*\([^;\n]*\)",
    ),
    "ruby": Language(
        HASH,
        "rb rake gemspec",
        "gemfile rakefile",
        pattern=r"^[ \t]*(?:def|module|class) [\w.:?!]+|^[ \t]*require\b|^[ \t]*end[ \t]*$",
    ),
    "php": Language(PHP, "php", pattern=r"<\?php"),
    "css": Language(STARS, "css", pattern=r"^[\w.#*:@\[][^;{}]*\{[ \t]*$"),
    "bash": Language(
        HASH,
        "sh bash zsh",
        ".bashrc .zshrc",
        pattern=r"^[ \t]*(?:fi|done|esac)[ \t]*$|^[ \t]*(?:if|for|while) .*; (?:then|do)$|^export \w+=",
    ),
    "html": Language(MARKUP, "html htm xhtml"),
    "scss": Language(SLASHES, "scss"),
    "yaml": Language(HASH, "yml yaml"),
    "toml": Language(HASH, "toml"),
    "markdown": Language(MARKUP, "md markdown"),
    "swift": Language(SLASHES, "swift"),
    "lua": Language(DASHES, "lua"),
    "sql": Language(DASHES, "sql"),
    "scala": Language(SLASHES, "scala sc"),
    "dart": Language(LIKE_SLASHES, "dart"),
    "elixir": Language(HASH, "ex exs"),
    "haskell": Language(DASHES, "hs"),
    "ocaml": Language(Comments("(* {} *)"), "ml"),
    "perl": Language(HASH, "pl pm"),
    "r": Language(HASH, "r", dots=True),
    "julia": Language(LIKE_HASH, "jl"),
    "zig": Language(LIKE_SLASHES, "zig"),
    "vue": Language(MARKUP, "vue"),
    "svelte": Language(MARKUP, "svelte"),
    "xml": Language(MARKUP, "xml svg"),
    "hcl": Language(LIKE_HASH, "hcl tf"),
    "proto": Language(LIKE_SLASHES, "proto"),
    "graphql": Language(LIKE_HASH, "graphql gql"),
    "cmake": Language(LIKE_HASH, "cmake", "cmakelists.txt"),
    "make": Language(HASH, "mk", "makefile"),
    "dockerfile": Language(LIKE_HASH, files="dockerfile"),
    "ini": Language(Comments("; {}"), "ini cfg"),
    "objc": Language(LIKE_SLASHES, "m"),
    "groovy": Language(LIKE_SLASHES, "groovy gradle"),
    "gomod": Language(LIKE_SLASHES, files="go.mod"),
    "powershell": Language(LIKE_HASH, "ps1"),
    "erlang": Language(Comments("% {}"), "erl"),
    "clojure": Language(Comments("; {}"), "clj cljs"),
}

EXTENSIONS = frozenset(word for language in LANGUAGES.values() for word in language.extensions.split())
