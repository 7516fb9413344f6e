"""The VS Code extension: its own checks with Node.js, and its end-to-end suite in a real VS Code. The tests themselves
are TypeScript and stand in `editor_clients/vscode/test`. `make test-editors` installs what they need."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]
EXTENSION = ROOT / "editor_clients" / "vscode"
TOOLS = Path(os.environ.get("FASTAPPLY_EDITOR_TOOLS", ROOT / ".venv-editors"))
SECONDS = 1200
OLDEST_NODE = 20
INSTALL = "`make test-editors` installs it"


def run(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(TOOLS / "bin"), os.environ.get("PATH", "")])
    env = {**os.environ, "PATH": path, "FASTAPPLY_EDITOR_TOOLS": str(TOOLS), "FASTAPPLY_PYTHON": sys.executable, **more}
    return subprocess.run(command, cwd=EXTENSION, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.fixture(scope="module")
def node() -> str:
    """The Node.js that runs the tools of the extension."""
    own = TOOLS / "bin" / "node"
    found = str(own) if own.exists() else shutil.which("node")
    said = run(found, "--version").stdout if found else ""
    if found is None or int(said.strip("v\n").partition(".")[0] or 0) < OLDEST_NODE:
        pytest.skip(f"Node.js {OLDEST_NODE} or newer is not installed: {INSTALL}")
    if not (EXTENSION / "node_modules" / "typescript").exists():
        pytest.skip(f"editor_clients/vscode/node_modules is not there: {INSTALL}")
    return found


def passes(*command: str) -> None:
    done = run(*command)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"


def test_types(node: str) -> None:
    passes(node, "node_modules/typescript/bin/tsc", "--noEmit")


def test_lint(node: str) -> None:
    passes(node, "node_modules/eslint/bin/eslint.js", ".")


def test_own_logic(node: str) -> None:
    passes(node, "esbuild.mjs", "--tests")
    passes(node, "--test", *map(str, sorted((EXTENSION / "dist/test/unit").glob("*.test.js"))))


def test_package(node: str, tmp_path: Path) -> None:
    """What is packaged is what is needed, and nothing else; VS Code installs it."""
    passes(node, "esbuild.mjs", "--minify")
    package = tmp_path / "fastapply.vsix"
    vsce = [node, "node_modules/@vscode/vsce/vsce", "package", "--no-dependencies"]
    passes(*vsce, "--no-rewrite-relative-links", "--allow-missing-repository", "--out", str(package))
    listed = run(sys.executable, "-m", "zipfile", "--list", str(package)).stdout
    files = {line.split()[0] for line in listed.splitlines() if line.startswith("extension/")}
    pictures = {name for name in files if name.startswith("extension/docs/") and name.endswith(".png")}
    wanted = {"LICENSE.txt", "changelog.md", "dist/extension.js", "package.json", "readme.md"}
    assert files - pictures <= {f"extension/{name}" for name in wanted}
    assert "extension/dist/extension.js" in files
    server = TOOLS / "code-server/node_modules/code-server/lib/vscode/out/server-main.js"
    if not server.exists():
        pytest.skip(f"packaged, but not installed: the VS Code server is not there: {INSTALL}")
    folders = ["--extensions-dir", str(tmp_path / "extensions"), "--server-data-dir", str(tmp_path / "data")]
    passes(node, str(server), "--install-extension", str(package), *folders, "--accept-server-license-terms")
    assert list((tmp_path / "extensions").glob("fastapply.fastapply-*/dist/extension.js"))


def test_lock_names_no_registry() -> None:
    """A lock file that names one registry's addresses installs from that one only."""
    assert '"resolved"' not in (EXTENSION / "package-lock.json").read_text()


def in_vs_code(node: str, only: str) -> None:
    passes(node, "esbuild.mjs", "--tests")
    have = run(node, "dist/test/e2e/run.js", "--have")
    if have.returncode != 0:
        pytest.skip(have.stdout.strip())
    done = run(node, "dist/test/e2e/run.js", E2E_GREP=only)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^ *[1-9]\d* passing", done.stdout, re.M), done.stdout


def test_in_vs_code(node: str) -> None:
    """The end-to-end suite, in the extension host of a VS Code that Chromium shows."""
    in_vs_code(node, "^(?!with the embedded model)")


@pytest.mark.model
def test_in_vs_code_with_the_model(node: str) -> None:
    """An edit's draft stands while the model writes; one hunk is accepted, one rejected, and undone."""
    in_vs_code(node, "^with the embedded model")
