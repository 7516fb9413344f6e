// Accepting and rejecting hunks. The server lands them: it knows them on the document as it is.
import { type TextDocument, window } from "vscode";
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
