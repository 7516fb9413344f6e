// Random cases that can be had again: the seed comes from SEED, else from the clock, and a failure names it.

export interface Random {
  /** 0 <= n < below. */
  int(below: number): number;
  of<T>(values: readonly [T, ...T[]]): T;
}

export function randomly(times: number, check: (random: Random) => void): void {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0; // mulberry32
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (below: number): number => Math.floor(next() * below);
  const random: Random = { int, of: (values) => values[int(values.length)] ?? values[0] };
  for (let time = 0; time < times; time++) {
    try {
      check(random);
    } catch (error) {
      throw new Error(`with SEED=${seed}, case ${time}`, { cause: error });
    }
  }
}
