// A rewrite in a view while it arrives.
import { EditorView } from "@codemirror/view";
import type { Delta } from "./api";
import { type Span, spansOf, wrote } from "./origin";
import { Progress } from "./report";
import { change, splitLines } from "./text";

/** Deltas into a view, once a frame: what is written, then what the original still has. */
export class Stream {
  private readonly lines: string[];
  private readonly progress = new Progress();
  private written = "";
  private spans: Span[] = [];
  private done = 0;
  private frame = 0;

  constructor(
    private readonly view: EditorView,
    original: string,
  ) {
    this.lines = splitLines(original);
  }

  push(delta: Delta): void {
    this.spans.push(...spansOf(delta, this.written.length));
    this.written += delta.text;
    this.done = delta.lines_done;
    this.progress.add(delta);
    this.frame ||= requestAnimationFrame(() => this.draw());
  }

  /** Nothing follows: the view has what was written, and the caller shows the result's own text. */
  finish(): void {
    cancelAnimationFrame(this.frame);
    this.show(this.written, null);
  }

  private draw(): void {
    this.frame = 0;
    const head = this.written.length;
    const rest = this.lines.slice(this.done).join("");
    const glue = rest && this.written && !this.written.endsWith("\n") ? "\n" : "";
    this.show(this.written + glue + rest, head);
    this.view.dispatch({ effects: EditorView.scrollIntoView(head, { y: "nearest", yMargin: 80 }) });
    this.progress.show(this.done, this.lines.length);
  }

  private show(text: string, head: number | null): void {
    const changes = change(this.view.state.doc.toString(), text);
    this.view.dispatch({ changes, effects: wrote.of({ spans: this.spans, head }) });
    this.spans = [];
  }
}
