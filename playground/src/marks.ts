// Which lines belong to the hunk that is looked at, and which wait for a decision; in a narrow window, what goes.
import { type Extension, type Range, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType } from "@codemirror/view";

export interface Mark {
  from: number; // lines [from, to), counted from 0
  to: number;
  here: boolean;
  open: boolean;
  removed: string[]; // lines that stood here
}

export const mark = StateEffect.define<Mark[]>();

/** Lines that go, above what comes: shown where there is one column only. */
class Removed extends WidgetType {
  constructor(
    readonly lines: string[],
    readonly open: boolean,
  ) {
    super();
  }

  override eq(other: Removed): boolean {
    return this.open === other.open && this.lines.join("\n") === other.lines.join("\n");
  }

  override toDOM(): HTMLElement {
    const box = document.createElement("div");
    box.className = this.open ? "removed-lines hunk-open" : "removed-lines";
    for (const line of this.lines) box.append(Object.assign(document.createElement("del"), { textContent: line || " " }));
    return box;
  }
}

function decorations(marks: Mark[], text: Text): DecorationSet {
  const found: Range<Decoration>[] = [];
  for (const { from, to, here, open, removed } of marks) {
    const names = [open && "hunk-open", here && "hunk-here"].filter(Boolean).join(" ");
    if (removed.length) {
      // What goes from the end of the text stands below its last line.
      const [line, side] = from < text.lines ? [from + 1, -1] : [text.lines, 1];
      const at = side < 0 ? text.line(line).from : text.line(line).to;
      found.push(Decoration.widget({ widget: new Removed(removed, open), block: true, side }).range(at));
    }
    // A hunk without lines is marked at the line that it stands before.
    for (let line = from + 1; names && line <= Math.min(Math.max(to, from + 1), text.lines); line++) {
      found.push(Decoration.line({ class: names }).range(text.line(line).from));
    }
  }
  return Decoration.set(found, true);
}

export const marks: Extension = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    shown = shown.map(transaction.changes);
    for (const effect of transaction.effects) if (effect.is(mark)) shown = decorations(effect.value, transaction.state.doc);
    return shown;
  },
  provide: (field) => EditorView.decorations.from(field),
});
