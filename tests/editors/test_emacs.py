"""The lines for Emacs in `editor_clients/README.md`, in a real Emacs with eglot against the shipped server."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_nvim import environment

pytestmark = pytest.mark.process

HERE = Path(__file__).parent
README = HERE.parents[1] / "editor_clients" / "README.md"
SECONDS = 400
FUNCTION = 'def {0}(a):\n    value = os.path.join(a, "{0}")\n    return value\n'
DOCUMENT = "\n\n".join(FUNCTION.format(name) for name in ("first", "second", "third"))
UPDATE = '# ... existing code ...\n\ndef second(a):\n    value = os.path.join(a, "2")\n    # ... existing code ...\n'


@pytest.fixture(scope="module")
def emacs() -> str:
    program = shutil.which("emacs")
    if program is None:
        pytest.skip("no Emacs: apt-get install emacs-nox elpa-eglot (`make test-editors` tries it)")
    look = [program, "--batch", "--eval", "(require 'eglot)"]
    if subprocess.run(look, capture_output=True, timeout=SECONDS, check=False).returncode != 0:
        pytest.skip("no eglot in this Emacs: apt-get install elpa-eglot, or Emacs 29")
    return program


def test_the_lines_of_the_readme_apply_an_edit_in_emacs(emacs: str, tmp_path: Path) -> None:
    found = re.search(r"```elisp\n(.*?)```", README.read_text(), re.S)
    assert found
    folder = tmp_path / "bin"  # the lines start `fastapply`, from PATH
    folder.mkdir()
    program = folder / "fastapply"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m fastapply "$@"\n')
    program.chmod(0o755)
    for name, text in {"lines.el": found[1], "a.py": DOCUMENT, "update.py": UPDATE}.items():
        (tmp_path / name).write_text(text)
    env = environment(tmp_path)
    env |= {"PATH": f"{folder}:{env['PATH']}", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "FASTAPPLY_MODEL": "none"}
    done = subprocess.run(
        [emacs, "--batch", "-l", HERE / "emacs_test.el", "lines.el", "a.py", "update.py"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "a.py").read_text() == "# typed 😀\n" + DOCUMENT.replace('"second"', '"2"')
