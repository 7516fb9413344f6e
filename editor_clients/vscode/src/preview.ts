// The previews: one for each document at most, fed by the server's notifications. Shows nothing itself.
import { EventEmitter, type Disposable, type TextDocument, type TextDocumentChangeEvent, type Tab, TabInputText, TabInputTextDiff, Uri, window, workspace } from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { type Hunk, OpenHunks } from "./hunks";
import { type ApplyAnswer, type ApplyStatus, type PreviewParams, previewNotification, rejectRequest } from "./protocol";

const TABS_MS = 500;
/** How the title of the tab begins that shows all files of an update: VS Code does not say which documents are in it. */
export const LIST_TITLE = "Fast Apply: ";

export class Preview {
  phase: "running" | "open" = "running";
  status: ApplyStatus | undefined;
  confidence: number | undefined;
  /** The names of the hunks that the alignment alone proposed, while the model worked. */
  draft: ReadonlySet<string> | undefined;
  /** What the user asks for when the hunks do not say enough. */
  answer: ApplyAnswer | undefined;
  /** The server's name for it; none before its first word. */
  session: string | undefined;
  readonly hunks: OpenHunks;
  /** Hunks that the server was asked to accept: their lines change, and they are not lost by it. */
  readonly deciding = new Set<string>();

  /** `cancel`: stops the rewrite; none where another program asked for it. */
  constructor(
    readonly document: TextDocument,
    readonly cancel?: () => void,
  ) {
    this.hunks = new OpenHunks(document.version);
  }
}

export class Previews implements Disposable {
  readonly #changed = new EventEmitter<TextDocument>();
  /** A preview came, changed, or went. */
  readonly onDidChange = this.#changed.event;
  readonly #previews = new Map<string, Preview>();
  /** The documents in the list of all files of the last update. */
  listed: readonly TextDocument[] = [];
  readonly #disposables: Disposable[];

  constructor(private readonly client: () => LanguageClient | undefined) {
    this.#disposables = [
      this.#changed,
      workspace.onDidChangeTextDocument((event) => {
        this.#documentChanged(event);
      }),
      workspace.onDidCloseTextDocument((document) => {
        this.remove(document);
      }),
      // VS Code keeps a document for minutes after its last tab was closed.
      window.tabGroups.onDidChangeTabs(({ closed }) => {
        const previews = this.all; // what begins later is wanted without that tab
        // Where one tab takes the place of another, the other comes after this event.
        setTimeout(() => {
          this.#tabsClosed(closed, previews);
        }, TABS_MS);
      }),
    ];
  }

  dispose(): void {
    for (const { document } of this.all) this.remove(document);
    for (const disposable of this.#disposables) disposable.dispose();
  }

  get(document: TextDocument): Preview | undefined {
    return this.#previews.get(document.uri.toString());
  }

  get all(): Preview[] {
    return [...this.#previews.values()];
  }

  /** A rewrite is about to be asked for. It takes the place of the preview before. */
  expect(document: TextDocument, cancel: () => void): Preview {
    const preview = new Preview(document, cancel);
    this.#set(preview);
    return preview;
  }

  /** Take a preview away: this one, or the document's whichever it is. */
  remove(document: TextDocument, preview = this.get(document)): void {
    if (!preview || this.get(document) !== preview) return;
    this.#previews.delete(document.uri.toString());
    this.#changed.fire(document);
  }

  /** More is known of a preview: whoever shows it shall look again. */
  touch(preview: Preview): void {
    if (this.get(preview.document) === preview) this.#changed.fire(preview.document);
  }

  /** The server has ended: without it a preview can neither be accepted nor follow its document. */
  serverEnded(): void {
    for (const preview of this.all) if (!awaited(preview)) this.remove(preview.document);
  }

  listen(client: LanguageClient): Disposable {
    return client.onNotification(previewNotification, (params) => {
      const key = client.protocol2CodeConverter.asUri(params.textDocument.uri).toString();
      this.receive(key, params);
    });
  }

  /** One notification of the server. */
  receive(key: string, params: PreviewParams): void {
    const { kind, session, hunks } = params;
    const version = params.textDocument.version;
    if (kind === "begin") {
      this.#begin(key, session);
      return;
    }
    const preview = this.#previews.get(key);
    if (preview?.session !== session) return; // of a rewrite that was superseded here already
    switch (kind) {
      case "draft":
        preview.draft = new Set(hunks.map(({ id }) => id));
        preview.hunks.replace(hunks, version);
        break;
      case "report":
        // A draft stays until all is known: hunks that settle one by one would stand beside those that they replace.
        if (!preview.draft) preview.hunks.add(hunks, version);
        break;
      case "end":
        preview.phase = "open";
        preview.status = params.status;
        preview.confidence = params.confidence;
        preview.hunks.replace(hunks, version);
        break;
      case "change":
        preview.hunks.replace(hunks, version);
        break;
      case "close":
        if (!awaited(preview)) {
          this.remove(preview.document);
          return;
        }
        // This may be the end of the request before.
        preview.session = undefined;
        preview.hunks.replace([], version);
        break;
    }
    this.#changed.fire(preview.document);
  }

  #begin(key: string, session: string): void {
    let preview = this.#previews.get(key);
    if (preview?.phase !== "running") {
      const document = workspace.textDocuments.find(({ uri }) => uri.toString() === Uri.parse(key).toString());
      if (!document) return;
      preview = new Preview(document);
      this.#previews.set(key, preview);
    }
    preview.session = session;
    this.#changed.fire(preview.document);
  }

  #documentChanged({ document, contentChanges }: TextDocumentChangeEvent): void {
    const preview = this.get(document);
    if (!preview || contentChanges.length === 0) return;
    const lost = preview.hunks.change(contentChanges, document.version);
    this.#changed.fire(document);
    if (preview.phase === "open") this.#giveUp(preview, lost);
  }

  #tabsClosed(tabs: readonly Tab[], previews: readonly Preview[]): void {
    const closed = tabs.flatMap((tab) => this.#urisOf(tab));
    const shown = window.tabGroups.all.flatMap((group) => group.tabs).flatMap((tab) => this.#urisOf(tab));
    for (const preview of previews) {
      const uri = preview.document.uri.toString();
      if (!closed.includes(uri) || shown.includes(uri)) continue;
      preview.cancel?.();
      this.#tell(preview, undefined);
      this.remove(preview.document, preview);
    }
  }

  #urisOf({ input, label }: Tab): string[] {
    if (input instanceof TabInputText) return [input.uri.toString()];
    if (input instanceof TabInputTextDiff) return [input.original.toString(), input.modified.toString()];
    return label.startsWith(LIST_TITLE) ? this.listed.map(({ uri }) => uri.toString()) : [];
  }

  /** What the user has written over is no longer shown: the server shall not land it with the others. */
  #giveUp(preview: Preview, lost: readonly Hunk[]): void {
    const hunks = lost.map(({ id }) => id).filter((id) => !preview.deciding.has(id));
    for (const id of hunks) this.#tell(preview, [id]);
  }

  /** Tell the server that these hunks, or all, are not wanted. It may know already: they are lost there too. */
  #tell(preview: Preview, hunks: string[] | undefined): void {
    const client = this.client();
    if (!client || preview.phase !== "open") return;
    const textDocument = { uri: client.code2ProtocolConverter.asUri(preview.document.uri) };
    void client.sendRequest(rejectRequest, hunks ? { textDocument, hunks } : { textDocument }).catch(() => undefined);
  }

  #set(preview: Preview): void {
    this.#previews.set(preview.document.uri.toString(), preview);
    this.#changed.fire(preview.document);
  }
}

/** Whether its own request still runs here: that takes it away, and may just be waiting for a server. */
function awaited({ phase, cancel }: Preview): boolean {
  return phase === "running" && cancel !== undefined;
}
