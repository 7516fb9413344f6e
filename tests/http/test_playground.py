"""The playground: its files, and the page in a real Chromium."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Visit, top, visit
from cases import BROKEN, CHANGED, FOREIGN, MANY, ORIGINAL, READ, UPDATE
from peer import held, peer, says
from server import Server, running

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "playground"
FILES = ["/", "/playground.js", "/playground.css", "/LICENCES.txt"]
LEAST_CONTRAST = 4.5  # of text, WCAG 2.2 AA
BROWSER = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (on Debian: apt install chromium)")


def test_the_script_is_built_from_these_sources(server: Server) -> None:
    names = [*(path.relative_to(SOURCES) for path in (SOURCES / "src").iterdir()), "package-lock.json", "build.mjs"]
    digest = hashlib.sha256(b"".join((SOURCES / name).read_bytes() for name in sorted(map(str, names))))
    script = server.ask("GET", "/playground.js").body
    assert digest.hexdigest() in script[:300].decode(), "run `make playground`"
    assert len(script) < 600_000
    licences = server.ask("GET", "/LICENCES.txt").body.decode()
    assert "@codemirror/merge" in licences
    assert "Permission is hereby granted" in licences


def test_the_page_needs_nobody_else(server: Server) -> None:
    nonces = set()
    for path in FILES * 2:
        answer = server.ask("GET", path)
        policy = answer.headers["content-security-policy"]
        assert answer.status == 200
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "//" not in policy
        nonces.add(re.findall("nonce-([^']+)", policy)[0])
        if path in ("/", "/playground.css"):
            assert "//" not in answer.body.decode()
    assert len(nonces) == len(FILES * 2)


@pytest.fixture
def page(server: Server) -> Iterator[Visit]:
    with visit(server.url) as opened:
        opened.page.wait_for_selector("#model:not(:empty)")
        yield opened
        assert opened.errors == []


def fill(page: Visit, folder: Path, update: str = UPDATE, original: str = ORIGINAL) -> None:
    (folder / "a.py").write_bytes(original.encode())
    page.page.set_input_files("#picker", folder / "a.py")
    page.page.locator(".cm-merge-a .cm-line").nth(1).wait_for()
    page.page.locator("#update .cm-content").fill(update)


def apply(page: Visit) -> None:
    page.page.keyboard.press("Control+Enter")
    page.done()


@BROWSER
def test_a_rewrite_hunk_by_hunk(page: Visit, tmp_path: Path) -> None:
    original = "\ufeff" + ORIGINAL.replace("\n", "\r\n")
    update = UPDATE + "def second():\n    return 20\n"
    fill(page, tmp_path, update, original)
    apply(page)
    assert page.page.inner_text("#status") == "ready to write"
    both = original.replace("return 1\r", "return 10\r").replace("return 2\r", "return 20\r")
    assert page.downloaded() == both.encode()
    assert page.page.is_hidden("#checks")  # what is good is folded
    page.page.click("#details summary")
    assert "syntax" in page.page.inner_text("#checks")
    assert re.fullmatch(r"\d+\.\d %", page.page.inner_text("#confidence-value"))
    first, second = page.page.locator("#hunks li").all()
    first.locator(".go").click()
    assert decisions(page) == ["accepted", "accepted"]  # to go there decides nothing
    first.locator(".reject").click()
    assert decisions(page) == ["rejected", "accepted"]
    assert page.page.inner_text("#hunk-count") == "1 of 2 accepted"
    assert "return 10" not in page.text("b")
    assert page.downloaded() == original.replace("return 2\r", "return 20\r").encode()
    page.page.click("#reject-all")
    assert page.page.inner_text("#status") == "all rejected"
    assert page.downloaded() == original.encode()
    second.locator(".accept").click()
    page.page.click("#accept-all")
    assert page.downloaded() == both.encode()


def decisions(page: Visit) -> list[str | None]:
    return [row.get_attribute("data-decision") for row in page.page.locator("#hunks li").all()]


@BROWSER
def test_what_is_in_doubt_waits_for_a_decision(page: Visit, tmp_path: Path) -> None:
    """The reason first; the other reading in a tab; nothing can be taken away before the hunk is decided."""
    update = READ + "class Last:\n    pass\n"
    fill(page, tmp_path, update, MANY + "\n\nclass Last:\n    x = 1\n")
    apply(page)
    assert page.page.inner_text("#status") == "look at this"
    reason, tabs, hunks = (page.page.locator(name) for name in ("#reasons li:first-child", "#readings", "#hunk-panel"))
    assert "reading 2" in reason.inner_text()
    tops = [top(place) for place in (reason, tabs, hunks)]
    assert tops == sorted(tops)
    assert decisions(page) == ["open", "accepted"]
    assert page.page.locator(".cm-merge-b .hunk-open").count() > 0
    assert page.page.is_disabled("#download")
    first = page.text("b")
    page.page.locator("#reading-tabs button").nth(1).click()
    assert page.text("b") != first
    assert "+" in page.page.inner_text("#reading-diff")
    assert decisions(page) == ["open", "accepted"]
    page.page.keyboard.press("ArrowLeft")
    assert page.text("b") == first
    page.page.keyboard.press("Alt+a")
    assert page.page.inner_text("#status") == "ready to write"
    assert page.page.locator(".hunk-open").count() == 0
    assert page.downloaded().decode() == first


@BROWSER
def test_a_click_on_a_hunk_goes_there(page: Visit, tmp_path: Path) -> None:
    blocks = [f"def f{k}():\n    return {k}\n" for k in range(90)]
    fill(page, tmp_path, f"{blocks[2]}# ... existing code ...\ndef f80():\n    return -80\n", "\n\n".join(blocks))
    apply(page)
    place = page.page.locator(".cm-merge-b .hunk-here")
    page.page.locator("#hunks .go").last.click()
    assert place.inner_text() == "    return -80"
    scroller, line = page.page.locator("#merge").bounding_box(), place.bounding_box()
    assert scroller
    assert line
    assert scroller["y"] < line["y"] < scroller["y"] + scroller["height"]


@BROWSER
def test_what_stays_can_be_in_doubt(page: Visit) -> None:
    """The other reading does all that the first does, and takes one more line: that line is asked about."""
    answer = {
        "status": "needs_review",
        "text": CHANGED,
        "confidence": 0.5,
        "hunks": [{"start_line": 4, "end_line": 5, "new_text": "    return 10\n"}],
        "checks": [
            {"name": "confident", "ok": False, "detail": "line 1: `import sys` may have to go: reading 2 removes it"}
        ],
        "stats": {"output_tokens": 0, "accepted_tokens": 0},
    }
    gone = {"start_line": 0, "end_line": 1, "new_text": ""}
    answer["alternatives"] = [
        {"number": 2, "share": 0.4, "hunks": [gone, *answer["hunks"]], "diff": "-\n+\n@@ -1 @@\n-import sys\n"}
    ]
    page.page.route("**/v1/apply", lambda route: route.fulfill(body=f"data: {json.dumps(answer)}\n\n"))
    page.page.locator(".cm-merge-a .cm-content").fill(ORIGINAL)
    page.page.locator("#update .cm-content").fill(UPDATE)
    apply(page)
    assert decisions(page) == ["open", "accepted"]
    assert "stays" in page.page.locator("#hunks li").first.inner_text()
    page.page.locator("#hunks .reject").first.click()  # the other reading, then
    assert page.page.get_attribute("#reading-1", "aria-selected") == "true"
    assert decisions(page) == ["open", "accepted"]
    page.page.keyboard.press("Alt+a")
    assert page.downloaded().decode() == CHANGED.removeprefix("import sys\n")
    page.page.click("#reading-0")
    page.page.locator("#hunks .accept").first.click()
    assert page.downloaded().decode() == CHANGED


@BROWSER
def test_an_empty_page_says_what_to_do(page: Visit) -> None:
    said = page.page.locator("#next")
    assert "Begin with a file" in said.inner_text()
    page.page.locator("#update .cm-content").fill(UPDATE)
    assert "Now the file" in said.inner_text()
    page.page.locator("#update .cm-content").fill("")
    page.page.locator(".cm-merge-a .cm-content").fill(CHANGED)
    assert "Now the edit" in said.inner_text()
    page.page.locator("#update .cm-content").fill(UPDATE)
    assert "press Apply" in said.inner_text()
    apply(page)
    assert page.page.inner_text("#status") == "nothing to change"
    page.page.reload()
    page.page.click("#sample-doubt")
    apply(page)
    assert page.page.inner_text("#status") == "look at this"


@BROWSER
def test_one_column_for_a_narrow_window(page: Visit) -> None:
    page.page.set_viewport_size({"width": 390, "height": 844})
    assert page.page.locator(".cm-merge-b").is_hidden()
    page.page.click("#sample-doubt")
    page.page.click("#apply")
    page.done()
    assert page.page.locator(".cm-merge-a").is_hidden()
    assert page.page.locator(".removed-lines").count() == 2
    wide = """() => [...document.querySelectorAll("body *")]
        .filter((box) => box.checkVisibility() && !box.closest("code"))
        .map((box) => [box.id || box.className, box.getBoundingClientRect().right])
        .filter(([, right]) => right > 390.5)"""
    assert page.page.evaluate(wide) == []
    places = ("#report", "#diff", "#update-pane")
    tops = [top(page.page.locator(name)) for name in places]
    assert tops == sorted(tops)
    page.page.click("#show-file")
    assert page.page.locator(".cm-merge-b").is_hidden()
    page.page.locator("#hunks .go").last.click()
    assert "sorted" in page.page.locator(".cm-merge-b .hunk-here").inner_text()
    page.page.click("#accept-all")
    assert b"sorted" in page.downloaded()


@BROWSER
def test_the_keyboard_alone(page: Visit) -> None:
    keyboard = page.page.keyboard
    wanted = ["instruction", "example", "theme", "sample", "sample-doubt", "path", "open", "show-drafts", "Edit"]
    reached = []
    focused = "() => document.activeElement.id || document.activeElement.getAttribute('aria-label') || ''"
    outline = (
        "() => getComputedStyle(document.activeElement.closest('.cm-editor') ?? document.activeElement).outlineStyle"
    )
    for _ in range(20):
        keyboard.press("Tab")
        reached.append(page.page.evaluate(focused))
        assert page.page.evaluate(outline) != "none" or not reached[-1], f"the focus on {reached[-1]} is not seen"
    assert [name for name in reached if name in wanted][: len(wanted)] == wanted
    assert {"File", "Rewritten file"} <= set(reached)
    page.page.focus("#example")
    keyboard.press("Enter")
    assert page.page.evaluate(focused) == "apply"
    keyboard.press("Enter")
    page.done()
    assert decisions(page) == ["accepted"] * 4
    keyboard.press("F7")
    keyboard.press("Alt+r")
    assert decisions(page)[:2] == ["accepted", "rejected"]
    keyboard.press("Shift+F7")
    keyboard.press("Alt+r")
    keyboard.press("F7")
    keyboard.press("Alt+a")
    assert decisions(page)[:2] == ["rejected", "accepted"]


@BROWSER
def test_a_file_is_dropped(page: Visit) -> None:
    drop = """(pane, [name, text]) => {
        const data = new DataTransfer();
        data.items.add(new File([text], name));
        const event = {bubbles: true, cancelable: true, dataTransfer: data};
        pane.dispatchEvent(new DragEvent("dragover", event));
        pane.dispatchEvent(new DragEvent("drop", event));
    }"""
    page.page.locator(".cm-merge-a .cm-content").evaluate(drop, ["a.py", ORIGINAL])
    page.page.locator("#update .cm-content").evaluate(drop, ["edit.txt", UPDATE])
    page.page.wait_for_selector("#apply:enabled")
    assert page.page.input_value("#path") == "a.py"
    assert page.text("update") == UPDATE
    apply(page)
    assert page.downloaded() == CHANGED.encode()


@BROWSER
def test_what_is_doubtful_or_refused_is_said(page: Visit, tmp_path: Path) -> None:
    fill(page, tmp_path, BROKEN)
    apply(page)
    assert page.page.inner_text("#status") == "look at this"
    assert "syntax" in page.page.inner_text("#reasons")
    page.page.locator("#update .cm-content").fill(FOREIGN)
    assert page.page.inner_text("#status") == ""  # it belonged to the edit before
    page.page.keyboard.press("Control+Enter")
    page.page.wait_for_selector("#status[data-kind=failed]")
    assert page.page.inner_text("#status") == "not applied"
    assert "matches nothing" in page.page.inner_text("#reasons")
    assert "right file" in page.page.inner_text("#next")
    assert page.text("b") == ORIGINAL
    assert any("422" in error for error in page.errors)  # the browser's own line
    page.errors.clear()


@BROWSER
def test_a_file_that_is_no_text_is_named_as_it_is_called(page: Visit, tmp_path: Path) -> None:
    (tmp_path / "data.bin").write_bytes(b"\xff\x00")
    page.page.set_input_files("#picker", tmp_path / "data.bin")
    page.page.wait_for_selector("#status[data-kind=failed]")
    assert page.page.inner_text("#reasons") == "Not UTF-8 text: data.bin"


@BROWSER
def test_it_streams_and_stops(tmp_path: Path) -> None:
    options = ("--backend", "openai", "--model", "m", "--template", "morph", "--base-url")
    with (
        peer(says(CHANGED, pieces=8, pause=0.3), held(CHANGED)) as model,
        running(tmp_path, *options, model.url) as server,
        visit(server.url) as page,
    ):
        fill(page, tmp_path)
        page.page.keyboard.press("Control+Enter")
        page.page.wait_for_selector(".cm-merge-b .cm-line:has-text('return 10')")
        assert page.page.locator(".origin-pending").count() > 0
        assert page.page.get_attribute("body", "data-phase") == "working"
        page.done()
        assert page.page.locator(".origin-pending").count() == 0
        assert page.downloaded() == CHANGED.encode()
        page.page.keyboard.press("Control+Enter")
        page.page.wait_for_selector("#stop:visible")
        page.page.keyboard.press("Escape")
        page.page.wait_for_selector("#apply:visible")
        assert page.text("b") == ORIGINAL
        assert page.errors == []
        model.go.set()


@BROWSER
def test_it_asks_for_a_token(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("the-only-token-there-is\n")
    with running(tmp_path, "--model", "none", "--token-file", "tokens") as server, visit(server.url) as page:
        page.page.wait_for_selector("#token-dialog[open]")
        for token in ("a-wrong-one", "the-only-token-there-is"):
            page.page.wait_for_selector("#token-dialog[open]")
            page.page.keyboard.type(token)
            page.page.keyboard.press("Enter")
        page.page.wait_for_selector("#model:has-text('none')")
        fill(page, tmp_path)
        apply(page)
        assert page.downloaded() == CHANGED.encode()
        assert all("401" in error for error in page.errors)


@BROWSER
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read(server: Server, tmp_path: Path, theme: str) -> None:
    """The contrast of all text that is shown, against the nearest background that is not see-through."""
    measure = """() => {
        const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
        const rgba = (colour) => {
            canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data];
        };
        const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
            .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
        const found = {};
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
            const box = walker.currentNode.parentElement;
            const text = walker.currentNode.data.trim();
            if (!text || !box.checkVisibility() || box.closest(":disabled, .cm-gutters, .unseen, kbd, option"))
                continue;
            let behind = box;
            while (behind && rgba(getComputedStyle(behind).backgroundColor)[3] < 250) behind = behind.parentElement;
            const ink = light(rgba(getComputedStyle(box).color));
            const ground = light(rgba(getComputedStyle(behind ?? document.body).backgroundColor));
            found[text] = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
        }
        return found;
    }"""
    with visit(server.url, theme) as page:
        page.page.click("#sample-doubt")
        apply(page)
        page.page.click("#details summary")
        contrast = page.page.evaluate(measure)
        assert len(contrast) > 60
        assert {text: ratio for text, ratio in contrast.items() if ratio < LEAST_CONTRAST} == {}
