// Shows the previews in their documents' editors. Decorations only: the document itself is not touched.
import {
  type DecorationOptions,
  type Disposable,
  MarkdownString,
  OverviewRulerLane,
  Range,
  type TextDocument,
  type TextEditor,
  type TextEditorDecorationType,
  ThemeColor,
  window,
} from "vscode";
import { inDiff } from "./diff";
import { type Hunk, linesOf, removedLines } from "./hunks";
import { overlayColumn, overlayCss, overlayLines } from "./overlay";
import type { Preview, Previews } from "./preview";
import { settings } from "./settings";

const BORDER = "var(--vscode-fastapply-insertedBorder)";

export class Decorations implements Disposable {
  readonly #removed = window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new ThemeColor("diffEditor.removedLineBackground"),
    overviewRulerColor: new ThemeColor("editorOverviewRuler.deletedForeground"),
    overviewRulerLane: OverviewRulerLane.Left,
  });
  readonly #before = this.#insertion("1px 0 0 0");
  readonly #behind = this.#insertion("0 0 1px 0");
  readonly #inserted = window.createTextEditorDecorationType({
    after: { color: new ThemeColor("editor.foreground"), backgroundColor: new ThemeColor("fastapply.insertedBackground") },
  });
  readonly #disposables: Disposable[];

  constructor(private readonly previews: Previews) {
    this.#disposables = [
      previews.onDidChange((document) => {
        this.#paint(document);
      }),
      window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) this.#paintIn(editor);
      }),
      window.onDidChangeTextEditorOptions(({ textEditor }) => {
        this.#paintIn(textEditor);
      }),
    ];
  }

  /** Takes everything away, in every editor. */
  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
    for (const type of this.#types) type.dispose();
  }

  get #types(): TextEditorDecorationType[] {
    return [this.#removed, this.#before, this.#behind, this.#inserted];
  }

  #paint(document: TextDocument): void {
    for (const editor of window.visibleTextEditors) if (editor.document === document) this.#paintIn(editor);
  }

  #paintIn(editor: TextEditor): void {
    const preview = inDiff(editor) ? undefined : this.previews.get(editor.document);
    const shown = new Map<TextEditorDecorationType, DecorationOptions[]>(this.#types.map((type) => [type, []]));
    for (const hunk of preview?.hunks.all ?? [])
      for (const [type, options] of this.#of(editor, preview, hunk)) shown.get(type)?.push(options);
    for (const [type, options] of shown) editor.setDecorations(type, options);
  }

  *#of(
    { document, options }: TextEditor,
    preview: Preview | undefined,
    hunk: Hunk,
  ): Iterable<[TextEditorDecorationType, DecorationOptions]> {
    const { start, end } = removedLines(hunk);
    const last = document.lineCount - 1;
    const hoverMessage = hover(document, hunk, preview?.phase === "open");
    if (start < end) yield [this.#removed, { range: lines(document, start, Math.min(end - 1, last)), hoverMessage }];
    const added = linesOf(hunk.newText);
    if (added.length === 0) return;

    const tabSize = typeof options.tabSize === "number" ? options.tabSize : 4;
    const removed = Array.from({ length: Math.min(end, last + 1) - start }, (_, at) => document.lineAt(start + at).text);
    const overlay = overlayLines(added, removed, tabSize, settings().previewLines);
    const anchor = Math.min(start, last);
    const covered: string[] = [];
    for (let line = anchor; line <= last && line < anchor + overlay.lines.length + 1; line++)
      covered.push(document.lineAt(line).text);
    const top = start > last ? "100%" : "0";
    if (start === end) yield [start > last ? this.#behind : this.#before, { range: lines(document, anchor, anchor), hoverMessage }];
    yield [
      this.#inserted,
      {
        range: document.lineAt(anchor).range,
        hoverMessage: start === end ? hoverMessage : [],
        renderOptions: { after: { textDecoration: overlayCss(overlay, overlayColumn(covered, tabSize), { border: BORDER, top }) } },
      },
    ];
  }

  #insertion(borderWidth: string): TextEditorDecorationType {
    return window.createTextEditorDecorationType({
      isWholeLine: true,
      borderWidth,
      borderStyle: "solid",
      borderColor: new ThemeColor("fastapply.insertedBorder"),
      overviewRulerColor: new ThemeColor("editorOverviewRuler.addedForeground"),
      overviewRulerLane: OverviewRulerLane.Left,
    });
  }
}

function lines(document: TextDocument, first: number, last: number): Range {
  return new Range(first, 0, last, document.lineAt(last).text.length);
}

/** All new lines, however many, and what can be done. */
function hover(document: TextDocument, hunk: Hunk, open: boolean): MarkdownString {
  const shown = new MarkdownString();
  shown.appendCodeblock(hunk.newText === "" ? "(these lines go)" : hunk.newText, document.languageId);
  if (!open) return shown;
  shown.isTrusted = { enabledCommands: ["fastapply.acceptHunk", "fastapply.rejectHunk"] };
  const argument = encodeURIComponent(JSON.stringify([{ uri: document.uri.toString(), hunk: hunk.id }]));
  shown.appendMarkdown(`[Accept](command:fastapply.acceptHunk?${argument}) | [Reject](command:fastapply.rejectHunk?${argument})`);
  return shown;
}
