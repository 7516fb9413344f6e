"""Take docs/playground*.png (`make screenshot`): four states of the page, with the embedded model."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(Path(__file__).parent)]

from browser import Visit, visit  # noqa: E402
from server import running  # noqa: E402

COLOURS = 48  # enough for text, and a third of the bytes


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        with visit(server.url) as opened:
            opened.page.set_viewport_size({"width": 1100, "height": 420})
            opened.page.wait_for_selector("#model:not(:empty)")
            take(opened.page, "-empty")
            edit(opened, "#sample-doubt")
            opened.page.set_viewport_size({"width": 1200, "height": 720})
            opened.page.locator("#reading-tabs button").nth(1).click()
            take(opened.page)
            opened.page.set_viewport_size({"width": 390, "height": 844})
            opened.page.reload()
            edit(opened, "#sample-doubt")
            take(opened.page, "-narrow")
        with visit(server.url, "dark") as opened:
            opened.page.set_viewport_size({"width": 1100, "height": 620})
            edit(opened, "#sample")
            opened.page.locator("#hunks .reject").nth(2).click()
            take(opened.page, "-ready")


def edit(opened: Visit, sample: str) -> None:
    opened.page.click(sample)
    opened.page.click("#apply")
    opened.done()
    assert not opened.errors, opened.errors


def take(page: Page, state: str = "") -> None:
    page.mouse.move(0, 0)
    page.evaluate("() => document.activeElement.blur()")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(ROOT / "docs" / f"playground{state}.png", optimize=True)


if __name__ == "__main__":
    main()
