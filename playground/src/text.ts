// Lines and hunks. Pure values.
import type { Hunk } from "./api";

/** The lines of a text with their ends, as the server counts them. */
export function splitLines(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}

/** The text as an editor shows it: LF, no byte order mark. */
export function shown(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
}

/** `original` with some of the hunks, line ends and byte order mark untouched elsewhere. */
export function compose(original: string, hunks: Hunk[], accepted: boolean[]): string {
  const mark = original.startsWith("\uFEFF") ? "\uFEFF" : "";
  const lines = splitLines(original.slice(mark.length));
  const parts = [mark];
  let done = 0;
  hunks.forEach((hunk, index) => {
    if (!accepted[index]) return;
    parts.push(...lines.slice(done, hunk.start_line), hunk.new_text);
    done = hunk.end_line;
  });
  return parts.concat(lines.slice(done)).join("");
}

/** Where the hunks stand in the composed text, as lines [from, to) of it. */
export function places(hunks: Hunk[], accepted: boolean[]): { from: number; to: number }[] {
  let moved = 0;
  return hunks.map((hunk, index) => {
    const from = hunk.start_line + moved;
    const { removed, added } = size(hunk);
    if (accepted[index]) moved += added - removed;
    return { from, to: from + (accepted[index] ? added : removed) };
  });
}

/** How many lines a hunk takes away and puts in. */
export function size(hunk: Hunk): { removed: number; added: number } {
  return { removed: hunk.end_line - hunk.start_line, added: splitLines(hunk.new_text).length };
}

/** The smallest change that makes `after` out of `before`. */
export function change(before: string, after: string): { from: number; to: number; insert: string } {
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from++;
  let end = 0;
  while (end < most - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  return { from, to: before.length - end, insert: after.slice(from, after.length - end) };
}

/** The UTF-16 length of the first `count` code points of a text. */
export function codeUnits(text: string, count: number): number {
  let units = 0;
  for (const character of text) {
    if (count-- <= 0) break;
    units += character.length;
  }
  return units;
}
