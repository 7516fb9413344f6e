// What a person has to look at: the hunks that a reading does not share with the others. Pure values.
import type { Hunk, Result } from "./api";

export interface Reading {
  number: number;
  hunks: Hunk[];
  doubtful: boolean[]; // of each hunk: it waits for a decision
  diff: string; // against the first
}

/** Checks that say of lines of the original what is wrong there; all others speak of the whole file. */
const PLACED = ["confident", "ambiguous", "accounted"];

const key = (hunk: Hunk) => JSON.stringify([hunk.start_line, hunk.end_line, hunk.new_text]);

/** The result first, then what else the update may mean. */
export function readingsOf(result: Result): Reading[] {
  const others = result.alternatives ?? [];
  const first = result.hunks.map(key);
  const rest = others.map(({ number, hunks, diff }) => ({ number, diff, ...marked(hunks, (hunk) => !first.includes(key(hunk))) }));
  return [{ number: 1, diff: "", ...ownDoubt(result) }, ...rest];
}

function marked(hunks: Hunk[], isDoubtful: (hunk: Hunk) => boolean): { hunks: Hunk[]; doubtful: boolean[] } {
  const doubtful = hunks.map(isDoubtful);
  return { hunks, doubtful: doubtful.some(Boolean) ? doubtful : hunks.map(() => true) };
}

function ownDoubt(result: Result): { hunks: Hunk[]; doubtful: boolean[] } {
  const { hunks } = result;
  if (result.status !== "needs_review") return { hunks, doubtful: hunks.map(() => false) };
  const failed = result.checks.filter((check) => !check.ok);
  if (failed.some((check) => !PLACED.includes(check.name))) return marked(hunks, () => true);
  const named = failed.filter((check) => check.name !== "ambiguous").map((check) => firstLine(check.detail));
  const covers = (hunk: Hunk) => named.some((line) => hunk.start_line <= line && line <= Math.max(hunk.start_line, hunk.end_line - 1));
  const other = result.alternatives?.[0];
  if (!other) return marked(hunks, covers);
  const theirs = other.hunks.map(key);
  const [shared, more] = [hunks.map(key), other.hunks];
  if (hunks.some((hunk) => !theirs.includes(key(hunk)))) return marked(hunks, (hunk) => !theirs.includes(key(hunk)));
  // The other reading only does more: what stays there is the question.
  const stays = more.filter((hunk) => !shared.includes(key(hunk))).map((hunk) => ({ ...hunk, end_line: hunk.start_line, new_text: "" }));
  return marked([...hunks, ...stays].sort((a, b) => a.start_line - b.start_line), (hunk) => stays.includes(hunk));
}

/** The first line that a sentence names, counted from 0. */
function firstLine(sentence: string): number {
  return Number(/\blines? (\d+)/.exec(sentence)?.[1] ?? 0) - 1;
}

/** Nothing changes here, and that is in doubt. */
export function isStay(hunk: Hunk): boolean {
  return hunk.start_line === hunk.end_line && hunk.new_text === "";
}

/** Decisions by hunk, so that another reading with the same hunk keeps them. */
export class Decisions {
  private readonly made = new Map<string, boolean>();

  decide(hunk: Hunk, accept: boolean): void {
    this.made.set(key(hunk), accept);
  }

  /** null: nobody has decided yet. */
  of(reading: Reading, index: number): boolean | null {
    const hunk = reading.hunks[index];
    return (hunk && this.made.get(key(hunk))) ?? (reading.doubtful[index] ? null : true);
  }

  all(reading: Reading): (boolean | null)[] {
    return reading.hunks.map((_, index) => this.of(reading, index));
  }
}
