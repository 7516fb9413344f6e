// With the embedded model: the preview grows while the rewrite runs. Slow, and only where the model's weights are.
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { commands, workspace } from "vscode";
import { api, file, gone, overlays, screenshot, show, until } from "./user";

export function model(): void {
  describe("with the embedded model", () => {
    it("the preview streams, and lands as one undo step", async function () {
      if (process.env["FASTAPPLY_E2E_MODEL"] === undefined) this.skip(); // FASTAPPLY_E2E_MODEL=1: run it
      this.timeout(400_000);
      const config = workspace.getConfiguration("fastapply");
      await config.update("model", undefined, false);
      try {
        const update = await workspace.fs.readFile(file("update.py"));
        const editor = await show(await workspace.openTextDocument(file("inventory.py")));
        const before = editor.document.getText();
        const { apply, preview: now } = await api();
        const counts: number[] = [];
        const answer = apply(editor.document.uri, Buffer.from(update).toString());
        await until("it runs", () => now(editor.document.uri)?.phase === "running");
        await until(
          "the preview is open",
          async () => {
            const preview = now(editor.document.uri);
            const count = preview?.hunks.length ?? 0;
            if (preview?.phase === "running" && count > (counts.at(-1) ?? 0)) {
              counts.push(count);
              if (counts.length === 2) await screenshot("streaming");
            }
            return preview?.phase === "open";
          },
          360,
        );
        assert.equal((await answer)?.model.state, "ready");
        console.log(`hunks that had settled while the rewrite ran: ${counts.join(", ")}`);
        assert.ok(counts.length > 1, "no hunk came before the end");
        assert.ok((await overlays()).length > 0);
        assert.equal(editor.document.getText(), before);
        await commands.executeCommand("fastapply.acceptAll");
        await gone(editor.document);
        assert.match(editor.document.getText(), /def best_sellers/);
        await commands.executeCommand("undo");
        await until("undone", () => editor.document.getText() === before);
      } finally {
        await config.update("model", "none", false);
      }
    });
  });
}
