"""Take docs/nvim.svg (`make screenshot`): Neovim in a terminal.

Above a hunk of this repository's demo, whose new lines are laid over the text; below what is in doubt of another edit.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from rich.text import Text
from screenshot_review import FILE, UPDATE
from terminal import Terminal, save_svg
from test_nvim import PLUGIN, environment, neovim

ROOT = Path(__file__).resolve().parents[2]
SIZE = (110, 26)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        name = Path(folder, "inventory.py")
        name.write_bytes((ROOT / "demo" / "inventory.py").read_bytes())
        Path(folder, "store.py").write_text(FILE)
        Path(folder, "edit.py").write_text(UPDATE)
        terminal = Terminal(command(), Path(folder), environment(Path(folder)), SIZE)
        try:
            terminal.wait(lambda text: "class InventoryError" in text)
            terminal.keys(f":call setreg('a', readfile('{ROOT / 'demo' / 'update.py'}'), 'l')\r")
            terminal.keys(":FastApply a\r")
            terminal.wait(lambda text: "hunks" in text.splitlines()[-1])
            terminal.keys("5]hzz")
            terminal.settle()
            hunk = terminal.picture()
            terminal.keys("g\x7f:edit store.py\r:call setreg('\"', readfile('edit.py'), 'l')\r:FastApply\r")
            terminal.wait(lambda text: "store.py:1: 2 hunks" in text.splitlines()[-1])
            terminal.keys("]hg?")
            terminal.settle()
            details = terminal.picture()
        finally:
            terminal.close()
    rule = Text("─" * SIZE[0], "dim")
    save_svg([*hunk, rule, *details], ROOT / "docs" / "nvim.svg", "nvim inventory.py  :FastApply a")


def command() -> list[str]:
    setup = f"lua require('fastapply').setup({{ cmd = {{ [[{sys.executable}]], '-m', 'fastapply', 'lsp' }}, "
    setup += "server = { model = 'none' } })"
    look = "set number notitle laststatus=0"
    return [neovim(), "--clean", "-n", "--cmd", f"set rtp^={PLUGIN}", "-c", setup, "-c", look, "inventory.py"]


if __name__ == "__main__":
    main()
