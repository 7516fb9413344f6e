// The commands of the palette, the keys and the CodeLenses. Each fetches what it needs and calls.
import {
  commands,
  type Disposable,
  Selection,
  type TextDocument,
  type TextEditor,
  TextEditorRevealType,
  Uri,
  window,
  workspace,
} from "vscode";
import type { Applier } from "./apply";
import type { Client } from "./client";
import type { Decisions } from "./decisions";
import { pickReading, showDetails } from "./details";
import { activeDocument, type DiffView, openDocument } from "./diff";
import { removedLines } from "./hunks";
import type { HunkArgument } from "./lenses";
import type { Previews } from "./preview";
import type { FilesAnswer } from "./protocol";
import { fromClipboard, fromCodeBlock, fromSelection, target, type Update } from "./sources";
import type { Status } from "./status";

export interface Parts {
  client: Client;
  previews: Previews;
  applier: Applier;
  decisions: Decisions;
  diff: DiffView;
  status: Status;
}

export function registerCommands(parts: Parts): Disposable[] {
  const { client, previews, applier, decisions, diff, status } = parts;
  /** The documents of the last update that named several files. */
  let together: readonly TextDocument[] = [];

  async function applyTo(update: Update | undefined): Promise<void> {
    const document = update && (await target(update, activeDocument()));
    if (!document) return;
    if (!window.visibleTextEditors.some((editor) => editor.document === document)) await window.showTextDocument(document);
    const source = update.source === undefined ? {} : { source: update.source };
    await applier.apply({ document, update: update.text, ...source }, (answer) => applyFiles(answer, source));
  }

  /** Each file gets a preview of its own; one list shows them all. */
  async function applyFiles({ files, leftOut = [] }: FilesAnswer, source: { source?: string }): Promise<void> {
    const documents: TextDocument[] = [];
    for (const { uri, path, action, update } of files) {
      if (action === "delete" || action === "rename") {
        void window.showWarningMessage(`Fast Apply: ${path}: not done here: ${action}`);
        continue;
      }
      const file = Uri.parse(uri);
      const document = await workspace.openTextDocument(action === "add" ? file.with({ scheme: "untitled" }) : file);
      if (await applier.apply({ document, update, ...source })) documents.push(document);
    }
    if (leftOut.length > 0) void window.showInformationMessage(`Fast Apply: left out as no part of the edit: ${leftOut.join(", ")}`);
    together = documents;
    await diff.openAll(documents.filter((document) => previews.get(document)));
  }

  async function applyToSelectedLines(): Promise<void> {
    const editor = window.activeTextEditor;
    const update = editor && (await fromClipboard());
    if (update) await applier.apply({ document: editor.document, update: update.text, range: editor.selection });
  }

  function near(argument?: HunkArgument): { document: TextDocument; ids: string[] } | undefined {
    const document = documentOf(argument);
    const line = window.activeTextEditor?.selection.active.line ?? 0;
    const id = argument?.hunk ?? (document && previews.get(document)?.hunks.near(line)?.id);
    return document && id !== undefined ? { document, ids: [id] } : undefined;
  }

  function go(step: 1 | -1): void {
    const editor = window.activeTextEditor;
    const hunk = editor && previews.get(editor.document)?.hunks.step(editor.selection.active.line, step);
    if (hunk) show(editor, Math.min(removedLines(hunk).start, editor.document.lineCount - 1));
  }

  const all: Record<string, (argument?: HunkArgument) => unknown> = {
    applyFromClipboard: async () => applyTo(await fromClipboard()),
    applyFromSelection: async () => applyTo(fromSelection(window.activeTextEditor)),
    applyFromCodeBlock: async () => applyTo(await fromCodeBlock(window.activeTextEditor)),
    applyToSelectedLines,
    acceptHunk: async (argument) => {
      const found = near(argument);
      if (found) await decisions.accept(found.document, found.ids);
    },
    rejectHunk: async (argument) => {
      const found = near(argument);
      if (found) await decisions.reject(found.document, found.ids);
    },
    acceptAll: async (argument) => {
      const document = documentOf(argument);
      if (document) await decisions.accept(document);
    },
    rejectAll: async (argument) => {
      const document = documentOf(argument);
      if (document) await decisions.reject(document);
    },
    acceptFiles: () => decisions.acceptFiles(together),
    rejectFiles: async () => {
      for (const document of together) await decisions.reject(document);
    },
    otherReading: async (argument) => {
      const document = documentOf(argument);
      if (document) await pickReading(client, previews, document);
    },
    showDetails: async (argument) => {
      const document = documentOf(argument);
      const answer = document && previews.get(document)?.answer;
      if (answer) await showDetails(workspace.asRelativePath(document.uri), answer);
    },
    nextHunk: () => {
      go(1);
    },
    previousHunk: () => {
      go(-1);
    },
    openDiff: async (argument) => {
      const document = documentOf(argument);
      if (document && previews.get(document)) await diff.open(document);
    },
    cancelRewrite: () => {
      const document = activeDocument();
      const preview = document && previews.get(document);
      if (preview?.phase === "running") preview.cancel?.();
    },
    restartServer: async () => {
      await client.restart().catch(() => client.tell());
    },
    showStatus: async () => {
      const items = (await status.lines()).map((label) => ({ label, run: () => undefined }));
      const more = [
        { label: "$(refresh) Restart the Language Server", run: () => void commands.executeCommand("fastapply.restartServer") },
        { label: "$(output) Show Output", run: () => void commands.executeCommand("fastapply.showOutput") },
      ];
      (await window.showQuickPick([...items, ...more], { title: "Fast Apply" }))?.run();
    },
    showOutput: () => {
      client.output.show();
    },
  };
  return Object.entries(all).map(([name, run]) => commands.registerCommand(`fastapply.${name}`, run));
}

function documentOf(argument: HunkArgument | undefined): TextDocument | undefined {
  // From a title bar VS Code passes the editor's Uri, which has no field of that name.
  return typeof argument?.uri === "string" ? openDocument(argument.uri) : activeDocument();
}

function show(editor: TextEditor, line: number): void {
  editor.selection = new Selection(line, 0, line, 0);
  editor.revealRange(editor.selection, TextEditorRevealType.InCenterIfOutsideViewport);
}
