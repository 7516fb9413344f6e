"""Documents and edits that several tests share."""

from __future__ import annotations

URI = "file:///project/a.py"

FILE = """\
import os


def first(a):
    value = os.path.join(a, "first")
    return value


def second(a):
    value = os.path.join(a, "second")
    return value


def third(a):
    value = os.path.join(a, "third")
    return value
"""
ONE = """\
# ... existing code ...

def second(a):
    value = os.path.join(a, "2")
    return value

# ... existing code ...
"""
THREE = """\
# ... existing code ...

def first(a):
    value = os.path.join(a, "1")
    # ... existing code ...

def second(a):
    value = os.path.join(a, "2")
    # ... existing code ...

def third(a):
    value = os.path.join(a, "3")
    # ... existing code ...
"""
# The same as a diff that fits as it stands: whatever the weights are, it is applied.
DIFF = "--- a/a.py\n+++ b/a.py\n" + "".join(
    f"@@ -{line},2 +{line},2 @@\n def {name}(a):\n"
    f'-    value = os.path.join(a, "{name}")\n+    value = os.path.join(a, "{number}")\n'
    for line, name, number in ((4, "first", 1), (9, "second", 2), (14, "third", 3))
)
AFTER_ONE = FILE.replace('"second"', '"2"')
AFTER_THREE = AFTER_ONE.replace('"first"', '"1"').replace('"third"', '"3"')


def functions(count: int) -> str:
    """A file of so many functions, five lines each."""
    return "".join(
        f'def function_{n}(value):\n    """Number {n}."""\n    return value + {n}\n\n\n' for n in range(count)
    )


def change_function(n: int) -> str:
    return (
        "# ... existing code ...\n\n"
        f'def function_{n}(value):\n    """Number {n}."""\n    return value - {n}\n\n'
        "# ... existing code ...\n"
    )


def changed(text: str, n: int) -> str:
    return text.replace(f"return value + {n}\n", f"return value - {n}\n")
