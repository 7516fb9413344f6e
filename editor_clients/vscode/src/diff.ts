// VS Code's own diff editor: the document on the left, on the right what it would be with every open hunk accepted.
import {
  commands,
  type Disposable,
  EventEmitter,
  type TabInputTextDiff,
  TabInputTextDiff as Diff,
  type TextDocument,
  type TextEditor,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from "vscode";
import { applied } from "./hunks";
import { native } from "./points";
import { LIST_TITLE, type Previews } from "./preview";

const SCHEME = "fastapply-result";

export class DiffView implements TextDocumentContentProvider, Disposable {
  readonly #changed = new EventEmitter<Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #disposables: Disposable[];

  constructor(private readonly previews: Previews) {
    this.#disposables = [
      this.#changed,
      workspace.registerTextDocumentContentProvider(SCHEME, this),
      previews.onDidChange((document) => {
        if (previews.get(document)) this.#changed.fire(resultUri(document.uri));
        else void this.#close(document);
      }),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  async open(document: TextDocument): Promise<void> {
    const name = workspace.asRelativePath(document.uri);
    await commands.executeCommand("vscode.diff", document.uri, resultUri(document.uri), `${name} (Fast Apply)`);
  }

  /** All files of an update in one list, each with its hunks. */
  async openAll(documents: readonly TextDocument[]): Promise<void> {
    this.previews.listed = documents;
    const files = documents.length === 1 ? "1 file" : `${documents.length} files`;
    const resources = documents.map(({ uri }) => [uri, uri, resultUri(uri)]);
    await commands.executeCommand("vscode.changes", `${LIST_TITLE}${files}`, resources);
  }

  provideTextDocumentContent(uri: Uri): string {
    const document = openDocument(uri.query);
    if (!document) return "";
    const hunks = this.previews.get(document)?.hunks.all ?? [];
    return applied(document.getText(), hunks, (point) => document.offsetAt(native(point)));
  }

  async #close({ uri }: TextDocument): Promise<void> {
    const right = resultUri(uri).toString();
    const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
    const ours = tabs.filter(({ input }) => input instanceof Diff && modified(input) === right);
    if (ours.length > 0) await window.tabGroups.close(ours, true);
  }
}

/** The document that the user works on; in a diff of ours, the one that it is about. */
export function activeDocument(): TextDocument | undefined {
  const document = window.activeTextEditor?.document;
  return document?.uri.scheme === SCHEME ? openDocument(document.uri.query) : document;
}

export function openDocument(uri: string): TextDocument | undefined {
  return workspace.textDocuments.find((document) => document.uri.toString() === uri);
}

/** Whether an editor is one side of a diff, which shows the hunks in its own way. */
export function inDiff({ viewColumn }: TextEditor): boolean {
  const group = window.tabGroups.all.find((one) => one.viewColumn === viewColumn);
  return viewColumn === undefined || group?.activeTab?.input instanceof Diff;
}

function resultUri(uri: Uri): Uri {
  return Uri.from({ scheme: SCHEME, path: uri.path.startsWith("/") ? uri.path : `/${uri.path}`, query: uri.toString() });
}

function modified(input: TabInputTextDiff): string {
  return input.modified.toString();
}
