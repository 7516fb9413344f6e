// Documents of every kind: line ends, tabs, emoji, untitled, read-only.
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { commands, EndOfLine, workspace } from "vscode";
import { AFTER_THREE, FILE, THREE } from "./samples";
import { gone, hunks, open, overlays, notices, preview, show, until } from "./user";

export function documents(): void {
  describe("documents", () => {
    it("CRLF: every line end stays, on the disk too", async () => {
      const editor = await open("crlf.py", FILE.replaceAll("\n", "\r\n"));
      assert.equal(editor.document.eol, EndOfLine.CRLF);
      await preview(editor, THREE);
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      assert.equal(editor.document.getText(), AFTER_THREE.replaceAll("\n", "\r\n"));
      await editor.document.save();
      const bytes = await workspace.fs.readFile(editor.document.uri);
      assert.equal(Buffer.from(bytes).toString(), AFTER_THREE.replaceAll("\n", "\r\n"));
    });

    it("tabs and emoji: shown in their columns, landed as they are", async () => {
      const text = 'package p\n\nfunc greet() string {\n\treturn "👋 hello"\n}\n';
      const editor = await open("greet.go", text);
      await preview(editor, 'func greet() string {\n\tname := "🌍👩‍👩‍👧"\n\treturn "👋 " + name\n}\n');
      const [shown] = await until("an overlay", async () => {
        const all = await overlays();
        return all.length > 0 && all;
      });
      assert.ok(shown?.content.startsWith('name := "🌍👩‍👩‍👧"'), shown?.content);
      assert.ok(!shown?.content.includes("\t"));
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      assert.equal(editor.document.getText(), 'package p\n\nfunc greet() string {\n\tname := "🌍👩‍👩‍👧"\n\treturn "👋 " + name\n}\n');
    });

    it("no line end at the end of the file: none comes", async () => {
      const editor = await open("bare.py", FILE.trimEnd());
      await preview(editor, THREE);
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      assert.equal(editor.document.getText(), AFTER_THREE.trimEnd());
    });

    it("untitled", async () => {
      const editor = await show(await workspace.openTextDocument({ language: "python", content: FILE }));
      assert.ok(editor.document.isUntitled);
      await preview(editor, THREE);
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      assert.equal(editor.document.getText(), AFTER_THREE);
    });

    it("read-only: the preview is shown, accepting says why not, and nothing is written", async () => {
      const editor = await open("fixed.py", FILE);
      await commands.executeCommand("workbench.action.files.setActiveEditorReadonlyInSession");
      await preview(editor, THREE);
      await commands.executeCommand("fastapply.acceptAll");
      const said = await until("a message", async () => {
        return (await notices()).find((text) => text.includes("read-only"));
      });
      assert.match(said, /fixed\.py is read-only/);
      assert.equal(editor.document.getText(), FILE);
      assert.equal((await hunks(editor.document)).length, 3);
      await commands.executeCommand("notifications.clearAll");
      await commands.executeCommand("workbench.action.files.setActiveEditorWriteableInSession");
      await commands.executeCommand("fastapply.acceptAll");
      await gone(editor.document);
      assert.equal(editor.document.getText(), AFTER_THREE);
    });
  });
}
