"""One more among its likes: a route, a test, an element. And what only looks so: a new version of one that is there."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from candidates import assert_meant, ranked


class Kind(NamedTuple):
    """`part` with another NAME is another sibling; they stand between `before` and `after`."""

    language: str
    marker: str
    before: str
    part: str
    apart: str
    after: str
    indent: str = ""

    def file(self, *names: str) -> str:
        return self.before + self.apart.join(self.part.replace("NAME", name) for name in names) + self.after


COMMENT = "// ... existing code ...\n"
HASH = "# ... existing code ...\n"
KINDS = {
    "objects": Kind(
        "javascript",
        COMMENT,
        "const xs = [\n",
        "  {\n    name: 'NAME',\n    kind: 'disk',\n    size: 4,\n  },\n",
        "",
        "];\n\nexport default xs;\n",
        "  ",
    ),
    "routes": Kind(
        "javascript",
        COMMENT,
        "const app = express();\n\n",
        "app.get('/NAME', (req, res) => {\n  const rows = db.all('NAME');\n  res.json(rows);\n});\n",
        "\n",
        "\napp.listen(80);\n",
    ),
    "tests": Kind(
        "javascript",
        COMMENT,
        "describe('f', () => {\n",
        "  it('does NAME', () => {\n    const r = f(NAME);\n    expect(r).toBe(NAME);\n  });\n",
        "\n",
        "});\n",
        "  ",
    ),
    "cases": Kind(
        "c",
        COMMENT,
        "int f(int x) {\n  switch (x) {\n",
        '    case NAME:\n      log("n");\n      y = NAME;\n      break;\n',
        "",
        "    default:\n      y = 0;\n  }\n  return y;\n}\n",
        "    ",
    ),
    "yaml": Kind("yaml", HASH, "jobs:\n", "  - name: NAME\n    image: base\n    steps: 3\n", "", "other: 1\n", "  "),
    "calls": Kind("python", HASH, "URLS = [\n", '    path("NAME/", views.NAME, name="NAME"),\n', "", "]\n", "    "),
    "rules": Kind("css", "/* ... existing code ... */\n", "", ".NAME {\n  color: red;\n  margin: 0;\n}\n", "\n", ""),
    "structs": Kind("c", COMMENT, "", "struct NAME {\n\tint stream;\n\tint error;\n};\n", "\n", "\n#endif\n"),
    "fields": Kind(
        "typescript",
        COMMENT,
        "interface C {\n",
        "  /** NAME */\n  onNAME?: (\n    data: unknown,\n    v: unknown,\n  ) => void\n",
        "",
        "}\n",
        "  ",
    ),
}
THREE = ("Alpha", "Beta", "Gamma")


@pytest.mark.parametrize("name", KINDS)
def test_the_last_of_several_is_added(name: str) -> None:
    kind = KINDS[name]
    update = kind.before + kind.indent + kind.marker + kind.apart + kind.part.replace("NAME", "Delta") + kind.after
    assert_meant(kind.file(*THREE), update, kind.language, kind.file(*THREE, "Delta"))


@pytest.mark.parametrize("name", KINDS)
def test_the_first_of_several_is_added(name: str) -> None:
    kind = KINDS[name]
    update = kind.before + kind.part.replace("NAME", "Delta") + kind.apart + kind.indent + kind.marker
    assert_meant(kind.file(*THREE), update, kind.language, kind.file("Delta", *THREE))


@pytest.mark.parametrize("name", KINDS)
def test_one_is_added_below_the_one_that_is_shown(name: str) -> None:
    kind = KINDS[name]
    shown = kind.apart.join(kind.part.replace("NAME", part) for part in ("Beta", "Delta"))
    update = kind.indent + kind.marker + shown + kind.apart + kind.indent + kind.marker
    assert_meant(kind.file(*THREE), update, kind.language, kind.file("Alpha", "Beta", "Delta", "Gamma"))


@pytest.mark.parametrize("name", [name for name in KINDS if name != "structs"])  # definitions that are left out stay
def test_one_that_takes_the_place_of_another_between_its_neighbours_does_so(name: str) -> None:
    kind = KINDS[name]
    update = kind.file("Alpha", "Delta", "Gamma")
    assert_meant(kind.file(*THREE), update, kind.language, update)


def test_a_last_element_gets_its_comma() -> None:
    def items(*names: str) -> str:
        inside = ",\n".join(f'    {{\n      "id": "{name}",\n      "on": true\n    }}' for name in names)
        return f'{{\n  "items": [\n{inside}\n  ],\n  "v": 1\n}}\n'

    update = items("d").replace("    {\n", "    // ... existing code ...\n    {\n", 1)
    assert_meant(items("a", "b", "c"), update, "json", items("a", "b", "c", "d"))


def test_an_element_that_is_shown_with_its_comma_gets_no_second_one() -> None:
    original = 'enum Right {\n    READ("r", 1),\n    WRITE("w", 2);\n\n    final int mask;\n}\n'
    update = 'enum Right {\n    // ...\n    WRITE("w", 2),\n    ADMIN("a", 4);\n\n    // ...\n}\n'
    expected = original.replace("2);", '2),\n    ADMIN("a", 4);')
    assert_meant(original, update, "java", expected)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("it('does Beta'", "it('does Beta well'"),  # the same body
        ("expect(r).toBe(Beta)", "expect(r).toBe(7)"),
        ("f(Beta)", "f(Beta, 2)"),
    ],
)
def test_a_new_version_is_no_addition(old: str, new: str) -> None:
    kind = KINDS["tests"]
    original = kind.file(*THREE)
    part = kind.part.replace("NAME", "Beta").replace(old, new)
    update = kind.indent + kind.marker + kind.apart + part + kind.apart + kind.indent + kind.marker
    assert_meant(original, update, kind.language, original.replace(old, new))


def test_a_changed_line_among_alike_ones_is_no_addition() -> None:
    original = "LIMIT = 10\nLEAST = 1\nMOST = 5\nNAME = 'x'\n"
    for update in ("LIMIT = 20\n" + HASH, HASH + "MOST = 6\nNAME = 'x'\n", HASH + "LEAST = 2\n" + HASH):
        assert ranked(original, update, "python")[0].text.count("\n") == 4


def test_a_member_without_a_block_is_as_deep_as_its_siblings() -> None:
    doc = "        /// <summary>\n        /// {0}.\n        /// </summary>\n        public {1} {{ get; set; }}\n"
    said = [
        ("Turns diagnostics on", "bool Diag"),
        ("Where results are written", "FilePath Logger"),
        ("All", "Map Rest"),
    ]
    members = [doc.format(*each) for each in said]
    original = "namespace X\n{\n    public class Runner\n    {\n" + "\n".join(members) + "    }\n}\n"
    update = "/// <summary>\n/// Runs the tests in blame mode.\n/// </summary>\npublic bool Blame { get; set; }\n"
    new = doc.format("Runs the tests in blame mode", "bool Blame")
    expected = original.replace(members[0], members[0] + "\n" + new)
    assert_meant(original, update, "csharp", expected, "Add a Blame flag to Runner, after Diag")


def test_the_last_row_of_a_statement_hands_its_end_to_the_new_one() -> None:
    rows = "INSERT INTO reefs VALUES\n    (1, 'Apo', 1),\n    (2, 'Aldabra', 2);\n"
    update = "INSERT INTO reefs VALUES\n    -- ... existing rows ...\n    (3, 'Ningaloo', 2);\n"
    expected = rows.replace("2);", "2),") + "    (3, 'Ningaloo', 2);\n"
    original = rows + "\nINSERT INTO divers VALUES\n    (1, 'Ines', 2);\n"
    assert_meant(original, update, "sql", original.replace(rows, expected), "Add a reef at the end of the list.")
