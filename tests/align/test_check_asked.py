"""Checks of what an instruction asks for: one more beside its likes, a move, a removal."""

from __future__ import annotations

import pytest

from fastapply.align.check import run_checks

WRITER = """class Writer {
public:
    void put(std::uint8_t v) { bytes_.push_back(v); }
    void put(std::uint16_t v)
    {
        put(static_cast<std::uint8_t>(v));
    }
    void put(const std::string& s);
};
"""
WIDE = "    void put(std::uint32_t v)\n    {\n        put(static_cast<std::uint16_t>(v));\n    }\n"
SHOWS_WIDE = f"class Writer {{\n    // ... existing code ...\n{WIDE}    // ... existing code ...\n}};\n"
PORTS = 'group "web" {\n  ingress {\n    from = 80\n    to   = 80\n  }\n}\n'
SERVER = "const app = express();\napp.use(cors());\napp.use(logger());\napp.use(requestId());\n"


def failed(original: str, rewritten: str, update: str, language: str, instruction: str = "") -> set[str]:
    return {check.name for check in run_checks(original, rewritten, update, language, instruction) if not check.ok}


def test_an_overload_does_not_take_the_place_of_another_one() -> None:
    replaced = WRITER.replace("std::uint16_t v)", "std::uint32_t v)").replace("<std::uint8_t>", "<std::uint16_t>")
    assert "overwritten" in failed(WRITER, replaced, SHOWS_WIDE, "cpp")
    added = WRITER.replace("    void put(const", f"{WIDE}    void put(const")
    assert "overwritten" not in failed(WRITER, added, SHOWS_WIDE, "cpp")


def test_the_only_function_of_its_name_may_get_other_parameters() -> None:
    original = "class A {\n    void put(int v)\n    {\n        keep(v);\n    }\n};\n"
    update = "    void put(long v)\n    {\n        keep(v);\n    }\n"
    assert "overwritten" not in failed(original, original.replace("int v", "long v"), update, "cpp")


def test_an_overload_whose_parameters_stand_on_lines_of_their_own_is_told_by_them() -> None:
    of_path = (
        "    func sort<F>(\n        _ field: Path<F>,\n        _ way: Way\n    ) -> Self {\n        add(field)\n    }\n"
    )
    of_key = "    func sort(\n        _ key: Key,\n        _ way: Way\n    ) -> Self {\n        add(key)\n    }\n"
    of_group = of_path.replace("Path<F>", "Path<Group<F>>")
    original = f"extension Query {{\n{of_path}\n{of_key.replace('sort(', 'sort<K>(')}}}\n"
    update = f"extension Query {{\n    // ... existing code ...\n{of_group}    // ... existing code ...\n}}\n"
    assert "overwritten" in failed(original, original.replace(of_path, of_group), update, "swift")
    beside = original.replace(of_path, f"{of_path}\n{of_group}")
    assert "overwritten" not in failed(original, beside, update, "swift")


@pytest.mark.parametrize(("instruction", "doubtful"), [("Open 443 as well.", True), ("Use port 443.", False)])
def test_a_value_goes_though_another_one_was_wanted_beside_it(instruction: str, doubtful: bool) -> None:
    update = 'group "web" {\n  ingress {\n    from = 443\n    to   = 443\n  }\n}\n'
    assert ("overwritten" in failed(PORTS, PORTS.replace("80", "443"), update, "hcl", instruction)) is doubtful


def test_a_line_that_was_to_move_is_not_in_two_places() -> None:
    update = "app.use(cors());\napp.use(requestId());\napp.use(logger());\n// ... existing code ...\n"
    twice = SERVER.replace("app.use(logger", "app.use(requestId());\napp.use(logger")
    moved = twice.removesuffix("app.use(requestId());\n")
    asked = "Move requestId above the logger"
    assert "moved" in failed(SERVER, twice, update, "javascript", asked)
    assert "moved" not in failed(SERVER, moved, update, "javascript", asked)
    assert "moved" not in failed(SERVER, twice, update, "javascript", "Set the request id first too")


def test_a_removal_changes_something() -> None:
    assert "no_op" in failed(SERVER, SERVER, "app.use(cors());\n", "javascript", "Drop the logger")
    assert "no_op" not in failed(SERVER, SERVER, "app.use(cors());\n", "javascript", "Use cors")
