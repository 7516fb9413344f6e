"""A real Chromium with the playground in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

CHROMIUM = shutil.which(os.environ.get("CHROMIUM", "chromium"))
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SECONDS = 60


def top(place: Locator) -> float:
    """Where a thing that is shown begins, in pixels from the top."""
    box = place.bounding_box()
    assert box is not None
    return box["y"]


class Visit:
    """A page, and what must not happen on it: errors, and requests to anybody else."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.errors: list[str] = []
        page.set_default_timeout(SECONDS * 1000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("request", self._own)
        page.goto(url)

    def _own(self, request: object) -> None:
        asked: str = request.url  # type: ignore[attr-defined]
        if not asked.startswith((self.url, "data:", "blob:")):
            self.errors.append(f"asked {asked}")

    def text(self, pane: str) -> str:
        """What an editor shows: `update`, or side `a` or `b` of the diff."""
        place = "#update .cm-line" if pane == "update" else f".cm-merge-{pane} .cm-line"
        return "\n".join(self.page.locator(place).all_text_contents())

    def downloaded(self) -> bytes:
        with self.page.expect_download() as download:
            self.page.click("#download")
        return download.value.path().read_bytes()

    def done(self) -> None:
        self.page.wait_for_selector("body[data-phase=done]")


@contextmanager
def visit(url: str, theme: str = "light") -> Iterator[Visit]:
    from playwright.sync_api import sync_playwright  # half a second, in every worker that collects these tests

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 860}, color_scheme=theme)  # type: ignore[arg-type]
        yield Visit(page, url)
        browser.close()
