// The other ways in and out: selection, code blocks, selected lines, the diff editor.
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { commands, env, Selection, TabInputTextDiff, Uri, ViewColumn, window, workspace } from "vscode";
import { AFTER_THREE, FILE, THREE } from "./samples";
import { api, file, gone, hunks, notices, open, place, preview, press, screenshot, show, texts, until } from "./user";

export function ways(): void {
  describe("an edit comes", () => {
    const opened = async (uri: Uri) => {
      const { preview: now } = await api();
      await until("the preview is open", () => now(uri)?.phase === "open");
    };

    it("from a selection, for the document beside it", async () => {
      const editor = await open("beside.py", FILE);
      const notes = await workspace.openTextDocument({ language: "plaintext", content: `Please:\n${THREE}Thanks.\n` });
      const other = await window.showTextDocument(notes, ViewColumn.Beside);
      other.selection = new Selection(1, 0, notes.lineCount - 2, 0);
      await commands.executeCommand("workbench.action.focusActiveEditorGroup");
      await press("Control+k", "Shift+a");
      await opened(editor.document.uri);
      assert.equal((await hunks(editor.document)).length, 3);
      assert.equal(notes.getText(), `Please:\n${THREE}Thanks.\n`);
    });

    it("from the code block at the cursor of a chat's answer, for the file that it names", async () => {
      await open("named.py", FILE);
      await open("unnamed.py", FILE);
      const answer = `Two ways.\n\n\`\`\`py\nx = 1\n\`\`\`\n\nnamed.py:\n\`\`\`python\n${THREE}\`\`\`\n`;
      const chat = await show(await workspace.openTextDocument({ language: "markdown", content: answer }));
      await place(chat, 10, 0);
      await commands.executeCommand("fastapply.applyFromCodeBlock");
      const named = workspace.textDocuments.find(({ uri }) => uri.path.endsWith("/named.py"));
      assert.ok(named);
      await opened(named.uri);
      await commands.executeCommand("fastapply.acceptAll", { uri: named.uri.toString() });
      await gone(named);
      assert.equal(named.getText(), AFTER_THREE);
    });

    it("from a chat's answer in the clipboard", async () => {
      const editor = await open("answer.py", FILE);
      await env.clipboard.writeText(`Here it is:\n\n\`\`\`python\n${THREE}\`\`\`\n\nHope that helps!\n`);
      await commands.executeCommand("fastapply.applyFromCodeBlock");
      await opened(editor.document.uri);
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      assert.equal(editor.document.getText(), AFTER_THREE);
    });

    it("for several files: one list, what is left out is named, and all is undone as one", async () => {
      const editors = [await open("one.py", FILE), await open("two.py", FILE)];
      const blocks = ["one.py", "two.py"].map((name) => `${name}\n\`\`\`python\n${THREE}\`\`\`\n\n`);
      await env.clipboard.writeText(`${blocks.join("")}Then run:\n\`\`\`sh\npytest\n\`\`\`\n`);
      await commands.executeCommand("fastapply.applyFromClipboard");
      for (const { document } of editors) await opened(document.uri);
      const list = () => window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ label }) => label.startsWith("Fast Apply: 2 files"));
      await until("the list", list);
      const changed = async () => (await texts(".multiDiffEntry .line-insert")).length;
      await until("the hunks of both", async () => (await changed()) >= 6);
      await screenshot("several-files");
      assert.ok((await notices()).some((said) => said.includes("left out as no part of the edit: pytest")));
      await commands.executeCommand("fastapply.acceptFiles");
      for (const { document } of editors) await gone(document);
      assert.deepEqual(editors.map(({ document }) => document.getText()), [AFTER_THREE, AFTER_THREE]);
      await show(await workspace.openTextDocument(file("one.py")));
      await commands.executeCommand("undo"); // where nobody can be asked, VS Code takes yes for "in 2 files?"
      await until("undone", () => editors.every(({ document }) => document.getText() === FILE));
    });

    it("for the selected lines only", async () => {
      const editor = await open("lines.py", FILE);
      await env.clipboard.writeText('def second(a):\n    value = os.path.join(a, "2")\n    return value\n');
      editor.selection = new Selection(8, 0, 11, 0);
      await commands.executeCommand("fastapply.applyToSelectedLines");
      await opened(editor.document.uri);
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      assert.equal(editor.document.getText(), FILE.replace('"second"', '"2"'));
    });
  });

  describe("the diff editor", () => {
    const diffs = () =>
      window.tabGroups.all.flatMap((group) => group.tabs).filter(({ input }) => input instanceof TabInputTextDiff);
    const right = () => workspace.textDocuments.find(({ uri }) => uri.scheme === "fastapply-result")?.getText();

    it("shows what the document would be, follows each decision, and closes with the preview", async () => {
      await workspace.getConfiguration("fastapply").update("previewIn", "diffEditor", false);
      try {
        const editor = await open("diff.py", FILE);
        await preview(editor, THREE);
        await until("the diff", () => diffs().length === 1 && right() === AFTER_THREE);
        assert.equal(editor.document.getText(), FILE);
        await until("VS Code has compared them", async () => (await texts(".line-insert")).length >= 3);
        await screenshot("diff-editor");
        const [first] = await hunks(editor.document);
        await commands.executeCommand("fastapply.rejectHunk", { uri: editor.document.uri.toString(), hunk: first?.id });
        await until("followed", () => right() === AFTER_THREE.replace('"1"', '"first"'));
        await commands.executeCommand("fastapply.acceptAll");
        await gone(editor.document);
        await until("closed", () => diffs().length === 0);
        assert.deepEqual((await notices()).filter((said) => said.includes("option")), [], "the server was told of the client's own settings");
        assert.equal(editor.document.getText(), AFTER_THREE.replace('"1"', '"first"'));
      } finally {
        await workspace.getConfiguration("fastapply").update("previewIn", undefined, false);
      }
    });
  });
}
