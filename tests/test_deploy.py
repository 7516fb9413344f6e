"""The files of `deploy`, by the linters that there are for them. Neither an image nor a service is started here."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[1]
HADOLINT = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
ANALYZE = shutil.which("systemd-analyze")
MOST_EXPOSED = 3.0  # systemd's own measure, 0 to 10


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed")
def test_the_dockerfile() -> None:
    dockerfile = ROOT / "deploy" / "Dockerfile"
    done = subprocess.run([str(HADOLINT), str(dockerfile)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    text = dockerfile.read_text()
    allowed = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text().split()
    for sources in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE):
        for name in sources.split():
            assert (ROOT / name).exists(), name
            assert f"!{name}" in allowed, name


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")
def test_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "fastapply.service"
    text = (ROOT / "deploy" / "fastapply.service").read_text()
    unit.write_text(text.replace("/opt/fastapply/bin/fastapply", "/bin/true"))  # nothing is installed there
    done = subprocess.run([str(ANALYZE), "verify", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    command = [str(ANALYZE), "security", "--offline=true", f"--threshold={int(10 * MOST_EXPOSED)}", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:]


def test_the_commands_in_both_are_commands() -> None:
    command = [sys.executable, "-m", "fastapply", "serve", "--help"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name, start in (("Dockerfile", '"fastapply", "serve"'), ("fastapply.service", "bin/fastapply serve")):
        text = (ROOT / "deploy" / name).read_text()
        assert start in text
        used = re.findall(r"--(?:host|token-file|port)\b", text)
        assert "--token-file" in used
        assert all(option in said for option in used)
