"""Markers that share their line with code."""

import pytest

from fastapply.text.inline import filled_in

ORIGINAL = """\
class Lift {
  open(door) {
    door.slide();
    this.count += 1;
  }
  floor() { return this.at; }
}
const main = { host: 'a.example', port: Number(env.PORT ?? 80), pool: 2 };
const side = { host: 'b.example', port: 81, pool: 2 };
call(first, [1, 2], { wait: 1 });
call(second, [3, 4], { wait: 1 });
const port = choose(
  8080,
  env.PORT,
);
"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("call(second, /* unchanged */, { wait: 5 });", "call(second, [3, 4], { wait: 5 });"),
        ("const main = { host: 'c.example', port: /* ... */, pool: 9 };",
         "const main = { host: 'c.example', port: Number(env.PORT ?? 80), pool: 9 };"),
        ("  floor() { /* existing code */ }", "  floor() { return this.at; }"),
        ("  open(door) { /* unchanged */ }", "  open(door) {\n    /* unchanged */\n  }"),
        ("  open(door) { // (unchanged) }", "  open(door) {\n    // (unchanged)\n  }"),
        ("  open(door, slow) { ... }", "  open(door, slow) {\n    // ...\n  }"),
        ("const port = choose(/* same arguments */);", "const port = choose(\n  // ...\n);"),
        ("const port = choose(...);", "const port = choose(\n  // ...\n);"),
        ("    pass  # unchanged", "    # unchanged"),
        ("    ...  # rest of the body unchanged", "    # rest of the body unchanged"),
        ("def close(self): pass  # unchanged", "def close(self):\n  # unchanged"),
    ],
)  # fmt: skip
def test_what_the_marker_stands_for(line: str, expected: str) -> None:
    assert filled_in(f"  x\n{line}\n", ORIGINAL) == f"  x\n{expected}\n"


@pytest.mark.parametrize(
    "line",
    [
        "call(third, /* unchanged */, { wait: 5 });",  # which one?
        "call(first, /* retries */ 3, { wait: 1 });",
        "const f = (...args) => { ...args };",
        "x = 1  # unchanged",
        "+  open(door) { /* unchanged */ }",
        "    pass  # nothing to do",
    ],
)
def test_other_lines_stay(line: str) -> None:
    assert filled_in(f"{line}\n", ORIGINAL) == f"{line}\n"


def test_a_line_of_the_file_is_no_marker() -> None:
    original = "def f():\n    pass  # unchanged\n"
    assert filled_in(original, original) == original


QUOTED = """\
/**
 * Frames are counted from 0, so the last one is one less than the length.
 * See the notes.
 */
function frames() {
  // Some decoders count from 1: https://example.com/decoders#numbering-of-frames
  return length;
}
/* One line about the cache. */
"""


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("  // Some decoders count ...",
         "  // Some decoders count from 1: https://example.com/decoders#numbering-of-frames"),
        ("    // Some decoders count from 1: https://example.com/decoders#\u2026",
         "    // Some decoders count from 1: https://example.com/decoders#numbering-of-frames"),
        (" * Frames are counted from 0, so the last one ...\n * See the notes.",
         " * Frames are counted from 0, so the last one is one less than the length.\n * See the notes."),
        (" * Frames are counted from 0, ...\n */",
         " * Frames are counted from 0, so the last one is one less than the length.\n"
         " * ... existing comment ...\n */"),
    ],
)  # fmt: skip
def test_a_comment_quoted_in_short_is_the_one_of_the_file(lines: str, expected: str) -> None:
    assert filled_in(f"x\n{lines}\n", QUOTED) == f"x\n{expected}\n"


@pytest.mark.parametrize(
    "line",
    [
        "  // Some decoders count from 1",  # a new comment, perhaps
        "  // Some encoders count ...",
        "  // Some ...",
        "  log('Some decoders count ...');",
        "  // ... existing code ...",
    ],
)
def test_what_is_not_quoted_in_short_stays(line: str) -> None:
    assert filled_in(f"{line}\n", QUOTED) == f"{line}\n"


def test_a_docstring_quoted_in_short() -> None:
    original = 'def f():\n    """Turn the page when the reader asks.\n\n    Slowly.\n    """\n    return 1\n'
    update = 'def f():\n    """Turn the page ..."""\n    return 2\n'
    first = '    """Turn the page when the reader asks.'
    assert filled_in(update, original) == f'def f():\n{first}\n    ... existing comment ...\n    """\n    return 2\n'


def test_a_docstring_of_dots_is_the_one_of_the_file() -> None:
    original = 'def f():\n    """Turn the page."""\n    return 1\n'
    assert filled_in('def f(a):\n    """..."""\n', original) == "def f(a):\n    # ... existing docstring ...\n"
    stub = original.replace("Turn the page.", "...")
    assert filled_in(stub, stub) == stub
