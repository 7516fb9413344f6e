// The hunks of one preview on the document as it is now. Pure values: knows neither VS Code nor the wire.

export interface Point {
  line: number;
  character: number;
}

export interface Span {
  start: Point;
  end: Point;
}

/** These lines of the document become `newText`. */
export interface Hunk {
  id: string;
  range: Span;
  newText: string;
}

/** A change of the document: what stood in `range` became `text`. */
export interface Change {
  range: Span;
  text: string;
}

const LINE_END = /\r\n|\r|\n/;

/** The lines of a text, without their ends; a final line end begins no further line. */
export function linesOf(text: string): string[] {
  if (text === "") return [];
  const lines = text.split(LINE_END);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** The lines that a hunk takes away, half-open. None of them: it inserts before `start`. */
export function removedLines(hunk: Hunk): { start: number; end: number } {
  const { start, end } = hunk.range;
  const first = start.character === 0 ? start.line : start.line + 1; // at the end of a file without a final line end
  return { start: first, end: Math.max(first, end.character === 0 ? end.line : end.line + 1) };
}

interface Lines {
  start: number;
  end: number;
  grown: number;
}

/** The whole lines that a change touches. Line ends at its edges count as untouched where that is certain. */
function touched({ range, text }: Change): Lines {
  const breaks = text.split(LINE_END).length - 1;
  const grown = breaks - (range.end.line - range.start.line);
  const wholeLines = range.start.character === 0 && range.end.character === 0 && (text === "" || /[\r\n]$/.test(text));
  return { start: range.start.line, end: wholeLines ? range.end.line : range.end.line + 1, grown };
}

function overlap(a: { start: number; end: number }, b: { start: number; end: number }): boolean {
  if (a.start === a.end && b.start === b.end) return a.start === b.start;
  return a.start < b.end && b.start < a.end;
}

/** The same hunk after the change; undefined where both touch the same line. */
export function rebase(hunk: Hunk, change: Change): Hunk | undefined {
  const lines = removedLines(hunk);
  const there = touched(change);
  if (overlap(lines, there)) return undefined;
  if (there.end > lines.start || there.grown === 0) return hunk;
  const moved = ({ line, character }: Point): Point => ({ line: line + there.grown, character });
  return { ...hunk, range: { start: moved(hunk.range.start), end: moved(hunk.range.end) } };
}

const byPlace = (a: Hunk, b: Hunk): number =>
  a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character;

/**
 * Follows a document: what the server says of its hunks holds for the version that the server knew, which may be
 * older than what the user has typed since.
 */
export class OpenHunks {
  #hunks: Hunk[] = [];
  #version: number;
  #since: { version: number; changes: readonly Change[] }[] = [];

  constructor(version: number) {
    this.#version = version;
  }

  get all(): readonly Hunk[] {
    return this.#hunks;
  }

  get version(): number {
    return this.#version;
  }

  /** Hunks that have settled besides those that are known. */
  add(hunks: readonly Hunk[], version: number): void {
    const fresh = new Map(hunks.map((hunk) => [hunk.id, hunk]));
    this.#hunks = [...this.#hunks.filter(({ id }) => !fresh.has(id)), ...this.#brought(hunks, version)].sort(byPlace);
  }

  /** All hunks, in place of those that were known. */
  replace(hunks: readonly Hunk[], version: number): void {
    this.#hunks = this.#brought(hunks, version).sort(byPlace);
    this.#since = this.#since.filter((step) => step.version > version);
  }

  /** The document has changed to `version`. The hunks whose lines were changed are lost: they are returned. */
  change(changes: readonly Change[], version: number): Hunk[] {
    this.#version = version;
    if (changes.length === 0) return [];
    this.#since.push({ version, changes });
    const before = this.#hunks;
    this.#hunks = through(before, changes);
    const kept = new Set(this.#hunks.map(({ id }) => id));
    return before.filter(({ id }) => !kept.has(id));
  }

  /** The hunk at a line, else the first one behind it, else the last one. */
  near(line: number): Hunk | undefined {
    return this.at(line) ?? this.#hunks.find((hunk) => removedLines(hunk).start > line) ?? this.#hunks.at(-1);
  }

  at(line: number): Hunk | undefined {
    return this.#hunks.find((hunk) => {
      const { start, end } = removedLines(hunk);
      return line === start || (start < line && line < end);
    });
  }

  /** The next hunk behind a line (step 1) or the one before it (step -1), going round. */
  step(line: number, step: 1 | -1): Hunk | undefined {
    const starts = (hunk: Hunk): number => removedLines(hunk).start;
    return step === 1
      ? (this.#hunks.find((hunk) => starts(hunk) > line) ?? this.#hunks.at(0))
      : (this.#hunks.findLast((hunk) => starts(hunk) < line) ?? this.#hunks.at(-1));
  }

  #brought(hunks: readonly Hunk[], version: number): Hunk[] {
    let brought = [...hunks];
    for (const step of this.#since) if (step.version > version) brought = through(brought, step.changes);
    return brought;
  }
}

function through(hunks: readonly Hunk[], changes: readonly Change[]): Hunk[] {
  const kept: Hunk[] = [];
  for (const hunk of hunks) {
    let moved: Hunk | undefined = hunk;
    for (const change of changes) moved &&= rebase(moved, change);
    if (moved) kept.push(moved);
  }
  return kept;
}

/** The text with these hunks applied. `offsetAt` is the document's own. */
export function applied(text: string, hunks: readonly Hunk[], offsetAt: (point: Point) => number): string {
  let result = text;
  for (const { range, newText } of [...hunks].sort(byPlace).reverse())
    result = result.slice(0, offsetAt(range.start)) + newText + result.slice(offsetAt(range.end));
  return result;
}

/**
 * What of an edit really changes: without the beginning and the end that the old and the new text share, cut so that
 * no pair of surrogates and no "\r\n" is torn. Keeps the cursor where it is when it stands in what stays.
 */
export function trimmed(old: string, text: string): { from: number; to: number; text: string } {
  let from = 0;
  while (from < old.length && from < text.length && old[from] === text[from]) from++;
  while (from > 0 && (torn(old, from) || torn(text, from))) from--;
  let back = 0;
  const most = Math.min(old.length, text.length) - from;
  while (back < most && old[old.length - 1 - back] === text[text.length - 1 - back]) back++;
  while (back > 0 && (torn(old, old.length - back) || torn(text, text.length - back))) back--;
  return { from, to: old.length - back, text: text.slice(from, text.length - back) };
}

function torn(text: string, at: number): boolean {
  return /^(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|\r\n)$/.test(text.slice(at - 1, at + 1));
}
