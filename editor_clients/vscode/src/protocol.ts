// The custom messages of the fastapply language server, as lsp/README.md describes them.
import { NotificationType, ProgressType, RequestType } from "vscode-languageclient/node";
import type { ProgressToken, WorkspaceEdit } from "vscode-languageclient/node";
import type { Hunk, Span } from "./hunks";

export interface DocumentAt {
  uri: string;
  version?: number;
}

export interface ApplyParams {
  textDocument: DocumentAt;
  update: string;
  instruction?: string;
  range?: Span;
  mode: "preview" | "apply";
  workDoneToken?: ProgressToken;
  partialResultToken?: ProgressToken;
}

/** Another reading of a doubtful update; the first one has no share. `diff`: against the first. */
export interface Reading {
  number: number;
  share?: number;
  diff: string;
}

export interface ReadingsAnswer {
  reading: number;
  readings: Reading[];
  hunks: Hunk[];
}

/** A part of an update for several files. */
export interface FilePart {
  uri: string;
  path: string;
  action: "update" | "add" | "delete" | "rename";
  update: string;
}

/** None where an update does not name several. `leftOut`: the first line of each code block that is for no file. */
export interface FilesAnswer {
  files: FilePart[];
  leftOut?: readonly string[];
}

export type ApplyStatus = "applied" | "needs_review" | "rejected";

export interface ModelState {
  name: string;
  state: "off" | "cold" | "loading" | "ready" | "failed";
  detail: string;
  alignmentOnly: boolean;
}

export interface ApplyAnswer {
  session: string;
  status: ApplyStatus;
  confidence: number;
  checks: { name: string; ok: boolean; detail: string }[];
  alternatives: Reading[];
  stats: { seconds: number; output_tokens: number };
  model: ModelState;
  version: number;
  hunks: Hunk[];
  failureReason: string;
}

export interface PreviewParams {
  session: string;
  textDocument: { uri: string; version: number };
  kind: "begin" | "draft" | "report" | "end" | "change" | "close";
  hunks: Hunk[];
  status?: ApplyStatus;
  confidence?: number;
  reason?: string;
}

export interface HunkParams {
  textDocument: DocumentAt;
  hunks?: string[];
  mode?: "apply" | "edit";
}

export interface AcceptAnswer {
  applied: boolean;
  failureReason: string;
  edit: WorkspaceEdit | null;
  hunks: Hunk[];
}

export interface StatusAnswer {
  version: string;
  model: ModelState;
  documents: number;
  waiting: number;
  busy: boolean;
}

export const applyRequest = new RequestType<ApplyParams, ApplyAnswer, void>("fastapply/apply");
export const acceptRequest = new RequestType<HunkParams, AcceptAnswer, void>("fastapply/accept");
export const rejectRequest = new RequestType<HunkParams, { hunks: Hunk[] }, void>("fastapply/reject");
export const readingsRequest = new RequestType<{ textDocument: DocumentAt; take?: number }, ReadingsAnswer, void>("fastapply/readings");
export const filesRequest = new RequestType<{ textDocument: DocumentAt; update: string }, FilesAnswer, void>("fastapply/files");
export const cancelRequest = new RequestType<{ textDocument?: DocumentAt }, { cancelled: number }, void>("fastapply/cancel");
export const statusRequest = new RequestType<Record<string, never>, StatusAnswer, void>("fastapply/status");
export const previewNotification = new NotificationType<PreviewParams>("fastapply/preview");

export interface WorkDone {
  kind: "begin" | "report" | "end";
  message?: string;
  percentage?: number;
}
export const workDone = new ProgressType<WorkDone>();
