"""What is imported, and what must not be. (`make lint` checks the layers themselves.)"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from program import PYTHONPATH

pytestmark = pytest.mark.process

HEAVY = ("torch", "transformers", "huggingface_hub")
APPLY = "assert run(['apply', 'area.py', '-u', 'update.py', '--model', 'none']) == 0"
ORIGINAL = "def area(r):\n    return 3 * r * r\n\n\ndef edge(r):\n    return 6 * r\n"
UPDATE = "def area(r):\n    return 3.14 * r * r\n\n\n# ... existing code ...\n"


@pytest.mark.parametrize(
    "code",
    [
        "import fastapply",
        "import fastapply.applier",
        "import fastapply_lsp.transport",
        "from fastapply.cli import run; run(['--help'])",
        f"from fastapply.cli import run; {APPLY}",
        "from fastapply.cli import run; run(['apply', 'nosuch.py'])",
        "import fastapply.http.server, fastapply.mcp.server, fastapply.backends.openai",
        "from fastapply.cli import run; run(['serve', '--help']); run(['mcp', '--help'])",
    ],
)
def test_no_torch_without_a_model(code: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    _run_without(HEAVY, code, tmp_path_factory.mktemp("script"))


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("run(['--version'])", ("rich", "numpy", "pydantic", "tree_sitter", "rapidfuzz", "importlib.metadata")),
        ("run(['--help'])", ("rich", "numpy", "pydantic", "tree_sitter", "rapidfuzz", "fastapply.cli.apply")),
        (APPLY, ("pydantic", "filelock", "psutil", "importlib.metadata", "asyncio")),
    ],
)
def test_the_program_starts_with_what_it_needs(
    code: str, unwanted: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each of these takes 10 to 150 ms, where the first two have 250 ms in all, and an edit 600."""
    _run_without(unwanted, f"from fastapply.cli import run; {code}", tmp_path_factory.mktemp("script"))


def _run_without(modules: tuple[str, ...], code: str, folder: Path) -> None:
    script = folder / "script.py"
    loaded = f"[name for name in {modules} if name in sys.modules]"
    script.write_text(f"import sys\n{code}\nloaded = {loaded}\nassert not loaded, loaded\n")
    (folder / "area.py").write_text(ORIGINAL)
    (folder / "update.py").write_text(UPDATE)
    env = {**os.environ, "PYTHONPATH": PYTHONPATH}
    subprocess.run([sys.executable, script], check=True, stdout=subprocess.DEVNULL, env=env, cwd=folder)
