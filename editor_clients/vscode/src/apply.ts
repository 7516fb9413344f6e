// One rewrite, from the request to its answer: progress with a button to cancel, and what the user is told of the end.
import { randomUUID } from "node:crypto";
import { CancellationError, CancellationTokenSource, commands, ProgressLocation, type Range, type TextDocument, window, workspace } from "vscode";
import { type LanguageClient, LSPErrorCodes, ResponseError } from "vscode-languageclient/node";
import { type Client, SCHEMES } from "./client";
import type { DiffView } from "./diff";
import { removedLines } from "./hunks";
import type { Previews } from "./preview";
import { type ApplyAnswer, applyRequest, type FilePart, filesRequest, workDone } from "./protocol";
import { settings } from "./settings";
import type { Status } from "./status";

export interface Rewrite {
  document: TextDocument;
  update: string;
  instruction?: string;
  /** Only the lines that it touches are rewritten. */
  range?: Range;
  /** What was taken as the update, for a person. */
  source?: string;
}

export class Applier {
  constructor(
    private readonly client: Client,
    private readonly previews: Previews,
    private readonly diff: DiffView,
    private readonly status: Status,
  ) {}

  /** The parts of an update that names several files; none where it does not. Rejects with one line. */
  async files({ document, update, range }: Rewrite): Promise<FilePart[]> {
    if (range || document.uri.scheme !== "file") return [];
    const client = await this.client.running();
    const textDocument = { uri: client.code2ProtocolConverter.asUri(document.uri) };
    return (await client.sendRequest(filesRequest, { textDocument, update })).files;
  }

  /** Ask for a rewrite and show its preview. The answer, or undefined where there is none: the user has been told. */
  async apply(rewrite: Rewrite): Promise<ApplyAnswer | undefined> {
    const { document } = rewrite;
    const name = workspace.asRelativePath(document.uri);
    if (!SCHEMES.includes(document.uri.scheme)) {
      void window.showWarningMessage(`Fast Apply: ${name} is no file that can be edited (${document.uri.scheme}).`);
      return undefined;
    }
    let client: LanguageClient;
    try {
      client = await this.client.running();
    } catch {
      void this.client.tell();
      return undefined;
    }
    const source = new CancellationTokenSource();
    const preview = this.previews.expect(document, () => {
      source.cancel();
    });
    // At once, however long the server takes to stop.
    source.token.onCancellationRequested(() => {
      this.previews.remove(document, preview);
    });
    try {
      if (settings().previewIn === "diffEditor") await this.diff.open(document);
      const answer = await window.withProgress(
        { location: ProgressLocation.Notification, title: `Fast Apply: ${name}`, cancellable: true },
        async (progress, token) => {
          token.onCancellationRequested(() => {
            source.cancel();
          });
          return request(client, rewrite, source, progress.report.bind(progress));
        },
      );
      this.status.model = answer.model;
      preview.answer = answer;
      this.previews.touch(preview);
      tell(answer, name, changedByModel(preview.draft, answer), rewrite.source);
      return answer;
    } catch (error) {
      this.previews.remove(document, preview);
      fail(error, name);
      return undefined;
    } finally {
      source.dispose();
      // Of an answer without hunks nothing is left to show; its notifications came before it.
      if (preview.phase === "running") this.previews.remove(document, preview);
    }
  }
}

async function request(
  client: LanguageClient,
  { document, update, instruction, range }: Rewrite,
  source: CancellationTokenSource,
  report: (step: { message?: string; increment?: number }) => void,
): Promise<ApplyAnswer> {
  const workDoneToken = randomUUID(); // never freed by the server's library: a new one for each
  let reached = 0;
  const listening = client.onProgress(workDone, workDoneToken, ({ message, percentage = reached }) => {
    report({ increment: Math.max(0, percentage - reached), ...(message === undefined ? {} : { message }) });
    reached = Math.max(reached, percentage);
  });
  try {
    const params = {
      textDocument: { uri: client.code2ProtocolConverter.asUri(document.uri), version: document.version },
      update,
      mode: "preview" as const,
      workDoneToken,
      ...(instruction === undefined ? {} : { instruction }),
      ...(range === undefined ? {} : { range: client.code2ProtocolConverter.asRange(range) }),
    };
    const answer = client.sendRequest(applyRequest, params, source.token);
    const cancelled = new Promise<never>((_, reject) => {
      source.token.onCancellationRequested(() => {
        reject(new CancellationError());
      });
    });
    return await Promise.race([answer, cancelled]);
  } finally {
    listening.dispose();
  }
}

/** How many of the hunks the model changed that the alignment alone had proposed. */
function changedByModel(draft: ReadonlySet<string> | undefined, { hunks }: ApplyAnswer): number {
  if (!draft) return 0;
  const kept = hunks.filter(({ id }) => draft.has(id)).length;
  return Math.max(hunks.length, draft.size) - kept;
}

/** One short message; the rest is behind its button. */
function tell({ status, failureReason, hunks }: ApplyAnswer, name: string, changed: number, source?: string): void {
  const first = hunks[0];
  if (status === "rejected") {
    void window.showErrorMessage(`Fast Apply: the edit does not fit ${name}: ${failureReason}`);
    return;
  }
  if (!first) {
    window.setStatusBarMessage(`$(check) Fast Apply: ${name}: nothing to change`, 5000);
    return;
  }
  const counted = hunks.length === 1 ? "1 hunk" : `${hunks.length} hunks`;
  const model = changed > 0 ? `, ${changed} changed by the model` : "";
  const from = source === undefined ? "" : ` (${source})`;
  const place = `${name}:${removedLines(first).start + 1}`;
  if (status === "needs_review") {
    void window.showWarningMessage(`Fast Apply: ${place}: ${counted} to review${model}${from}`, "Why").then((chosen) => {
      if (chosen) void commands.executeCommand("fastapply.showDetails");
    });
  } else {
    window.setStatusBarMessage(`$(check) Fast Apply: ${place}: ${counted}${model}${from}`, 8000);
  }
}

function fail(error: unknown, name: string): void {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof CancellationError ? LSPErrorCodes.RequestCancelled : undefined;
  switch (error instanceof ResponseError ? error.code : code) {
    case LSPErrorCodes.RequestCancelled:
      window.setStatusBarMessage("$(circle-slash) Fast Apply: cancelled", 3000);
      break;
    case LSPErrorCodes.ServerCancelled: // a newer rewrite of the same document goes on
      break;
    case LSPErrorCodes.ContentModified:
      void window.showWarningMessage(`Fast Apply: ${message}`);
      break;
    case undefined:
    default:
      void window.showErrorMessage(`Fast Apply: ${name}: ${message}`);
  }
}
