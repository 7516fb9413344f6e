"""Updates of several files: each part finds its name, in every format that has names."""

import pytest

from fastapply.errors import UsageError
from fastapply.text.apply_blocks import apply_replacements
from fastapply.text.formats import parse_update
from fastapply.text.several import Action, FilePart, left_out, path_in, split_files

DIFF = """\
diff --git a/src/a.py b/src/a.py
index 123..456 100644
--- a/src/a.py
+++ b/src/a.py
@@ -1,2 +1,2 @@
-x = 1
+x = 2
 y = 1
diff --git a/new.py b/new.py
new file mode 100644
--- /dev/null
+++ b/new.py
@@ -0,0 +1,2 @@
+one
+two
\\ No newline at end of file
diff --git a/old.py b/old.py
deleted file mode 100644
--- a/old.py
+++ /dev/null
@@ -1,2 +0,0 @@
-gone
-too
diff --git a/from.py b/to.py
similarity index 100%
rename from from.py
rename to to.py
diff --git a/half.py b/whole.py
similarity index 90%
rename from half.py
rename to whole.py
--- a/half.py
+++ b/whole.py
@@ -1 +1 @@
-half
+whole
diff --git "a/caf\\303\\251.py" "b/caf\\303\\251.py"
--- "a/caf\\303\\251.py"
+++ "b/caf\\303\\251.py"
@@ -1 +1 @@
-e
+f
diff --git a/empty.py b/empty.py
new file mode 100644
index 000..e69
"""


def by_path(update: str) -> dict[str, FilePart]:
    return {part.path: part for part in split_files(update)}


def applied(part: FilePart, original: str) -> str:
    return apply_replacements(original, parse_update(part.update, path=part.path).replacements)


@pytest.mark.parametrize(
    "update", [DIFF, f"Two changes:\n\n```diff\n{DIFF}```\n\nThat is all.\n", DIFF.replace("\n", "\r\n")]
)
def test_a_diff_as_git_writes_it(update: str) -> None:
    parts = by_path(update)
    assert list(parts) == ["src/a.py", "new.py", "old.py", "from.py", "half.py", "café.py", "empty.py"]
    assert applied(parts["src/a.py"], "x = 1\ny = 1\n") == "x = 2\ny = 1\n"
    assert parts["new.py"] == FilePart("new.py", Action.ADD, content="one\ntwo")
    assert parts["old.py"] == FilePart("old.py", Action.DELETE, content="gone\ntoo\n")
    assert parts["from.py"] == FilePart("from.py", Action.UPDATE, new_path="to.py")
    assert parts["half.py"].new_path == "whole.py"
    assert applied(parts["half.py"], "half\n") == "whole\n"
    assert applied(parts["café.py"], "e\n") == "f\n"
    assert parts["empty.py"] == FilePart("empty.py", Action.ADD, content="")


def test_a_diff_as_diff_writes_it() -> None:
    update = "--- old/a.c\t2026-01-01\n+++ a.c\t2026-01-02\n@@ -1 +1 @@\n-a\n+b\n"
    update += "--- b.c\n+++ b.c\n@@ -1 +1 @@\n--- c\n+++ d\n"
    parts = by_path(update)
    assert list(parts) == ["a.c", "b.c"]
    assert applied(parts["b.c"], "-- c\n") == "++ d\n"


PATCH = """\
*** Begin Patch
*** Add File: docs/new.md
+# Title
+
+- one
*** Update File: src/a.py
*** Move to: src/b.py
@@ def f():
-    return 1
+    return 2
*** Delete File: old.py
*** Update File: c.py
@@
-x
+y
*** End Patch
"""


def test_a_patch() -> None:
    parts = by_path(PATCH)
    assert parts["docs/new.md"] == FilePart("docs/new.md", Action.ADD, content="# Title\n\n- one\n")
    assert parts["old.py"] == FilePart("old.py", Action.DELETE)
    assert parts["src/a.py"].new_path == "src/b.py"
    assert applied(parts["src/a.py"], "def f():\n    return 1\n") == "def f():\n    return 2\n"
    assert applied(parts["c.py"], "w\nx\n") == "w\ny\n"


BLOCK = "<<<<<<< SEARCH\n{}\n=======\n{}\n>>>>>>> REPLACE\n"


@pytest.mark.parametrize(
    "update",
    [
        f"a.py\n{BLOCK.format('a', 'A')}{BLOCK.format('b', 'B')}src/c.py\n{BLOCK.format('c', 'C')}",
        f"First:\n\na.py\n```python\n{BLOCK.format('a', 'A')}```\nthen\n```python\n{BLOCK.format('b', 'B')}```\n"
        f"### `src/c.py`\n```python\n{BLOCK.format('c', 'C')}```\n",
        f"```\na.py\n{BLOCK.format('a', 'A')}```\n```\n./a.py\n{BLOCK.format('b', 'B')}```\n"
        f"```\nsrc/c.py\n{BLOCK.format('c', 'C')}```",
    ],
)
def test_search_replace_below_file_names(update: str) -> None:
    parts = by_path(update)
    assert list(parts) == ["a.py", "src/c.py"]
    assert applied(parts["a.py"], "a\nb\n") == "A\nB\n"
    assert applied(parts["src/c.py"], "c\n") == "C\n"


def test_an_empty_search_may_make_a_file() -> None:
    (part,) = split_files("new.py\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n")
    assert part.content == "x = 1\n"
    assert by_path(f"a.py\n{BLOCK.format('a', 'b')}")["a.py"].content is None


FENCES = """\
I changed two files.

**src/a.py**:

```python
# ... existing code ...
def f():
    return 2
```

```js title="web/b.js"
f()
```

```ts:web/c.ts
g()
```

Then run them:

```sh
node web/b.js
```
"""


def test_fenced_blocks_with_paths() -> None:
    parts = by_path(FENCES)
    assert list(parts) == ["src/a.py", "web/b.js", "web/c.ts"]
    assert parts["src/a.py"].update == "# ... existing code ...\ndef f():\n    return 2\n"
    assert parts["src/a.py"].content is None  # a snippet makes no file
    assert parts["web/b.js"].content == "f()\n"


def test_a_sentence_that_introduces_a_block_names_its_file() -> None:
    update = "In `src/a.py`:\n```python\nx = 1\n```\nThen change **`b.rb`** as well:\n\n```ruby\ny\n```\n"
    assert list(by_path(update)) == ["src/a.py", "b.rb"]
    assert list(by_path(f"In `src/a.py`:\n{BLOCK.format('a', 'A')}")) == ["src/a.py"]


@pytest.mark.parametrize("said", ["Replace `self.items` with:", "Move `f.py` to `g.py`:", "I changed `a.py`.", "So:"])
def test_a_sentence_without_one_file_names_none(said: str) -> None:
    with pytest.raises(UsageError, match="names no file"):
        split_files(f"{said}\n```python\nx = 1\n```\n")


@pytest.mark.parametrize("line", ["### 1. `src/a.py`", "2) src/a.py", "1. **`src/a.py`**", "# src/a.py", "// src/a.py"])
def test_a_path_behind_a_number_or_in_a_comment(line: str) -> None:
    assert list(by_path(f"{line}\n\n```python\nx = 1\n```\n")) == ["src/a.py"]


@pytest.mark.parametrize(
    "line", ["# input/output", "# and/or", "1. Node.js", "# https://example.com/a.py", "# app.kubernetes.io/name"]
)
def test_a_comment_that_is_no_path(line: str) -> None:
    with pytest.raises(UsageError, match="names no file"):
        split_files(f"Usage\n\n```python\n{line}\nx = 1\n```\n")


def test_commands_are_no_file_whatever_their_comments_say() -> None:
    update = "src/a.py\n```python\nx = 1\n```\n\nThen run\n\n```bash\n# src/a.py\npython src/a.py\n```\n"
    assert [part.update for part in split_files(update)] == ["x = 1\n"]


def test_a_comment_at_the_top_of_a_block_names_its_file() -> None:
    (part,) = split_files("Two lines change:\n\n```python\n# src/a.py\nx = 1\n# ...\n```\n")
    assert part.path == "src/a.py"
    assert parse_update(part.update, path="src/a.py").text == "x = 1\n# ...\n"


def test_a_prose_file_keeps_its_fences() -> None:
    content = "# Title\n\n```sh\nmake\n```\n"
    (part,) = split_files(f"README.md\n````markdown\n{content}````\n")
    assert parse_update(part.update, path="README.md").text == content


def test_two_blocks_of_one_file_are_one_snippet() -> None:
    (part,) = split_files("a.py\n```python\nx = 1\n```\nand a.py\n\na.py\n```python\ny = 1\n```\n")
    assert part.update == "x = 1\n\n... existing code ...\ny = 1\n"


@pytest.mark.parametrize(
    ("update", "message"),
    [
        ("  \n", "empty"),
        ("x = 1\n", "names no files"),
        ("```python\nx = 1\n```\n", "block 1 .* names no file"),
        (BLOCK.format("a", "b"), "first SEARCH block names no file"),
        ("@@ -1 +1 @@\n-a\n+b\n", "without file names"),
        ("*** Begin Patch\n*** End Patch\n", "changes nothing"),
        ("*** Begin Patch\n*** Update File: a.py\n*** End Patch\n", "changes nothing of a.py"),
        (PATCH.replace("c.py", "old.py"), "names old.py twice"),
        ("diff --git a/x b/x\nold mode 100644\nnew mode 100755\n", "mode"),
        ("diff --git a/x.png b/x.png\nindex 1..2\nGIT binary patch\nliteral 1\n", "binary"),
        ("diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n", "copies"),
    ],
)
def test_refused(update: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        split_files(update)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("src/a.py", "src/a.py"),
        ("  **`src/a b.py`**:", "src/a b.py"),
        ("### File: a.py", "a.py"),
        ("Makefile:", "Makefile"),
        ("./a.py", "a.py"),
        ("[id].tsx", "[id].tsx"),
        ("Here is the change.", None),
        ("and so on...", None),
        ("x = a.b", None),
        ("Done.", None),
        ("", None),
    ],
)
def test_paths_are_told_from_prose(line: str, path: str | None) -> None:
    assert path_in(line) == path


def test_a_fence_around_several_diffs_goes_with_both_of_its_ends() -> None:
    diff = "".join(f"diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n@@ -1 +1 @@\n-a\n+b\n" for name in "xy")
    parts = split_files(f"Here:\n\n```diff\n{diff}```\n")
    assert [part.path for part in parts] == ["x", "y"]
    assert not any("```" in part.update for part in parts)


COMMAND = "Then run:\n\n```bash\n\npip install x\npytest\n```\n"


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        (f"a.py\n```python\nx = 1\n```\n{COMMAND}", ("pip install x",)),
        (f"a.py\n```python\n{BLOCK.format('a', 'A')}```\n{COMMAND}", ("pip install x",)),
        (f"a.py\n{BLOCK.format('a', 'A')}{COMMAND}```text\n2 passed\n```\n", ("pip install x", "2 passed")),
        (f"```diff\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a\n+b\n```\n{COMMAND}", ("pip install x",)),
        (f"run.sh\n```bash\n{BLOCK.format('a', 'A')}```\n", ()),
        (f"README.md\n{BLOCK.format('a', COMMAND.rstrip())}", ()),
        ("run.sh\n```bash\npip install y\n```\n```bash run2.sh\nls\n```\n", ()),
        (PATCH, ()),
        (DIFF, ()),
    ],
)
def test_commands_beside_the_files_are_known(update: str, expected: tuple[str, ...]) -> None:
    assert split_files(update)
    assert left_out(update) == expected
