// Accepting and rejecting hunks. The server lands them: it knows them on the document as it is.
import { type TextDocument, window, workspace, WorkspaceEdit } from "vscode";
import type { Client } from "./client";
import type { Previews } from "./preview";
import { acceptRequest, rejectRequest } from "./protocol";

export class Decisions {
  constructor(
    private readonly client: Client,
    private readonly previews: Previews,
  ) {}

  /** Accept these hunks; without names, all that are shown. One undo step. */
  async accept(document: TextDocument, ids?: readonly string[]): Promise<boolean> {
    const [client, preview] = [this.client.now, this.previews.get(document)];
    if (!client || preview?.phase !== "open") return false;
    const hunks = [...(ids ?? preview.hunks.all.map(({ id }) => id))];
    for (const id of hunks) preview.deciding.add(id);
    try {
      const textDocument = { uri: client.code2ProtocolConverter.asUri(document.uri) };
      const answer = await client.sendRequest(acceptRequest, { textDocument, hunks });
      if (!answer.applied) void window.showWarningMessage(`Fast Apply: not applied: ${answer.failureReason}`);
      return answer.applied;
    } catch (error) {
      void window.showWarningMessage(`Fast Apply: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    } finally {
      for (const id of hunks) preview.deciding.delete(id);
    }
  }

  /** Accept every hunk of these documents as one edit, which is undone as one. */
  async acceptFiles(documents: readonly TextDocument[]): Promise<boolean> {
    const client = this.client.now;
    if (!client) return false;
    const all = new WorkspaceEdit();
    try {
      for (const document of documents) {
        const preview = this.previews.get(document);
        if (preview?.phase !== "open") continue;
        for (const { id } of preview.hunks.all) preview.deciding.add(id);
        const textDocument = { uri: client.code2ProtocolConverter.asUri(document.uri), version: document.version };
        const answer = await client.sendRequest(acceptRequest, { textDocument, mode: "edit" });
        const edit = await client.protocol2CodeConverter.asWorkspaceEdit(answer.edit ?? undefined);
        for (const [uri, edits] of edit?.entries() ?? []) all.set(uri, edits);
      }
    } catch (error) {
      void window.showWarningMessage(`Fast Apply: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
    return workspace.applyEdit(all);
  }

  async reject(document: TextDocument, ids?: readonly string[]): Promise<void> {
    const [client, preview] = [this.client.now, this.previews.get(document)];
    if (!preview) return;
    if (preview.phase === "running") preview.cancel?.();
    if (!client || preview.phase !== "open") {
      this.previews.remove(document); // no server: nothing but the view is left
      return;
    }
    const textDocument = { uri: client.code2ProtocolConverter.asUri(document.uri) };
    try {
      await client.sendRequest(rejectRequest, ids ? { textDocument, hunks: [...ids] } : { textDocument });
    } catch {
      if (!ids) this.previews.remove(document); // the server knows of none: neither shall the user
    }
  }
}
