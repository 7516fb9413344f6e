"""What an instruction names is found in the file: what is to go, and the place for something new."""

from __future__ import annotations

from textwrap import dedent

from fastapply.align.chunks import file_outline
from fastapply.align.field import Field
from fastapply.align.told import Told

BENCHES = dedent("""\
    fn spawn(c: &mut Criterion) {
        c.bench("spawn", 10);
    }

    fn spawn10(c: &mut Criterion) {
        c.bench("spawn10", 10);
    }

    fn threads10(c: &mut Criterion) {
        c.bench("threads10", 10);
    }

    group!(
        spawn,
        spawn10,
        threads10,
    );
    """)
EXAMPLES = dedent("""\
    func ExampleTemplate_Execute() {
    \tt.Execute()
    }

    func ExampleTemplate() {
    \tt.New()
    }

    func ExampleTag() {
    \tt.Tag()
    }
    """)


def told(text: str, language: str, instruction: str) -> tuple[Field, Told]:
    field = Field(file_outline(text.removesuffix("\n"), language))
    return field, Told(field, instruction)


def test_definitions_alone_may_be_what_is_to_go() -> None:
    field, said = told(BENCHES, "rust", "Delete the spawn10 benchmark")
    start = field.text.index("fn spawn10(c: &mut Criterion) {")
    assert [range(start, start + 3)] in said.removed


def test_a_place_is_told_by_the_name_that_says_no_more() -> None:
    field, said = told(EXAMPLES, "go", "Put an example of Std right after ExampleTemplate")
    assert said.boundaries == [field.text.index("func ExampleTemplate() {") + 3]


def test_a_place_is_told_by_a_name_of_common_words() -> None:
    file = "".join(
        f"func TestNull{kind}(t *T) {{\n\tnull.Test{kind}()\n}}\n\n" for kind in ("Text", "Binary", "Json") * 2
    )
    file = file.replace("TestNullJson", "TestNullTextJson", 1)
    field, said = told(file, "go", "Add a test right after TestNullTextJson")
    assert said.boundaries == [field.text.index("func TestNullTextJson(t *T) {") + 3]


def test_what_is_to_go_is_the_definition_that_is_named_whole_and_no_line_with_another_word() -> None:
    text = "//! run the example with care\n\nfn two_dirs() {\n    a();\n}\n\nfn dirs() {\n    two();\n}\n"
    field, found = told(text, "rust", "Drop the two_dirs example")
    assert all([field.text[unit.start] for unit in units] == ["fn two_dirs() {"] for units in found.removed)


def test_a_place_is_told_by_a_part_of_a_name() -> None:
    text = "".join(f"def test_{name}():\n    assert {name}\n\n\n" for name in ("bash", "fish", "zsh"))
    field, found = told(text, "python", "add a test for elvish after the fish one")
    assert [field.text[at] for at in found.boundaries] == ["def test_zsh():"]
