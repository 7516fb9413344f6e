# ruff: noqa: E501 - one case a line
"""What users complain about in other tools, one small case each: the first candidate must be exactly right."""

from __future__ import annotations

import pytest
from candidates import assert_meant, ranked

from fastapply.errors import RejectedError

SHOP = '''import os
import sys

__version__ = "1.0"


class Cart:
    """Things to buy."""

    def __init__(self):
        self.items = []
        self.total = 0

    def add(self, item, price):
        self.items.append(item)
        self.total += price

    def clear(self):
        self.items = []
        self.total = 0


class Order:
    def __init__(self, cart):
        self.cart = cart

    def clear(self):
        self.cart = None


def main():
    cart = Cart()
    print(cart.total)
'''


def edited(*changes: tuple[str, str], text: str = SHOP) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def meant(update: str, expected: str, original: str = SHOP, language: str = "python") -> None:
    assert_meant(original, update, language, expected)


def test_single_line_replaces_the_line_with_the_same_key() -> None:
    update = '# ... existing code ...\n__version__ = "2.0"\n# ... existing code ...\n'
    meant(update, edited(('"1.0"', '"2.0"')))


def test_bare_method_replaces_the_method_of_that_name() -> None:
    update = "def add(self, item, price, count=1):\n    self.items += [item] * count\n    self.total += price * count\n"
    old = "    def add(self, item, price):\n        self.items.append(item)\n        self.total += price\n"
    new = "".join(f"    {line}\n" for line in update.splitlines())
    meant(update, edited((old, new)))


def test_bare_method_among_two_of_that_name_goes_where_its_lines_are() -> None:
    update = "def clear(self):\n    self.cart = None\n    self.done = True\n"
    meant(update, edited(("        self.cart = None\n", "        self.cart = None\n        self.done = True\n")))


def test_method_in_its_class_is_not_mistaken_for_its_namesake() -> None:
    update = "# ...\nclass Order:\n    # ...\n    def clear(self):\n        self.cart.clear()\n# ...\n"
    meant(update, edited(("        self.cart = None\n", "        self.cart.clear()\n")))


def test_new_method_stands_in_its_class_with_a_blank_line() -> None:
    update = """# ... existing code ...
class Cart:
    # ... existing code ...

    def clear(self):
        self.items = []
        self.total = 0

    def count(self):
        return len(self.items)
# ... existing code ...
"""
    old = "        self.items = []\n        self.total = 0\n\n\nclass Order"
    new = "        self.items = []\n        self.total = 0\n\n    def count(self):\n        return len(self.items)\n\n\nclass Order"
    meant(update, edited((old, new)))


def test_new_import_goes_among_the_imports() -> None:
    meant(
        "import os\nimport re\nimport sys\n# ... existing code ...\n", edited(("import os\n", "import os\nimport re\n"))
    )


def test_missing_markers_at_both_ends_keep_the_rest() -> None:
    update = "    def add(self, item, price):\n        self.items.append(item)\n        self.total += 2 * price\n"
    meant(update, edited(("self.total += price", "self.total += 2 * price")))


def test_definitions_without_markers_never_overwrite_the_file() -> None:
    update = """class Order:
    def __init__(self, cart):
        self.cart = cart
        self.paid = False
"""
    result = ranked(SHOP, update, "python")[0].text
    for line in SHOP.splitlines():
        assert line in result, f"lost: {line}"
    assert "self.paid = False" in result


def test_two_definitions_without_markers_keep_what_stands_between_them() -> None:
    original = "\n\n".join(f"def {name}():\n    return {name!r}\n" for name in ("one", "two", "three"))
    update = "def one():\n    return 1\n\n\ndef three():\n    return 3\n"
    meant(update, original.replace("'one'", "1").replace("'three'", "3"), original)


def test_whole_file_is_the_result() -> None:
    update = edited(("import sys\n", ""), ("print(cart.total)", "print(cart.items)"))
    meant(update, update)


def test_whole_file_drops_a_definition_that_it_leaves_out() -> None:
    update = edited(("    def clear(self):\n        self.cart = None\n", "    def close(self):\n        pass\n"))
    meant(update, update)


def test_neighbours_in_the_snippet_delete_the_lines_between_them() -> None:
    update = "# ...\n        self.items = []\n\n    def add(self, item, price):\n# ...\n"
    original = SHOP.replace("    def clear(self):\n        self.items = []\n        self.total = 0\n\n\n", "\n\n", 1)
    meant(
        update,
        original.replace("        self.items = []\n        self.total = 0\n", "        self.items = []\n", 1),
        original,
    )


def test_remove_marker_deletes_what_it_names() -> None:
    update = "# ... existing code ...\n    # remove add\n# ... existing code ...\n"
    old = "    def add(self, item, price):\n        self.items.append(item)\n        self.total += price\n\n"
    texts = [candidate.text for candidate in ranked(SHOP, update, "python")]
    assert edited((old, "")) in texts


def test_marker_words_in_a_docstring_stay_text() -> None:
    original = 'def f():\n    """\n    # ... existing code ...\n    """\n    return 1\n'
    update = 'def f():\n    """\n    # ... existing code ...\n    """\n    return 2\n'
    meant(update, update, original)


def test_dedented_snippet_is_moved_to_the_files_indentation() -> None:
    update = "def add(self, item, price):\n    self.items.append(item)\n    if price:\n        self.total += price\n"
    new = "        if price:\n            self.total += price\n"
    meant(update, edited(("        self.total += price\n", new)))


def test_tabs_stay_tabs() -> None:
    original = "func f() {\n\tx := 1\n\tg(x)\n}\n\nfunc h() {\n\tg(2)\n}\n"
    update = "func f() {\n\tx := 1\n\tif x > 0 {\n\t\tg(x)\n\t}\n}\n// ... existing code ...\n"
    meant(update, original.replace("\tg(x)\n", "\tif x > 0 {\n\t\tg(x)\n\t}\n"), original, "go")


def test_a_change_of_indentation_alone_is_possible() -> None:
    original = "def f(xs):\n    for x in xs:\n        g(x)\n        h(x)\n    return xs\n"
    update = "def f(xs):\n    for x in xs:\n        g(x)\n    h(x)\n    return xs\n"
    meant(update, update, original)


def test_repeated_blocks_are_told_apart_by_their_surroundings() -> None:
    case = "def test_{0}():\n    page = load('{0}')\n    assert page.ok\n    assert page.size == 3\n"
    original = "\n\n".join(case.format(name) for name in ("home", "cart", "help", "about"))
    update = """# ... existing code ...
def test_help():
    page = load('help')
    assert page.ok
    assert page.size == 4
# ... existing code ...
"""
    wanted = original.split("\n\n")
    meant(
        update,
        "\n\n".join(block.replace("== 3", "== 4") if "test_help" in block else block for block in wanted),
        original,
    )


def test_snippet_for_another_file_is_rejected() -> None:
    update = (
        "// ... existing code ...\nint frobnicate(struct widget *w)\n{\n\treturn w->n;\n}\n// ... existing code ...\n"
    )
    with pytest.raises(RejectedError):
        ranked(SHOP, update, "python")


def test_no_op_gives_the_original() -> None:
    """Without the deeper marker it would be a shorter method."""
    update = (
        "# ... existing code ...\n    def add(self, item, price):\n        self.items.append(item)\n"
        "        # ... existing code ...\n"
    )
    meant(update, SHOP)


def test_a_new_version_of_a_definition_leaves_the_next_one_alone() -> None:
    def function(name: str, *body: str) -> str:
        return "".join(f"{line}\n" for line in (f"def {name}(x):", *(f"    {each}" for each in body)))

    old, after = function("b", "check(x)", "x = b_1(x)", "return x"), function("c", "x = c_0(x)", "return x")
    original = f"import os\n\n\n{old}\n\n{after}"
    new = function("b", "return None")
    meant(f"# ... existing code ...\n{new}# ... existing code ...\n", original.replace(old, new), original)


def test_empty_file_becomes_the_update() -> None:
    meant("x = 1\n", "x = 1\n", "")


def test_missing_final_newline_stays_missing() -> None:
    original = SHOP.removesuffix("\n")
    meant('# ...\n__version__ = "2.0"\n# ...\n', original.replace("1.0", "2.0"), original)


def test_comments_and_imports_are_not_lost() -> None:
    original = "# keep me\nimport a\nimport b\n\n\ndef f():\n    # why\n    return 1\n"
    meant(
        "# ... existing code ...\ndef f():\n    # why\n    return 2\n",
        original.replace("return 1", "return 2"),
        original,
    )


@pytest.mark.parametrize(
    ("language", "original", "update", "old", "new"),
    [
        ("json", '{\n  "a": 1,\n  "b": {\n    "c": 2\n  }\n}\n', '{\n  // ...\n  "b": {\n    "c": 3\n  }\n}\n', "2", "3"),
        ("yaml", "a:\n  x: 1\n  y: 2\nb:\n  x: 1\n  y: 2\n", "# ...\nb:\n  x: 5\n  # ...\n", "b:\n  x: 1", "b:\n  x: 5"),
        ("css", ".a {\n  color: red;\n  top: 0;\n}\n\n.b {\n  color: red;\n}\n", "/* ... */\n.b {\n  color: blue;\n}\n", ".b {\n  color: red", ".b {\n  color: blue"),
        ("toml", "[a]\nv = 1\n\n[b]\nv = 1\n", "# ...\n[b]\nv = 2\n", "[b]\nv = 1", "[b]\nv = 2"),
        ("html", "<ul>\n  <li>one</li>\n  <li>two</li>\n</ul>\n", "<ul>\n  <!-- ... -->\n  <li>two</li>\n  <li>three</li>\n</ul>\n", "two</li>\n", "two</li>\n  <li>three</li>\n"),
        ("java", "class A {\n    int f() {\n        return 1;\n    }\n\n    int g() {\n        return 1;\n    }\n}\n", "int g() {\n    return 2;\n}\n", "g() {\n        return 1", "g() {\n        return 2"),
        ("javascript", "import a from 'a'\n\nexport const f = () => {\n  a()\n}\n\nexport const g = () => {\n  a()\n}\n", "// ...\nexport const g = () => {\n  a()\n  f()\n}\n", "g = () => {\n  a()\n", "g = () => {\n  a()\n  f()\n"),
        ("rust", "impl A {\n    fn f(&self) -> i32 {\n        1\n    }\n}\n\nimpl B {\n    fn f(&self) -> i32 {\n        1\n    }\n}\n", "// ...\nimpl B {\n    fn f(&self) -> i32 {\n        2\n    }\n}\n", "impl B {\n    fn f(&self) -> i32 {\n        1", "impl B {\n    fn f(&self) -> i32 {\n        2"),
        ("ruby", "class A\n  def f\n    1\n  end\n\n  def g\n    1\n  end\nend\n", "class A\n  # ...\n  def g\n    2\n  end\nend\n", "def g\n    1", "def g\n    2"),
        ("php", "<?php\nclass A {\n    function f() {\n        return 1;\n    }\n\n    function g() {\n        return 1;\n    }\n}\n", "// ...\n    function g() {\n        return 2;\n    }\n// ...\n", "g() {\n        return 1", "g() {\n        return 2"),
        ("markdown", "# T\n\n## A\n\ntext\n\n## B\n\ntext\n", "<!-- ... -->\n## B\n\nmore text\n", "## B\n\ntext", "## B\n\nmore text"),
        ("bash", "f() {\n  echo 1\n}\n\ng() {\n  echo 1\n}\n", "# ...\ng() {\n  echo 2\n}\n", "g() {\n  echo 1", "g() {\n  echo 2"),
        (None, "alpha one\nbeta two\ngamma three\n", "...\nbeta 2\n...\n", "beta two", "beta 2"),
    ],
)  # fmt: skip
def test_languages(language: str | None, original: str, update: str, old: str, new: str) -> None:
    assert original.count(old) == 1
    assert_meant(original, update, language, original.replace(old, new))


def test_remove_marker_takes_the_comment_of_the_named_value_along() -> None:
    original = "const a = 1;\n\n/**\n * Doc of b.\n */\nexport const b = 2;\n\nconst c = 3;\n"
    update = "const a = 1;\n// ... remove b ...\nconst c = 3;\n"
    meant(update, "const a = 1;\n\nconst c = 3;\n", original, "javascript")


@pytest.mark.parametrize("blanks", [0, 1, 2])
def test_a_new_definition_after_a_marker_goes_to_the_end_however_alike_the_others_are(blanks):
    original = "import sys\n\n\ndef first():\n    return 1\n\n\ndef second():\n    return 2\n"
    new = "def third():\n    return 3\n"
    update = "# ... existing code ...\n" + "\n" * blanks + new
    meant(update, original + "\n\n" + new, original)


def test_an_edit_too_large_to_align_is_rejected_in_one_line_before_it_takes_the_memory():
    original = "".join(f"value_{number} = {number} * 2\n" for number in range(4500))
    with pytest.raises(RejectedError, match="an edit of 4500 lines cannot be aligned with a file of 4500"):
        ranked(original, original.replace("* 2", "* 3"), "python")


def test_fewer_blank_lines_between_lines_of_the_file_change_none_of_them() -> None:
    both = "def first(a):\n    value = a\n    return value\n\n\ndef second(a):\n    value = -a\n    return value\n"
    original = both + "\n\nlast = 1\n"
    changed = both.replace("value = -a", "value = abs(a)")
    meant(changed.replace("\n\n\n", "\n\n") + "# ...\n", changed + "\n\nlast = 1\n", original)
    apart = changed.replace("    value = a\n", "    value = a\n\n")
    meant(apart + "# ...\n", apart + "\n\nlast = 1\n", original)  # one where there was none is meant
