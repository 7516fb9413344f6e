// With the embedded model, as a user: open a file, copy an edit, press the keys of the command, watch, decide, undo.
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { commands, env, Position, type TextDocument, window, workspace } from "vscode";
import type { Hunk } from "../../../src/hunks";
import { api, click, file, hunks, notices, overlays, place, press, running, screenshot, texts, type, until } from "./user";

const SECONDS = 400; // half a minute on two idle cores
const LENS = ".codelens-decoration a";

/** The text with one hunk in it. */
function after(document: TextDocument, { range, newText }: Hunk): string {
  const [start = 0, end = 0] = [range.start, range.end].map(({ line, character }) => document.offsetAt(new Position(line, character)));
  return document.getText().slice(0, start) + newText + document.getText().slice(end);
}

export function model(): void {
  describe("with the embedded model", () => {
    it("the draft stands while the model writes; one hunk is accepted, one rejected, and undo brings the file back", async function () {
      this.timeout((SECONDS + 120) * 1000);
      const config = workspace.getConfiguration("fastapply");
      await running();
      await config.update("model", undefined, false);
      try {
        await press("Control+p");
        await type("inventory.py");
        await until("the file is found", async () => (await texts(".quick-input-list .monaco-list-row")).some((row) => row.includes("inventory.py")));
        await press("Enter");
        const editor = await until("the file", () => (window.activeTextEditor?.document.uri.path.endsWith("/inventory.py") ? window.activeTextEditor : undefined));
        const { document } = editor;
        const before = document.getText();
        await env.clipboard.writeText(Buffer.from(await workspace.fs.readFile(file("update.py"))).toString());
        await press("Control+k", "a");

        const { preview } = await api();
        let drafted = 0;
        let speed: string | undefined;
        await until("it runs", () => preview(document.uri)?.phase === "running");
        await until(
          "the preview is open",
          async () => {
            const now = preview(document.uri);
            if (now?.phase === "running" && !speed) {
              drafted = now.hunks.length;
              speed = (await notices()).map((text) => /writing, \d+ tokens\/s/.exec(text)?.[0]).find(Boolean);
              if (speed) await screenshot("streaming");
            }
            return now?.phase === "open";
          },
          SECONDS,
        );
        console.log(`hunks that were shown while the model wrote: ${drafted} (${speed ?? "no model"})`);
        assert.ok(speed, "the model did not write");
        assert.ok(drafted > 2, "the alignment's draft did not stand meanwhile");
        await commands.executeCommand("notifications.clearAll");
        assert.equal(document.getText(), before);
        await until("overlays", async () => (await overlays()).length > 0);

        const all = await hunks(document);
        const [first, second] = all;
        assert.ok(first && second && all.length > 2);
        await place(editor, first.range.start.line, 0);
        const accepted = after(document, first);
        await until("CodeLens", async () => (await texts(LENS)).some((lens) => lens.includes("Accept")));
        await click(LENS, "Accept");
        await until("the first hunk is there", () => document.getText() === accepted);
        const [next] = await until("one less", async () => {
          const left = await hunks(document);
          return left.length === all.length - 1 && left;
        });
        assert.ok(next);
        await place(editor, next.range.start.line, 0);
        await press("Shift+Alt+Backspace");
        await until("two less", async () => (await hunks(document)).length === all.length - 2);
        assert.equal(document.getText(), accepted);
        await press("Control+z");
        await until("undone", () => document.getText() === before);
        await commands.executeCommand("fastapply.acceptAll");
        await until("all is decided", () => preview(document.uri) === undefined);
        assert.match(document.getText(), /def best_sellers/);
      } finally {
        await config.update("model", "none", false);
      }
    });
  });
}
