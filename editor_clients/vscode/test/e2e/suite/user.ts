// What the tests do as a user, and how they look at what comes of it.
import assert from "node:assert/strict";
import { type TextDocument, type TextEditor, type Uri, commands, env, extensions, Selection, window, workspace } from "vscode";
import type { Api } from "../../../src/extension";
import type { Wish } from "../hands";

export async function api(): Promise<Api> {
  const extension = extensions.getExtension<Api>("fastapply.fastapply");
  assert.ok(extension, "the extension is not there");
  return extension.activate();
}

async function ask(wish: Wish): Promise<unknown> {
  const answer = await fetch(process.env["FASTAPPLY_E2E_HANDS"] ?? "", { method: "POST", body: JSON.stringify(wish) });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return JSON.parse(text);
}

export const press = (...keys: string[]): Promise<unknown> => ask({ do: "press", keys });
export const type = (text: string): Promise<unknown> => ask({ do: "type", text });
export const click = (selector: string, text?: string): Promise<unknown> =>
  ask({ do: "click", selector, ...(text === undefined ? {} : { text }) });
export const screenshot = (name: string): Promise<unknown> => ask({ do: "screenshot", name });
export const texts = (selector: string): Promise<string[]> => ask({ do: "texts", selector }) as Promise<string[]>;
export const overlays = (): Promise<{ content: string; left: string; background: string }[]> =>
  ask({ do: "overlays" }) as Promise<{ content: string; left: string; background: string }[]>;

/** A workbench that hangs is a failure, a slow machine is none. */
const SECONDS = 120;

export async function until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>, seconds = SECONDS): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

export function file(name: string): Uri {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  assert.ok(folder);
  return folder.with({ path: `${folder.path}/${name}` });
}

/** A new file with this text, open and with the keyboard's focus. */
export async function open(name: string, text: string): Promise<TextEditor> {
  await workspace.fs.writeFile(file(name), Buffer.from(text));
  return show(await workspace.openTextDocument(file(name)));
}

export async function show(document: TextDocument): Promise<TextEditor> {
  const editor = await window.showTextDocument(document);
  await commands.executeCommand("workbench.action.focusActiveEditorGroup");
  return editor;
}

export async function hunks(document: TextDocument) {
  return (await api()).preview(document.uri)?.hunks ?? [];
}

export async function gone(document: TextDocument): Promise<void> {
  const { preview } = await api();
  await until("the preview is gone", () => preview(document.uri) === undefined);
}

/** Copy an edit, press the keys of the command, and wait for its preview. */
export async function preview(editor: TextEditor, update: string): Promise<void> {
  await env.clipboard.writeText(update);
  await show(editor.document);
  await commands.executeCommand("fastapply.applyFromClipboard");
  const { preview: now } = await api();
  await until("the preview is open", () => now(editor.document.uri)?.phase === "open");
  await commands.executeCommand("workbench.action.focusActiveEditorGroup"); // by now the window knows of it too
}

/** The server's process id, once it runs: another one than `not`. */
export const running = (not?: number): Promise<number> =>
  until("the server runs", async () => {
    const { state, pid } = (await api()).server();
    return state === "running" && pid !== undefined && pid !== not && pid;
  });

/** What the notifications say. They have no toasts where tests run: the list is opened. */
export async function notices(): Promise<string[]> {
  await commands.executeCommand("notifications.showList");
  return texts(".notification-list-item");
}

/** Put the cursor somewhere; done when VS Code's window knows of it too. */
export async function place(editor: TextEditor, line: number, character: number): Promise<void> {
  editor.selection = new Selection(line, character, line, character);
  await commands.executeCommand("workbench.action.focusActiveEditorGroup");
}

export async function closeAll(): Promise<void> {
  while (window.tabGroups.all.some((group) => group.tabs.length > 0)) await commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
}
