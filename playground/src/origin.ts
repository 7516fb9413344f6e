// Where the text of the rewrite came from: drafts that the model verified, its own tokens, and what is still to come.
import { type Extension, type Range, RangeSetBuilder, StateEffect, StateField, type Text } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import type { Delta } from "./api";
import { codeUnits } from "./text";

export interface Span {
  from: number;
  to: number;
  kind: "drafted" | "own";
}

const MARKS = {
  drafted: Decoration.mark({ class: "origin-drafted", attributes: { title: "drafted, and verified by the model" } }),
  own: Decoration.mark({ class: "origin-own", attributes: { title: "the model's own" } }),
  pending: Decoration.mark({ class: "origin-pending" }),
};

/** New spans; `head` is where the rewrite has come to, null once it is done. */
export const wrote = StateEffect.define<{ spans: Span[]; head: number | null }>();
export const forget = StateEffect.define<null>();

/** The spans of a delta that stands at `at`. */
export function spansOf(delta: Delta, at: number): Span[] {
  if (!delta.tokens) return [];
  const middle = at + codeUnits(delta.text, delta.drafted_characters);
  const end = at + delta.text.length;
  const spans: Span[] = [
    { from: at, to: middle, kind: "drafted" },
    { from: middle, to: end, kind: "own" },
  ];
  return spans.filter((span) => span.from < span.to);
}

/** A span line by line, without the blanks around: they would only draw bars. */
function words(span: Span, document: Text): Range<Decoration>[] {
  const found = document.sliceString(span.from, span.to).matchAll(/\S(?:.*\S)?/g);
  return [...found].map((each) => MARKS[span.kind].range(span.from + each.index, span.from + each.index + each[0].length));
}

const settled = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    marks = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(forget)) marks = Decoration.none;
      if (effect.is(wrote)) marks = marks.update({ add: effect.value.spans.flatMap((span) => words(span, transaction.state.doc)) });
    }
    return marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const pending = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    marks = marks.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (effect.is(forget)) marks = Decoration.none;
      if (effect.is(wrote)) marks = rest(effect.value.head, transaction.state.doc.length);
    }
    return marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function rest(head: number | null, end: number): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  if (head !== null && head < end) builder.add(head, end, MARKS.pending);
  return builder.finish();
}

export const origin: Extension = [settled, pending];
