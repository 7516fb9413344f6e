// One rewrite, from the request to its answer: progress with a button to cancel, and what the user is told of the end.
import { randomUUID } from "node:crypto";
import {
  CancellationError,
  type CancellationToken,
  CancellationTokenSource,
  commands,
  type Disposable,
  ProgressLocation,
  type Range,
  type TextDocument,
  window,
  workspace,
} from "vscode";
import { type LanguageClient, LSPErrorCodes, ResponseError, State } from "vscode-languageclient/node";
import { type Client, NoServerError, SCHEMES } from "./client";
import type { DiffView } from "./diff";
import { removedLines } from "./hunks";
import type { Previews } from "./preview";
import { type ApplyAnswer, applyRequest, type FilesAnswer, filesRequest, workDone } from "./protocol";
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

  /**
   * Ask for a rewrite and show its preview. The answer, or undefined where there is none: the user has been told.
   * `several`: is given the files of an update that names several, in place of a rewrite.
   */
  async apply(rewrite: Rewrite, several?: (answer: FilesAnswer) => Promise<void>): Promise<ApplyAnswer | undefined> {
    const { uri } = rewrite.document;
    const name = workspace.asRelativePath(uri);
    if (!SCHEMES.includes(uri.scheme)) {
      void window.showWarningMessage(`Fast Apply: ${name} cannot be edited (${uri.scheme}).`);
      return undefined;
    }
    const answer = await this.#watched(rewrite, name, several !== undefined);
    if (!answer || !("files" in answer)) return answer;
    await several?.(answer);
    return undefined;
  }

  /** The user sees at once that something runs and can cancel it, whether the server answers, still starts, or hangs. */
  async #watched(rewrite: Rewrite, name: string, split: boolean): Promise<ApplyAnswer | FilesAnswer | undefined> {
    const { document } = rewrite;
    const source = new CancellationTokenSource();
    const preview = this.previews.expect(document, () => {
      source.cancel();
    });
    source.token.onCancellationRequested(() => {
      this.previews.remove(document, preview);
    });
    try {
      const answer = await window.withProgress(
        { location: ProgressLocation.Notification, title: `Fast Apply: ${name}`, cancellable: true },
        (progress, token) => {
          token.onCancellationRequested(() => {
            source.cancel();
          });
          return this.#ask(rewrite, split, source.token, progress.report.bind(progress));
        },
      );
      if ("files" in answer) return answer;
      this.status.model = answer.model;
      preview.answer = answer;
      this.previews.touch(preview);
      tell(answer, name, changedByModel(preview.draft, answer), rewrite.source);
      return answer;
    } catch (error) {
      this.previews.remove(document, preview);
      if (error instanceof NoServerError) void this.client.tell();
      else fail(error, name);
      return undefined;
    } finally {
      source.dispose();
      // Of an answer without hunks nothing is left to show; its notifications came before it.
      if (preview.phase === "running") this.previews.remove(document, preview);
    }
  }

  async #ask(rewrite: Rewrite, split: boolean, token: CancellationToken, report: Report): Promise<ApplyAnswer | FilesAnswer> {
    const { document, update, range } = rewrite;
    const cancelled = new Promise<never>((_, reject) => {
      token.onCancellationRequested(() => {
        reject(new CancellationError());
      });
    });
    const client = await Promise.race([this.client.running(), cancelled]);
    const end = ended(client);
    const over = Promise.race([cancelled, end.rejected]);
    try {
      if (split && !range && document.uri.scheme === "file") {
        const textDocument = { uri: client.code2ProtocolConverter.asUri(document.uri) };
        const answer = await Promise.race([client.sendRequest(filesRequest, { textDocument, update }, token), over]);
        if (answer.files.length > 0) return answer;
      }
      if (settings().previewIn === "diffEditor") await Promise.race([this.diff.open(document), over]);
      return await request(client, rewrite, token, over, report);
    } finally {
      end.dispose();
    }
  }
}

type Report = (step: { message?: string; increment?: number }) => void;

/** Rejects when the server ends: what it was asked may never be answered. */
function ended(client: LanguageClient): { rejected: Promise<never>; dispose: () => void } {
  let listening: Disposable | undefined;
  const rejected = new Promise<never>((_, reject) => {
    listening = client.onDidChangeState(({ newState }) => {
      if (newState !== State.Running) reject(new Error("the server has ended"));
    });
  });
  return { rejected, dispose: () => void listening?.dispose() };
}

async function request(
  client: LanguageClient,
  { document, update, instruction, range }: Rewrite,
  token: CancellationToken,
  over: Promise<never>,
  report: Report,
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
    return await Promise.race([client.sendRequest(applyRequest, params, token), over]);
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
