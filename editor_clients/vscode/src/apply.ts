// One rewrite, from the request to its answer: progress with a button to cancel, and what the user is told of the end.
import { randomUUID } from "node:crypto";
import { CancellationError, CancellationTokenSource, ProgressLocation, type Range, type TextDocument, window, workspace } from "vscode";
import { type LanguageClient, LSPErrorCodes, ResponseError } from "vscode-languageclient/node";
import { type Client, SCHEMES } from "./client";
import type { DiffView } from "./diff";
import type { Previews } from "./preview";
import { type ApplyAnswer, applyRequest, workDone } from "./protocol";
import { settings } from "./settings";
import type { Status } from "./status";

export interface Rewrite {
  document: TextDocument;
  update: string;
  instruction?: string;
  /** Only the lines that it touches are rewritten. */
  range?: Range;
}

export class Applier {
  constructor(
    private readonly client: Client,
    private readonly previews: Previews,
    private readonly diff: DiffView,
    private readonly status: Status,
  ) {}

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
      tell(answer, name);
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

function tell({ status, confidence, failureReason, hunks }: ApplyAnswer, name: string): void {
  if (status === "rejected") {
    void window.showErrorMessage(`Fast Apply: the edit does not fit ${name}: ${failureReason}`);
  } else if (hunks.length === 0) {
    window.setStatusBarMessage(`$(check) Fast Apply: ${name} is as the edit wants it already`, 5000);
  } else if (status === "needs_review") {
    const sure = Math.round(confidence * 100);
    void window.showWarningMessage(`Fast Apply: the rewrite of ${name} is doubtful (${sure} % sure). Look at every hunk.`);
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
