// Lands the server's edits: only what really changes, as one undo step, with the cursor and the view where they were.
import { EndOfLine, Range, type TextDocument, window, workspace, WorkspaceEdit } from "vscode";
import {
  type ApplyWorkspaceEditParams,
  type ApplyWorkspaceEditRequest,
  type ApplyWorkspaceEditResult,
  CancellationToken,
  type HandlerResult,
  type TextDocumentEdit,
} from "vscode-languageclient/node";
import { trimmed } from "./hunks";

type Next = ApplyWorkspaceEditRequest.HandlerSignature;

/** The middleware of `workspace/applyEdit`. Edits that their user shall confirm go VS Code's own way. */
export function applyEdit(params: ApplyWorkspaceEditParams, next: Next): HandlerResult<ApplyWorkspaceEditResult, void> {
  const [change, ...others] = params.edit.documentChanges ?? [];
  const confirm = Object.values(params.edit.changeAnnotations ?? {}).some((one) => one.needsConfirmation);
  if (!change || others.length > 0 || !("edits" in change) || confirm) return next(params, CancellationToken.None);
  const document = workspace.textDocuments.find((open) => open.uri.toString() === uriOf(change));
  return document ? land(document, change) : next(params, CancellationToken.None);
}

async function land(document: TextDocument, change: TextDocumentEdit): Promise<ApplyWorkspaceEditResult> {
  // From this check to `workspace.applyEdit` nothing waits: the edit is one of exactly this version.
  if (change.textDocument.version !== document.version)
    return { applied: false, failureReason: `the document is at version ${document.version}` };
  const edits: [Range, string][] = [];
  for (const one of change.edits) {
    if (!("newText" in one)) return { applied: false, failureReason: "snippets are not understood" };
    const { start, end } = one.range;
    const range = document.validateRange(new Range(start.line, start.character, end.line, end.character));
    const text = one.newText.replace(/\r\n|\r|\n/g, document.eol === EndOfLine.CRLF ? "\r\n" : "\n");
    const small = trimmed(document.getText(range), text);
    const from = document.offsetAt(range.start);
    edits.push([new Range(document.positionAt(from + small.from), document.positionAt(from + small.to)), small.text]);
  }
  return (await write(document, edits))
    ? { applied: true }
    : { applied: false, failureReason: `${workspace.asRelativePath(document.uri)} is read-only` };
}

/**
 * One undo step. Through an editor of the document where there is one: `workspace.applyEdit` writes into documents that
 * are read-only, an editor does not. It says yes all the same, so that the version tells whether it did.
 */
async function write(document: TextDocument, edits: readonly [Range, string][]): Promise<boolean> {
  const editor = window.visibleTextEditors.find((visible) => visible.document === document);
  if (!editor) {
    const edit = new WorkspaceEdit();
    for (const [range, text] of edits) edit.replace(document.uri, range, text);
    return workspace.applyEdit(edit);
  }
  const before = document.version;
  const said = await editor.edit((builder) => {
    for (const [range, text] of edits) builder.replace(range, text);
  });
  return said && document.version !== before;
}

function uriOf(change: TextDocumentEdit): string {
  return change.textDocument.uri;
}
