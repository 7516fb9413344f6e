// CodeLens over the hunks of an open preview: accept or reject this one, or all.
import {
  CodeLens,
  type CodeLensProvider,
  type Disposable,
  EventEmitter,
  languages,
  Range,
  type TextDocument,
} from "vscode";
import { SCHEMES } from "./client";
import { removedLines } from "./hunks";
import type { Preview, Previews } from "./preview";

/** What the commands that decide on hunks take; nothing: what the active editor has. */
export interface HunkArgument {
  uri: string;
  hunk?: string;
}

export class Lenses implements CodeLensProvider, Disposable {
  readonly #changed = new EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #disposables: Disposable[];

  constructor(private readonly previews: Previews) {
    this.#disposables = [
      this.#changed,
      previews.onDidChange(() => {
        this.#changed.fire();
      }),
      languages.registerCodeLensProvider(SCHEMES.map((scheme) => ({ scheme })), this),
    ];
  }

  dispose(): void {
    for (const disposable of this.#disposables) disposable.dispose();
  }

  /** None while the rewrite runs: each new one would move the text, and there is nothing to decide yet. */
  provideCodeLenses(document: TextDocument): CodeLens[] {
    const preview = this.previews.get(document);
    if (preview?.phase !== "open") return [];
    const uri = document.uri.toString();
    const all = preview.hunks.all;
    return all.flatMap((hunk, number) => {
      const line = Math.min(removedLines(hunk).start, document.lineCount - 1);
      const lens = (title: string, command: string, argument: HunkArgument): CodeLens =>
        new CodeLens(new Range(line, 0, line, 0), { title, command, arguments: [argument] });
      const one = { uri, hunk: hunk.id };
      return [
        lens(`$(check) Accept ${number + 1} of ${all.length}${doubt(preview)}`, "fastapply.acceptHunk", one),
        lens("$(close) Reject", "fastapply.rejectHunk", one),
        ...(number === 0 && all.length > 1
          ? [
              lens(`$(check-all) Accept All ${all.length}`, "fastapply.acceptAll", { uri }),
              lens("$(close-all) Reject All", "fastapply.rejectAll", { uri }),
            ]
          : []),
        ...(number === 0 && (preview.answer?.alternatives.length ?? 0) > 0
          ? [lens("$(arrow-swap) Other Reading", "fastapply.otherReading", { uri })]
          : []),
        ...(number === 0 && preview.answer ? [lens("$(info) Why", "fastapply.showDetails", { uri })] : []),
        ...(number === 0 ? [lens("$(diff) Diff", "fastapply.openDiff", { uri })] : []),
      ];
    });
  }
}

function doubt({ status, confidence }: Preview): string {
  if (status !== "needs_review") return "";
  return confidence === undefined ? " (doubtful)" : ` (doubtful: ${Math.round(confidence * 100)} % sure)`;
}
