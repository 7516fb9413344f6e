"""Take docs/review.svg: `fastapply apply --write` asks about a doubtful edit on a terminal."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "editors"))

from terminal import Terminal, save_svg

ROOT = Path(__file__).resolve().parents[2]
METHOD = "    def read(self):\n        file = open(self.path)\n        return file.read()\n"
FILE = f"LIMIT = 1\n\n\nclass Notes:\n{METHOD}\n\nclass Tasks:\n{METHOD}"
UPDATE = f"LIMIT = 2\n# ... existing code ...\n{METHOD.replace('read()', 'read().strip()')}# ... existing code ...\n"
COMMAND = ["apply", "store.py", "--update", "edit.py", "--model", "none", "--write"]
SIZE = (92, 60)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "store.py").write_text(FILE)
        Path(folder, "edit.py").write_text(UPDATE)
        env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'lsp'}", "FASTAPPLY_STATE_DIR": folder}
        terminal = Terminal([sys.executable, "-m", "fastapply", *COMMAND], Path(folder), env, SIZE)
        try:
            terminal.wait(lambda text: "hunk 1 of 2: take it" in text)
            terminal.keys("y\n")
            terminal.wait(lambda text: "hunk 2 of 2: take it" in text)
            terminal.keys("?\n")
            terminal.wait(lambda text: text.count("hunk 2 of 2: take it") == 2)
            picture = terminal.picture()
        finally:
            terminal.close()
    rows = picture[: max(k for k, row in enumerate(picture) if row.plain.strip()) + 1]
    picture_file = ROOT / "docs" / "review.svg"
    save_svg(rows, picture_file, f"fastapply {' '.join(COMMAND)}")
    without_fonts = re.sub(r"@font-face \{.*?\}\s*", "", picture_file.read_text(), flags=re.DOTALL)  # from elsewhere
    picture_file.write_text(without_fonts)


if __name__ == "__main__":
    main()
