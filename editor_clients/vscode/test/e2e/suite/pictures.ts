// The README's pictures, from the demo that the command line has too.
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { env, TextEditorRevealType, workspace, commands } from "vscode";
import { api, file, overlays, screenshot, show, until } from "./user";

export function pictures(): void {
  describe("the demo", () => {
    it("previews insertions, changes and deletions at once", async () => {
      const update = await workspace.fs.readFile(file("update.py"));
      const editor = await show(await workspace.openTextDocument(file("inventory.py")));
      const { preview: now } = await api();
      const before = editor.document.getText();
      await commands.executeCommand("workbench.action.closeSidebar");
      for (const theme of ["Default Light Modern", "Default Dark Modern"]) {
        await workspace.getConfiguration("workbench").update("colorTheme", theme, false);
        await env.clipboard.writeText(Buffer.from(update).toString());
        await commands.executeCommand("fastapply.applyFromClipboard");
        await until("the preview is open", () => now(editor.document.uri)?.phase === "open");
        const hunks = now(editor.document.uri)?.hunks ?? [];
        assert.ok(hunks.some(({ newText }) => newText.includes("def best_sellers")));
        assert.ok(hunks.some(({ newText }) => newText === ""));
        await commands.executeCommand("notifications.clearAll");
        editor.revealRange(editor.document.lineAt(74).range, TextEditorRevealType.AtTop);
        await until("the overlay of the insertion", async () => (await overlays()).some(({ content }) => content.includes("def best_sellers")));
        await new Promise((done) => setTimeout(done, 500)); // the CodeLens come in their own time
        await screenshot(`preview-${theme.includes("Dark") ? "dark" : "light"}`);
        await commands.executeCommand("fastapply.rejectAll");
      }
      assert.equal(editor.document.getText(), before);
      await commands.executeCommand("workbench.view.explorer");
      await workspace.getConfiguration("workbench").update("colorTheme", undefined, false);
    });
  });
}
