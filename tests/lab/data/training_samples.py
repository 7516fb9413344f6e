"""A few lines of every language that alignment knows: enough to make an edit of."""
# ruff: noqa: E501

from __future__ import annotations


def _braces(head: str, lines: str, name: str = "part") -> str:
    """Three definitions with three statements each."""
    return "\n\n".join(
        head.replace("NAME", f"{name}{n}") + " {\n" + lines.replace("N", str(n + 2)) + "}" for n in range(3)
    )


_C = "    int total = first * N;\n    int other = total + second;\n    return other;\n"
_JS = "  const total = first * N;\n  const other = total + second;\n  return other;\n"

SAMPLES: dict[str, str] = {
    "python": "".join(f"def part{n}(first, second):\n    total = first * {n}\n    return total\n\n\n" for n in range(3)),
    "javascript": _braces("function NAME(first, second)", _JS),
    "typescript": _braces("function NAME(first: number, second: number): number", _JS),
    "tsx": _braces("function NAME(first: number, second: number)", _JS.replace("other;\n", "<b>{other}</b>;\n")),
    "go": "package demo\n\n" + _braces("func NAME(first int) int", "\ttotal := first * N\n\treturn total\n"),
    "rust": _braces("fn NAME(first: u32) -> u32", "    let total = first * N;\n    total + 1\n"),
    "java": "class Demo {\n" + _braces("    int NAME(int first, int second)", _C) + "\n}",
    "c": _braces("int NAME(int first, int second)", _C),
    "cpp": _braces("int NAME(int first, int second)", _C),
    "csharp": "class Demo\n{\n" + _braces("    int NAME(int first, int second)", _C) + "\n}",
    "ruby": "\n".join(f"def part{n}(first)\n  total = first * {n}\n  total + 1\nend\n" for n in range(3)),
    "php": "<?php\n\n" + _braces("function NAME($first)", "    $total = $first * N;\n    return $total;\n"),
    "bash": _braces("NAME()", '  local first="$1"\n  echo "$first N"\n  return 0\n'),
    "html": "<html>\n<body>\n" + "".join(f'  <div id="a{n}">\n    <p>text {n}</p>\n  </div>\n' for n in range(4)) + "</body>\n</html>",
    "css": _braces(".NAME", "  color: red;\n  margin: Npx;\n  width: 10px;\n"),
    "scss": _braces(".NAME", "  color: red;\n  margin: Npx;\n  width: 10px;\n"),
    "json": '{\n  "name": "demo",\n  "one": 1,\n  "two": 2,\n  "three": 3,\n  "four": 4\n}',
    "yaml": "name: demo\none: 1\ntwo: 2\njobs:\n  build: yes\n  test: no\n  count: 3",
    "toml": '[package]\nname = "demo"\nversion = "1.0.0"\n\n[build]\njobs = 4\ntarget = "x"\n',
    "markdown": "# Title\n\nSome words about the first thing.\n\n## Second\n\nOther words about the second.\n\n## Third\n\nThe end of it.",
    "kotlin": _braces("fun NAME(first: Int): Int", "    val total = first * N\n    return total\n"),
    "swift": _braces("func NAME(first: Int) -> Int", "    let total = first * N\n    return total\n"),
    "lua": "\n".join(f"function part{n}(first)\n  local total = first * {n}\n  return total\nend\n" for n in range(3)),
    "sql": "\n".join(f"CREATE TABLE part{n} (\n  id INT,\n  name TEXT,\n  size INT\n);\n" for n in range(3)),
    "scala": "object Demo {\n" + _braces("  def NAME(first: Int): Int =", "    val total = first * N\n    total\n") + "\n}",
    "dart": _braces("int NAME(int first)", "  var total = first * N;\n  return total;\n"),
    "elixir": "defmodule Demo do\n" + "\n".join(f"  def part{n}(first) do\n    total = first * {n}\n    total\n  end\n" for n in range(3)) + "end",
    "haskell": "module Demo where\n\n" + "\n".join(f"part{n} :: Int -> Int\npart{n} first = first * {n}\n" for n in range(4)),
    "ocaml": "\n".join(f"let part{n} first =\n  let total = first * {n} in\n  total\n" for n in range(4)),
    "perl": _braces("sub NAME", "  my $first = shift;\n  my $total = $first * N;\n  return $total;\n"),
    "r": _braces("NAME <- function(first)", "  total <- first * N\n  print(total)\n  total\n"),
    "julia": "\n".join(f"function part{n}(first)\n  total = first * {n}\n  return total\nend\n" for n in range(3)),
    "zig": _braces("fn NAME(first: u32) u32", "    const total = first * N;\n    return total;\n"),
    "vue": "<template>\n  <div>\n    <p>one</p>\n    <p>two</p>\n    <p>three</p>\n  </div>\n</template>\n\n<script>\nexport default {}\n</script>",
    "svelte": "<script>\n  let a = 1;\n</script>\n\n<div>\n  <p>one</p>\n  <p>two</p>\n  <p>three</p>\n</div>",
    "xml": "<list>\n" + "".join(f'  <item id="{n}">\n    <name>n{n}</name>\n  </item>\n' for n in range(4)) + "</list>",
    "hcl": _braces('resource "thing" "NAME"', '  name = "aN"\n  size = N\n  kind = "x"\n'),
    "proto": 'syntax = "proto3";\n\n' + _braces("message NAME", "  string name = 1;\n  int32 size = N;\n"),
    "graphql": _braces("type NAME", "  name: String\n  size: Int\n  kind: String\n"),
    "cmake": "project(demo)\nset(ONE 1)\nset(TWO 2)\nadd_library(a a.c)\nadd_library(b b.c)\nadd_executable(main main.c)",
    "make": "\n".join(f"part{n}: first second\n\techo {n}\n\ttouch part{n}\n" for n in range(3)),
    "ini": "[one]\nname = a\nsize = 1\n\n[two]\nname = b\nsize = 2\nkind = x\n",
    "objc": _braces("int NAME(int first, int second)", _C),
    "groovy": _braces("int NAME(int first)", "    def total = compute(first, N)\n    return total\n"),
    "powershell": _braces("function NAME", "    $total = $first * N\n    Write-Output $total\n"),
    "erlang": "-module(demo).\n\n" + "\n".join(f"part{n}(First) ->\n    Total = First * {n},\n    Total.\n" for n in range(3)),
    "clojure": "\n".join(f"(defn part{n}\n  [first]\n  (let [total (* first {n})]\n    total))\n" for n in range(4)),
    "dockerfile": "FROM debian:12\nRUN apt-get update\nRUN make\nCOPY a /a\nCOPY b /b\nCMD /a\n",
    "gomod": "module demo\n\ngo 1.22\n\nrequire (\n\texample.org/a v1.0.0\n\texample.org/b v1.2.0\n\texample.org/c v1.3.0\n)",
}  # fmt: skip
