"""What is imported, and what must not be. (`make lint` checks the layers themselves.)"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from program import PYTHONPATH

pytestmark = pytest.mark.process

HEAVY = ("torch", "transformers", "huggingface_hub")
NOTHING_HEAVY = f"""
import sys
loaded = [name for name in {HEAVY} if name in sys.modules]
assert not loaded, loaded
"""


@pytest.mark.parametrize(
    "code",
    [
        "import fastapply",
        "import fastapply.applier",
        "import fastapply_lsp.transport",
        "from fastapply.cli import run; run(['--help'])",
        "from fastapply.cli import run; assert run(['apply', __file__, '-u', __file__, '--model', 'none']) in (0, 3)",
        "from fastapply.cli import run; run(['apply', 'nosuch.py'])",
        "import fastapply.http.server, fastapply.mcp.server, fastapply.backends.openai",
        "from fastapply.cli import run; run(['serve', '--help']); run(['mcp', '--help'])",
    ],
)
def test_no_torch_without_a_model(code: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    script = tmp_path_factory.mktemp("script") / "script.py"
    script.write_text(code + NOTHING_HEAVY)
    subprocess.run([sys.executable, script], check=True, stdout=subprocess.DEVNULL, env=_env())


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": PYTHONPATH}
