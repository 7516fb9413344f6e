"""The languages: their names, their files, and how they write comments. A new language is a row here.

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
    """`extensions`, `files`: the extensions and the whole names of its files, in lower case."""

    comments: Comments
    extensions: str = ""
    files: str = ""


LANGUAGES = {
    "python": Language(HASH, "py pyi pyw"),
    "javascript": Language(SLASHES, "js jsx mjs cjs"),
    "typescript": Language(SLASHES, "ts mts cts"),
    "tsx": Language(SLASHES, "tsx"),
    "go": Language(SLASHES, "go"),
    "rust": Language(SLASHES, "rs"),
    "java": Language(SLASHES, "java"),
    "c": Language(SLASHES, "c h"),
    "cpp": Language(SLASHES, "cc cpp cxx hh hpp hxx ipp"),
    "csharp": Language(SLASHES, "cs"),
    "ruby": Language(HASH, "rb rake gemspec", "gemfile rakefile"),
    "php": Language(PHP, "php"),
    "bash": Language(HASH, "sh bash zsh", ".bashrc .zshrc"),
    "html": Language(MARKUP, "html htm xhtml"),
    "css": Language(STARS, "css"),
    "scss": Language(SLASHES, "scss"),
    "json": Language(SLASHES, "json jsonc webmanifest"),  # has no comments, but its grammar accepts these
    "yaml": Language(HASH, "yml yaml"),
    "toml": Language(HASH, "toml"),
    "markdown": Language(MARKUP, "md markdown"),
    "kotlin": Language(SLASHES, "kt kts"),
    "swift": Language(SLASHES, "swift"),
    "lua": Language(DASHES, "lua"),
    "sql": Language(DASHES, "sql"),
    "scala": Language(SLASHES, "scala sc"),
    "dart": Language(LIKE_SLASHES, "dart"),
    "elixir": Language(HASH, "ex exs"),
    "haskell": Language(DASHES, "hs"),
    "ocaml": Language(Comments("(* {} *)"), "ml"),
    "perl": Language(HASH, "pl pm"),
    "r": Language(HASH, "r"),
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
