"""What tools do to an update on its way is undone; what the file shows to be content stays."""

import html
import json
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fastapply.text.apply_blocks import apply_replacements
from fastapply.text.cleaning import cleaned
from fastapply.text.formats import parse_update

GO = """\
package tide

// Level is the height of the water.
func Level(hour int) float64 {
	if hour < 0 || hour > 23 {
		return 0
	}
	return table[hour&15]
}

func Name() string {
	return "tide \\"north\\""
}
"""
SNIPPET = """\
func Level(hour int) float64 {
	if hour < 0 || hour > 47 {
		return 0
	}
	return table[hour&15]
}
"""
NUMBERED = "# Plan\n\n1: pack\n2: sail\n3: rest\n"


def numbered(text: str, form: str, start: int = 4) -> str:
    return "".join(form.format(start + i, line) + "\n" for i, line in enumerate(text.splitlines()))


FORMS = ["{:6}\t{}", "{:3}| {}", "{:3} | {}", "{}: {}", "{}:{}", "L{}: {}", "{:6}→{}", "{:4}│{}", "line {}: {}"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("fence", ["", "```go\n"])
def test_the_gutter_of_a_listing_goes(form: str, fence: str) -> None:
    close = "```\n" if fence else ""
    assert cleaned(fence + numbered(SNIPPET, form) + close, GO, "tide.go") == fence + SNIPPET + close


@pytest.mark.parametrize("form", FORMS)
def test_markers_need_no_number(form: str) -> None:
    marker = "// ... existing code ...\n"
    assert cleaned(marker + numbered(SNIPPET, form) + marker, GO, "tide.go") == marker + SNIPPET + marker


@pytest.mark.parametrize("form", FORMS)
def test_the_gutters_of_both_sides_go_and_tell_the_place(form: str) -> None:
    old = "\tx := 1\n\tuse(x)\n"
    original = "func a() {\n" + old + "}\n\nfunc b() {\n" + old + "}\n"
    block = (
        f"<<<<<<< SEARCH\n{numbered(old, form, 7)}=======\n{numbered(old.replace('1', '2'), form, 7)}>>>>>>> REPLACE\n"
    )
    update = parse_update(cleaned(block, original, "a.go"), path="a.go", original=original)
    expected = "func a() {\n" + old + "}\n\nfunc b() {\n" + old.replace("1", "2") + "}\n"
    assert apply_replacements(original, update.replacements) == expected


def test_a_gutter_behind_the_sign_of_a_diff_goes() -> None:
    diff = "```diff\n 4 | a = 1\n-5 | b = 2\n+5 | b = 3\n 6 | c = 4\n```\n"
    original = "import x\n\n\na = 1\nb = 2\nc = 4\n"
    update = parse_update(cleaned(diff, original, "a.py"), path="a.py", original=original)
    assert apply_replacements(original, update.replacements) == original.replace("2", "3")


@pytest.mark.parametrize(
    ("update", "original", "path"),
    [
        ("1: pack\n2: sail south\n3: rest\n", NUMBERED, "plan.md"),
        ("10: GOTO 20\n20: END\n", "10: PRINT\n20: END\n", "a.bas"),
        ("1: 'one',\n2: 'zwei',\n", "names = {\n    1: 'one',\n    2: 'two',\n}\n", "a.py"),
        ("200 | ok\n404 | missing\n", "code | word\n200 | ok\n", "codes.txt"),
        ("a &lt; b &amp;&amp; c\n", "<p>a &lt; b</p>\n<p>c &amp; d</p>\n", "a.html"),
        ('s.replace(/</g, "&lt;").replace(/&/g, "&amp;")\n', "s.trim()\n", "a.js"),
        ('x = "a\\nb\\nc"\n', 'x = "a\\nb"\n', "a.py"),
        ('echo \\"hi\\"\n', 'echo \\"ho\\"\n', "a.sh"),
        ('"just a string"\n', '"another string"\n', "a.json"),
        ('{"content": "a\\nb", "x": 1}\n', '{"content": "a", "x": 1}\n', "a.json"),
        ("cat <<'EOF' > a\nx\nEOF\n", "cat <<'EOF' > a\ny\nEOF\n", "a.sh"),
        ("> one\n> two\n", "> one\n", "a.md"),
    ],
)
def test_content_stays(update: str, original: str, path: str) -> None:
    assert cleaned(update, original, path) == update


@pytest.mark.parametrize(
    "sent",
    [
        lambda text: json.dumps(text),
        lambda text: json.dumps({"path": "tide.go", "code_edit": text}),
        lambda text: json.dumps({"command": ["write", text]}),
        lambda text: json.dumps(text)[1:-1],
        lambda text: html.escape(text),
        lambda text: html.escape(text, quote=False),
        lambda text: f"cat > tide.go <<'EOF'\n{text}EOF\n",
        lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
    ],
)
def test_escapes_and_wrappers_go(sent: Callable[[str], str]) -> None:
    assert cleaned(sent(SNIPPET), GO, "tide.go").rstrip("\n") == SNIPPET.rstrip("\n")


def test_quotes_that_are_all_escaped_are_plain_ones() -> None:
    original = 'puts "one"\nputs "two"\n'
    assert cleaned('puts \\"one\\"\nputs \\"drei\\"\n', original, "a.rb") == 'puts "one"\nputs "drei"\n'


PATCH = "*** Begin Patch\n*** Update File: a.rb\n@@\n-puts 1\n+puts 2\n*** End Patch\n"


@pytest.mark.parametrize(
    "sent",
    [
        f"apply_patch <<'EOF'\n{PATCH}EOF\n",
        f"```bash\ncd /srv && apply_patch <<'EOF'\n{PATCH}EOF\n```\n",
        f"$ apply_patch <<PATCH\n{PATCH}PATCH\n",
        f'apply_patch "{PATCH[:-1]}"\n',
        "".join(f"    {line}\n" for line in f'$ apply_patch "{PATCH[:-1]}"'.split("\n")),
        "".join(f"  {line}\n" for line in PATCH.splitlines()),
        json.dumps({"command": ["apply_patch", PATCH]}),
        json.dumps({"input": PATCH}),
    ],
)
def test_a_patch_comes_out_of_its_shell(sent: str) -> None:
    update = parse_update(cleaned(sent, "puts 1\n", "a.rb"), path="a.rb", original="puts 1\n")
    assert apply_replacements("puts 1\n", update.replacements) == "puts 2\n"


@pytest.mark.parametrize("indent", ["  ", "    ", "\t"])
def test_an_indented_diff_and_indented_blocks_come_out(indent: str) -> None:
    diff = "--- a/a.rb\n+++ b/a.rb\n@@ -1 +1 @@\n-puts 1\n+puts 2\n"
    blocks = "<<<<<<< SEARCH\nputs 1\n=======\nputs 2\n>>>>>>> REPLACE\n"
    for text in (diff, blocks, f"```diff\n{diff}```\n"):
        sent = "".join(f"{indent}{line}\n" for line in text.splitlines())
        update = parse_update(cleaned(sent, "puts 1\n", "a.rb"), path="a.rb", original="puts 1\n")
        assert apply_replacements("puts 1\n", update.replacements) == "puts 2\n"


def test_each_side_of_a_block_may_have_a_fence() -> None:
    block = "<<<<<<< SEARCH\n```js\nf()\ng()\n```\n=======\n```js\nf()\nh()\n```\n>>>>>>> REPLACE\n"
    update = parse_update(cleaned(block, "f()\ng()\n", "a.js"), path="a.js", original="f()\ng()\n")
    assert apply_replacements("f()\ng()\n", update.replacements) == "f()\nh()\n"


def test_a_fence_that_the_file_has_stays() -> None:
    original = "# A\n\n```js\nf()\n```\n"
    block = "<<<<<<< SEARCH\n```js\nf()\n```\n=======\n```js\ng()\n```\n>>>>>>> REPLACE\n"
    update = parse_update(cleaned(block, original, "a.md"), path="a.md", original=original)
    assert apply_replacements(original, update.replacements) == "# A\n\n```js\ng()\n```\n"


def test_strict_json_has_no_trailing_comma() -> None:
    original = '{\n  "a": 1,\n  "b": [\n    1\n  ]\n}\n'
    update = '{\n  "a": 1,\n  "b": [\n    1,\n    2,\n  ],\n}\n'
    assert cleaned(update, original, "a.json") == '{\n  "a": 1,\n  "b": [\n    1,\n    2\n  ]\n}\n'
    before_a_marker = '{\n  "c": 1,\n  // ... existing code ...\n}\n'
    assert cleaned(before_a_marker, original, "a.json") == before_a_marker
    assert cleaned(update, "// settings\n" + original, "a.json") == update  # no strict JSON


LETTERS = "abcdefghijklmnopqrstuvwxyz"
LINES = st.lists(  # as by r"[ ]{0,4}[a-z]{3,6}( [<&=] [a-z]{1,5})?[;{}]?", which takes ten times as long to draw
    st.builds(
        lambda indent, word, rest, end: " " * indent + word + rest + end,
        st.integers(0, 4),
        st.text(LETTERS, min_size=3, max_size=6),
        st.just("") | st.builds(" {} {}".format, st.sampled_from("<&="), st.text(LETTERS, min_size=1, max_size=5)),
        st.sampled_from(["", ";", "{", "}"]),
    ),
    min_size=3,
    max_size=9,
)


@given(LINES, LINES, st.sampled_from(FORMS), st.integers(1, 990))
def test_any_numbered_listing_comes_back(old: list[str], new: list[str], form: str, start: int) -> None:
    """However many lines are new: what is kept tells."""
    original = "".join(line + "\n" for line in old)
    update = "".join(line + "\n" for line in [*old, *new])
    assume(any(len(line.strip()) > 2 for line in old))
    assert cleaned(numbered(update, form, start), original, "a.c") == update


@given(st.text(), st.text(), st.sampled_from([None, "a.py", "a.json", "a.md", "a.sh"]))
def test_no_text_breaks_it(update: str, original: str, path: str | None) -> None:
    assert isinstance(cleaned(update, original, path), str)


@given(LINES)
def test_lines_of_the_file_stay_as_they_are(lines: list[str]) -> None:
    text = "".join(line + "\n" for line in lines)
    assert cleaned(text, text, "a.c") == text
