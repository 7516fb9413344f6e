// Documents that change while a preview is open: typing, saving, formatting; the cursor and the view.
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { commands, type Disposable, languages, Range, type TextDocument, TextEdit, TextEditorRevealType, window, workspace } from "vscode";
import { AFTER_THREE, FILE, THREE } from "./samples";
import { api, gone, hunks, open, overlays, place, preview, running, type, until } from "./user";

const starts = async (document: TextDocument): Promise<number[]> => (await hunks(document)).map(({ range }) => range.start.line);
const setting = (name: string, value: unknown) => workspace.getConfiguration().update(name, value, false);
const written = async (document: TextDocument): Promise<string> => Buffer.from(await workspace.fs.readFile(document.uri)).toString();
const all = (document: TextDocument): Range => new Range(0, 0, document.lineCount, 0);
const formats = (edits: (document: TextDocument) => TextEdit[]): Disposable =>
  languages.registerDocumentFormattingEditProvider("python", { provideDocumentFormattingEdits: edits });

export function changes(): void {
  describe("a document that changes under its preview", () => {
    it("typing above moves the hunks, typing in one takes that one away, and the rest lands right", async () => {
      const editor = await open("typed.py", FILE);
      await preview(editor, THREE);
      await place(editor, 1, 0);
      await type("import sys\n");
      await until("moved", async () => (await starts(editor.document)).join() === "5,10,15");
      await place(editor, 10, 4);
      await type("new_");
      await until("lost", async () => (await starts(editor.document)).join() === "5,15");
      await until("two overlays", async () => (await overlays()).length === 2);
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      const typed = AFTER_THREE.replace("import os\n", "import os\nimport sys\n");
      assert.equal(editor.document.getText(), typed.replace('value = os.path.join(a, "2")', 'new_value = os.path.join(a, "second")'));
    });

    it("undo of what was typed brings the hunks back to their lines", async () => {
      const editor = await open("undone.py", FILE);
      await preview(editor, THREE);
      await place(editor, 0, 9);
      await type("\n\n");
      await until("moved", async () => (await starts(editor.document)).join() === "6,11,16");
      while (editor.document.getText() !== FILE) await commands.executeCommand("undo");
      await until("moved back", async () => (await starts(editor.document)).join() === "4,9,14");
    });

    it("a formatter that writes the whole document anew moves the hunks as well", async () => {
      const formatter = formats((document) => [TextEdit.replace(all(document), `# formatted\n${document.getText()}`)]);
      try {
        const editor = await open("anew.py", FILE);
        await preview(editor, THREE);
        await commands.executeCommand("editor.action.formatDocument");
        await until("moved", async () => (await starts(editor.document)).join() === "5,10,15");
        await commands.executeCommand("fastapply.acceptAll");
        await gone(editor.document);
        assert.equal(editor.document.getText(), `# formatted\n${AFTER_THREE}`);
      } finally {
        formatter.dispose();
      }
    });

    it("auto-save and format on save while the rewrite runs lose nothing, and its hunks land", async () => {
      const formatter = formats((document) => [TextEdit.insert(document.positionAt(0), "# formatted\n")]);
      await setting("editor.formatOnSave", true);
      await setting("files.autoSaveDelay", 100);
      try {
        const editor = await open("busy.py", FILE);
        const { apply, preview: now } = await api();
        const pid = await running();
        process.kill(pid, "SIGSTOP"); // the slowest of all servers
        let answer;
        try {
          answer = apply(editor.document.uri, THREE);
          await until("it runs", () => now(editor.document.uri)?.phase === "running");
          await setting("files.autoSave", "afterDelay");
          await place(editor, 0, 0);
          await type("# one\n");
          await until("saved by itself", async () => (await written(editor.document)) === `# one\n${FILE}`);
          await setting("files.autoSave", "off"); // in a browser, VS Code saves by itself where nothing is set
          await type("# two\n");
          await until("typed", () => editor.document.getText().includes("# two\n"));
          assert.ok(editor.document.isDirty);
          await editor.document.save();
          assert.equal(await written(editor.document), `# formatted\n# one\n# two\n${FILE}`);
        } finally {
          process.kill(pid, "SIGCONT");
        }
        assert.equal((await answer)?.status, "applied");
        await commands.executeCommand("fastapply.acceptAll");
        await gone(editor.document);
        assert.equal(editor.document.getText(), `# formatted\n# one\n# two\n${AFTER_THREE}`);
      } finally {
        formatter.dispose();
        for (const name of ["editor.formatOnSave", "files.autoSaveDelay"]) await setting(name, undefined);
        await setting("files.autoSave", "off");
      }
    });

    it("what another program writes into the file moves the hunks, and stays", async () => {
      const editor = await open("elsewhere.py", FILE);
      await preview(editor, THREE);
      await workspace.fs.writeFile(editor.document.uri, Buffer.from(`# by another program\n${FILE}`));
      await until("moved", async () => (await starts(editor.document)).join() === "5,10,15");
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      assert.equal(editor.document.getText(), `# by another program\n${AFTER_THREE}`);
    });

    it("format on save moves what it moves, saves no preview, and breaks none", async () => {
      const formatter = formats((document) => [
        TextEdit.insert(document.positionAt(0), "# formatted\n"),
        TextEdit.replace(document.lineAt(document.lineCount - 2).range, "    return  value"),
      ]);
      await setting("editor.formatOnSave", true);
      try {
        const editor = await open("formatted.py", FILE);
        await preview(editor, THREE);
        await editor.edit((edit) => {
          edit.insert(editor.document.positionAt(0), "# typed\n");
        });
        assert.ok(await editor.document.save());
        const formatted = `# formatted\n# typed\n${FILE.replace(/ {4}return value\n$/, "    return  value\n")}`;
        assert.equal(await written(editor.document), formatted);
        await until("moved", async () => (await starts(editor.document)).join() === "6,11,16");
        await commands.executeCommand("fastapply.acceptAll");
        await gone(editor.document);
        const wanted = formatted.replace('"first"', '"1"').replace('"second"', '"2"').replace('"third"', '"3"');
        assert.equal(editor.document.getText(), wanted);
      } finally {
        formatter.dispose();
        await setting("editor.formatOnSave", undefined);
      }
    });

    it("auto-save writes only what was accepted", async () => {
      await setting("files.autoSaveDelay", 100);
      await setting("files.autoSave", "afterDelay");
      try {
        const editor = await open("saved.py", FILE);
        await preview(editor, THREE);
        const [first] = await hunks(editor.document);
        await commands.executeCommand("fastapply.acceptHunk", { uri: editor.document.uri.toString(), hunk: first?.id });
        await until("saved", () => !editor.document.isDirty && editor.document.getText() !== FILE);
        assert.equal(await written(editor.document), FILE.replace('"first"', '"1"'));
        assert.deepEqual(await starts(editor.document), [9, 14]);
      } finally {
        await setting("files.autoSave", "off");
        await setting("files.autoSaveDelay", undefined);
      }
    });

    it("neither the cursor nor the view moves when hunks above, below and around it are accepted", async () => {
      const middle = Array.from({ length: 120 }, (_, n) => `# ${n}\n`).join("");
      const text = FILE.replace("\n\ndef second", `\n\n${middle}def second`);
      const editor = await open("still.py", text);
      await preview(editor, THREE.replace("\n\ndef second", "\n\n# ... existing code ...\n\ndef second"));
      editor.revealRange(editor.document.lineAt(60).range, TextEditorRevealType.AtTop);
      await place(editor, 70, 2);
      await until("scrolled", () => (editor.visibleRanges[0]?.start.line ?? 0) > 50);
      const view = editor.visibleRanges[0]?.start.line;
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      assert.equal(editor.document.getText(), text.replace('"first"', '"1"').replace('"second"', '"2"').replace('"third"', '"3"'));
      assert.deepEqual([editor.selection.active.line, editor.selection.active.character], [70, 2]);
      assert.equal(editor.visibleRanges[0]?.start.line, view);
    });

    it("a cursor in a line that a hunk changes stays in that line, before what changes", async () => {
      const editor = await open("inside.py", FILE);
      await preview(editor, THREE);
      await place(editor, 9, 8);
      await commands.executeCommand("fastapply.acceptHunk");
      await until("accepted", () => editor.document.getText().includes('"2"'));
      assert.deepEqual([editor.selection.active.line, editor.selection.active.character], [9, 8]);
    });

    it("closing the document takes its preview away for good", async () => {
      const editor = await open("closed.py", FILE);
      await preview(editor, THREE);
      const { document } = editor;
      await commands.executeCommand("workbench.action.closeActiveEditor");
      await gone(document); // long before VS Code lets go of the document itself
      const again = await open("closed.py", FILE);
      assert.equal((await hunks(again.document)).length, 0);
      assert.equal((await overlays()).length, 0);
    });

    it("two editors of one document show the same preview", async () => {
      const editor = await open("twice.py", FILE);
      await preview(editor, THREE);
      await commands.executeCommand("workbench.action.splitEditor");
      await until("two views", () => window.visibleTextEditors.filter(({ document }) => document === editor.document).length === 2);
      await until("six overlays", async () => (await overlays()).length === 6);
      await commands.executeCommand("fastapply.rejectAll");
      await until("none", async () => (await overlays()).length === 0);
      assert.equal(editor.document.getText(), FILE);
    });
  });
}
