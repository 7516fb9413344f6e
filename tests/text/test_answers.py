"""Answers of chat models: several blocks of code, and the prose around them."""

import pytest

from fastapply.text.formats import parse_update

C_FILE = """\
void fail(const char* message) {
  printf("%s\\n", message);
  exit(1);
}

int main(void) {
  char* buffer = read_all();
  check(buffer);
  return 0;
}
"""
IN_BLOCKS = """\
Two small changes:

```c
void fail(const char* message) {
  fprintf(stderr, "%s\\n", message);
  exit(1);
}
```

and free the buffer before returning:

```c
  check(buffer);
  free(buffer);
  return 0;
}
```
"""


def test_an_answer_may_come_in_several_blocks() -> None:
    first, second = (block.split("\n```")[0] for block in IN_BLOCKS.split("```c\n")[1:])
    expected = f"{first}\n... existing code ...\n{second}\n"
    assert parse_update(IN_BLOCKS, path="main.c", original=C_FILE).text == expected


@pytest.mark.parametrize(
    "more",
    [
        "Build it with\n\n```sh\nmake check\n```\n",
        'Then use it like this:\n\n```c\nint done(void) { fail("done"); }\n```\n',
        "Before:\n\n```c\n  check(buffer);\n  return 0;\n```\n",
        "It prints\n\n```\nno such file\n```\n",
        "Instead of\n\n```c\n  return 0;\n}\n```\n",  # says nothing that the file does not
    ],
)
def test_a_block_that_is_no_part_of_the_edit_is_left_out(more: str) -> None:
    alone = parse_update(IN_BLOCKS, path="main.c", original=C_FILE).text
    assert parse_update(IN_BLOCKS + more, path="main.c", original=C_FILE).text == alone


@pytest.mark.parametrize(
    ("above", "part"),
    [
        ("Two fields, below `name`:", True),  # shares no line with the file, and defines nothing
        ("You can now use it like this:", False),
        ("And in `other.c`:", False),
        ("In `main.c`, at the top:", True),
    ],
)
def test_a_block_in_the_language_of_the_file_belongs_to_the_edit_unless_prose_says_otherwise(
    above: str, part: bool
) -> None:
    update = parse_update(f"{IN_BLOCKS}\n{above}\n\n```c\n  int size;\n```\n", path="main.c", original=C_FILE)
    assert ("int size;" in update.text) is part
    assert update.left_out == (() if part else ("int size;",))
    assert update.said.endswith(above.replace(":", "."))  # a sentence of its own


def test_in_restructured_text_a_fence_is_not_content() -> None:
    update = "The macro becomes:\n\n```jinja\n    {% macro page() %}\n      <b>1</b>\n    {% endmacro %}\n```\n"
    original = "Pages\n=====\n\n.. code-block:: jinja\n\n    {% macro page() %}\n    {% endmacro %}\n"
    assert parse_update(update, path="docs/page.rst", original=original).text.startswith("    {% macro")
    assert parse_update(update, path="docs/page.md", original=original).text == update
