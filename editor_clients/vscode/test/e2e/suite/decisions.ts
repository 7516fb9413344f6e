// The main way: from the clipboard to a preview, hunk by hunk, and back by undo.
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { commands, env, window } from "vscode";
import { AFTER_THREE, FILE, THREE } from "./samples";
import { api, click, gone, hunks, open, overlays, place, press, preview, screenshot, show, texts, until } from "./user";

const LENS = ".codelens-decoration a";

export function decisions(): void {
  describe("a preview", () => {
    it("comes from the clipboard by the keys of its command, and the document is not written", async () => {
      const editor = await open("a.py", FILE);
      await env.clipboard.writeText(THREE);
      await press("Control+k", "a");
      const { preview: now } = await api();
      await until("the preview is open", () => now(editor.document.uri)?.phase === "open");
      assert.equal((await hunks(editor.document)).length, 3);
      const shown = await until("three overlays", async () => {
        const all = await overlays();
        return all.length === 3 && all;
      });
      assert.deepEqual(shown.map(({ content }) => content), [1, 2, 3].map((n) => `value = os.path.join(a, "${n}")`));
      await until("CodeLens", async () => (await texts(LENS)).length >= 9);
      assert.equal(editor.document.getText(), FILE);
      assert.ok(!editor.document.isDirty);
      await screenshot("three");
    });

    it("one hunk is accepted by its CodeLens, one is rejected, and one undo takes the accepted one back", async () => {
      const editor = await open("b.py", FILE);
      await preview(editor, THREE);
      await until("CodeLens", async () => (await texts(LENS)).length >= 9);
      await click(LENS, "Accept");
      await until("the first hunk is there", () => editor.document.getText() === FILE.replace('"first"', '"1"'));
      await until("two hunks are left", async () => (await hunks(editor.document)).length === 2);
      await place(editor, 9, 0);
      await press("Shift+Alt+Backspace");
      await until("one hunk is left", async () => (await hunks(editor.document)).length === 1);
      assert.equal(editor.document.getText(), FILE.replace('"first"', '"1"'));
      await press("Control+z");
      await until("undone", () => editor.document.getText() === FILE);
      assert.equal((await hunks(editor.document)).length, 1);
      await commands.executeCommand("fastapply.acceptAll");
      await until("the third hunk is there", () => editor.document.getText() === FILE.replace('"third"', '"3"'));
      await gone(editor.document);
    });

    it("all hunks are accepted as one undo step", async () => {
      const editor = await open("c.py", FILE);
      await preview(editor, THREE);
      await until("CodeLens", async () => (await texts(LENS)).length >= 9);
      await press("Control+Alt+Enter");
      await until("accepted", () => editor.document.getText() === AFTER_THREE);
      await gone(editor.document);
      await until("no overlay", async () => (await overlays()).length === 0);
      await press("Control+z");
      await until("undone", () => editor.document.getText() === FILE);
    });

    it("another reading of a doubtful edit is one pick away", async () => {
      const body = "    x = 1\n    log(x)\n    return x\n";
      const editor = await open("twins.py", `def a():\n${body}\n\ndef b():\n${body}`);
      await preview(editor, "    x = 1\n    log(x)\n    check(x)\n    return x\n");
      const at = async () => (await hunks(editor.document))[0]?.range.start.line;
      const first = await at();
      await commands.executeCommand("fastapply.showDetails");
      await until("what is in doubt", () =>
        window.visibleTextEditors.some(({ document }) => document.languageId === "markdown" && document.getText().includes("## Reading 2")),
      );
      await show(editor.document);
      void commands.executeCommand("fastapply.otherReading");
      await until("the readings", async () => (await texts(".quick-input-list .monaco-list-row")).length >= 2);
      await click(".quick-input-list .monaco-list-row", "Reading 2");
      await until("its hunk is elsewhere", async () => (await at()) !== first);
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      assert.equal(editor.document.getText().split("check(x)").length, 2);
    });
  });
}
