// How often a crashed server is started again. Pure values: the clock comes from outside.

/** Within this time the crashes are counted; a server that ran longer than that has earned a new start. */
export const WINDOW_MS = 180_000;
const FIRST_WAIT_MS = 250;

export class Restarts {
  #crashes: number[] = [];

  constructor(readonly most: number) {}

  /** A crash at this time: how long to wait before the next start, or undefined: give up. */
  crashed(now: number): number | undefined {
    this.#crashes = [...this.#crashes.filter((time) => now - time < WINDOW_MS), now];
    if (this.#crashes.length > this.most) return undefined;
    return FIRST_WAIT_MS * 2 ** (this.#crashes.length - 1);
  }

  get count(): number {
    return this.#crashes.length;
  }
}
