// New lines as VS Code decorations can show them: beside the old ones, in one pseudo-element, so that the document is
// never written into. Pure values.
//
// VS Code's decorations have one line of `contentText`. `textDecoration` goes into the style sheet as it is (a known
// way, that other extensions use too), and there `content` may have several lines. What the model wrote becomes part
// of a style sheet: every character but plain letters and digits is escaped by its number. (Spaces too: the one that
// follows a number belongs to it.)

export interface OverlayLines {
  lines: string[];
  /** How many more there are than are shown. */
  hidden: number;
}

/** Columns that the overlay keeps from the old text, and the most that it moves to the right for it. */
const GAP = 3;
const MOST_COLUMNS = 100;

// eslint-disable-next-line no-control-regex -- they are what is looked for
const INVISIBLE = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200B\u200C\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF]|(?<![\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D/gu;

/** A line as it looks: tabs as columns, and characters that would hide something by their number. */
export function visible(line: string, tabSize: number): string {
  let shown = "";
  let column = 0;
  for (const character of line.replace(INVISIBLE, (hidden) => `<U+${hex(hidden, 4)}>`)) {
    const width = character === "\t" ? tabSize - (column % tabSize) : columns(character);
    shown += character === "\t" ? " ".repeat(width) : character;
    column += width;
  }
  return shown;
}

/** About how many columns a line takes: wide characters take two. */
export function width(line: string, tabSize: number): number {
  let column = 0;
  for (const character of visible(line, tabSize)) column += columns(character);
  return column;
}

/** `instead`: the old lines. The indent that old and new ones share is left out; of an insertion nothing is. */
export function overlayLines(
  lines: readonly string[],
  instead: readonly string[],
  tabSize: number,
  most: number,
): OverlayLines {
  const indents = [...lines, ...instead]
    .map((line) => visible(line, tabSize))
    .filter((line) => line.trim() !== "")
    .map((line) => line.length - line.trimStart().length);
  const shared = instead.length > 0 ? Math.min(...indents, MOST_COLUMNS) : 0;
  const shown = lines.slice(0, most).map((line) => visible(line, tabSize).slice(shared));
  return { lines: shown, hidden: lines.length - shown.length };
}

/** The column where an overlay begins that covers none of these lines of the document. */
export function overlayColumn(covered: readonly string[], tabSize: number): number {
  return Math.min(MOST_COLUMNS, Math.max(0, ...covered.map((line) => width(line, tabSize))) + GAP);
}

/** The value of `textDecoration` that shows these lines from this column on. */
export function overlayCss({ lines, hidden }: OverlayLines, column: number, place: { border: string; top: string }): string {
  const shown = hidden > 0 ? [...lines, `... ${hidden} more lines`] : lines;
  const rules = [
    "none",
    `content: '${shown.map(cssString).join("\\00000a")}'`,
    "position: absolute",
    "display: block",
    `left: ${column}ch`,
    `top: ${place.top}`,
    "white-space: pre",
    "z-index: 5",
    "padding: 0 1ch",
    `border-left: 2px solid ${place.border}`,
    "pointer-events: none",
  ];
  return rules.join("; ");
}

function cssString(text: string): string {
  return text.replace(/[^A-Za-z0-9]/gu, (character) => `\\${hex(character, 6)}`);
}

function hex(character: string, digits: number): string {
  return (character.codePointAt(0) ?? 0xfffd).toString(16).padStart(digits, "0");
}

function columns(character: string): number {
  return /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60]|\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
}
