"""Take docs/playground.png (`make screenshot`): the page with its example and the embedded model, one hunk rejected."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(Path(__file__).parent)]

from browser import visit  # noqa: E402
from server import running  # noqa: E402


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server, visit(server.url) as opened:
        page = opened.page
        page.click("#example")
        page.click("#apply")
        opened.done()
        page.locator("#hunks button").nth(2).click()
        page.mouse.move(0, 0)
        page.screenshot(path=ROOT / "docs" / "playground.png")
        assert not opened.errors, opened.errors


if __name__ == "__main__":
    main()
