// Where an update comes from, and which document it is meant for.
import {
  type QuickPickItem,
  TabInputText,
  type TextDocument,
  type TextEditor,
  type Uri,
  env,
  window,
  workspace,
} from "vscode";
import { SCHEMES } from "./client";
import { blockAt, type CodeBlock, codeBlocks, names } from "./codeblocks";

export interface Update {
  text: string;
  /** The document that it was taken from, if any: hardly the one that it is meant for. */
  from?: TextDocument;
  block?: CodeBlock;
  /** What it is, for a person. */
  source?: string;
}

function counted(what: string, text: string): string {
  const lines = text.trim().split("\n").length;
  return `${what}, ${lines === 1 ? "1 line" : `${lines} lines`}`;
}

export async function fromClipboard(): Promise<Update | undefined> {
  const text = await env.clipboard.readText();
  if (text.trim() !== "") return { text, source: counted("clipboard", text) };
  void window.showInformationMessage("Fast Apply: the clipboard is empty. Copy the suggested edit first.");
  return undefined;
}

export function fromSelection(editor: TextEditor | undefined): Update | undefined {
  if (editor && !editor.selection.isEmpty) return { text: editor.document.getText(editor.selection), from: editor.document };
  void window.showInformationMessage("Fast Apply: select the suggested edit first.");
  return undefined;
}

/** The code block at the cursor of a Markdown document, else one of the clipboard, where a chat's answer was copied to. */
export async function fromCodeBlock(editor: TextEditor | undefined): Promise<Update | undefined> {
  if (editor?.document.languageId === "markdown") {
    const blocks = codeBlocks(editor.document.getText());
    const block = blockAt(blocks, editor.selection.active.line) ?? (await pickBlock(blocks));
    if (block) return { text: block.text, from: editor.document, block };
    if (blocks.length > 0) return undefined; // none was picked
  }
  const copied = await fromClipboard();
  const blocks = codeBlocks(copied?.text ?? "");
  if (blocks.length === 0) return copied; // the button of a chat's code block copies the code alone
  const block = await pickBlock(blocks);
  return block && { text: block.text, block };
}

async function pickBlock(blocks: readonly CodeBlock[]): Promise<CodeBlock | undefined> {
  if (blocks.length < 2) return blocks[0];
  const items = blocks.map((block) => ({
    label: block.text.trim().split("\n", 1)[0] ?? "",
    description: block.path ?? block.language,
    detail: `${block.end - block.start - 1} lines`,
    block,
  }));
  return (await window.showQuickPick(items, { placeHolder: "Which code block shall be applied?" }))?.block;
}

/** The document that an update is meant for: the one it names, else the active one, else the user is asked. */
export async function target(update: Update, active: TextDocument | undefined): Promise<TextDocument | undefined> {
  const named = update.block && (await namedBy(update.block));
  if (named) return named;
  if (active && active !== update.from) return active;
  const others = new Set(window.visibleTextEditors.map(({ document }) => document).filter((one) => takes(one, update)));
  if (others.size === 1) return [...others][0];
  return pickTarget(update);
}

function takes({ uri }: TextDocument, { from }: Update): boolean {
  return SCHEMES.includes(uri.scheme) && uri.toString() !== from?.uri.toString();
}

async function namedBy(block: CodeBlock): Promise<TextDocument | undefined> {
  if (block.path === undefined) return undefined;
  const open = openFiles().filter((uri) => names(block, uri.path));
  const path = block.path.replaceAll("\\", "/").replace(/^(\.?\/)+/, "");
  const found = open.length > 0 ? open : await workspace.findFiles(`**/${path.replace(/[[\]{}*?]/g, "[$&]")}`, undefined, 2);
  return found.length === 1 && found[0] ? workspace.openTextDocument(found[0]) : undefined;
}

async function pickTarget(update: Update): Promise<TextDocument | undefined> {
  const files = openFiles().filter((uri) => SCHEMES.includes(uri.scheme) && uri.toString() !== update.from?.uri.toString());
  if (files.length === 0) {
    void window.showInformationMessage("Fast Apply: open the file that the edit is meant for first.");
    return undefined;
  }
  const items: (QuickPickItem & { uri: Uri })[] = files.map((uri) => ({ label: workspace.asRelativePath(uri), uri }));
  const chosen = await window.showQuickPick(items, { placeHolder: "Which file is the edit meant for?" });
  return chosen && workspace.openTextDocument(chosen.uri);
}

function openFiles(): Uri[] {
  const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
  const uris = tabs.flatMap(({ input }) => (input instanceof TabInputText ? [input.uri] : []));
  return [...new Map(uris.map((uri) => [uri.toString(), uri])).values()];
}
