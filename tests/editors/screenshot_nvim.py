"""Take docs/nvim.svg (`make screenshot`): Neovim in a terminal, with the demo of this repository and the model."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from rich.text import Text
from terminal import Terminal, save_svg
from test_nvim import PLUGIN, environment, neovim

ROOT = Path(__file__).resolve().parents[2]
SIZE = (96, 28)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        name = Path(folder, "inventory.py")
        name.write_bytes((ROOT / "demo" / "inventory.py").read_bytes())
        terminal = Terminal(command(), Path(folder), environment(Path(folder)), SIZE)
        try:
            terminal.wait(lambda text: "class InventoryError" in text)
            terminal.keys(f":call setreg('a', readfile('{ROOT / 'demo' / 'update.py'}'), 'l')\r")
            terminal.keys("/def remove\rzt:nohlsearch | FastApply a\r")
            # Some hunks stand there, more are written.
            running = re.compile(r"fastapply: [1-9]\d* % · writing, \d+ tokens/s")
            terminal.wait(lambda text: running.search(text) and re.search(r"^- ", text, re.M))
            during = terminal.picture()
            terminal.wait(lambda text: "hunks" in text.splitlines()[-1])
            terminal.keys("]h\x05\x05\x05")
            terminal.settle()
            after = terminal.picture()
        finally:
            terminal.close()
    rule = Text("─" * SIZE[0], "dim")
    save_svg([*during, rule, *after], ROOT / "docs" / "nvim.svg", "nvim inventory.py  :FastApply a")


def command() -> list[str]:
    setup = f"lua require('fastapply').setup({{ cmd = {{ [[{sys.executable}]], '-m', 'fastapply', 'lsp' }} }})"
    look = "set notitle laststatus=0"
    return [neovim(), "--clean", "-n", "--cmd", f"set rtp^={PLUGIN}", "-c", setup, "-c", look, "inventory.py"]


if __name__ == "__main__":
    main()
