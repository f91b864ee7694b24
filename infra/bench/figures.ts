/** What one side of one round came to. Null: not measured on this side. */
export interface Sample {
  /** Operations per second, or another figure in the row's unit. */
  value: number;
  p50Ms: number | null;
  p99Ms: number | null;
  /** CPU of the processes that served, microseconds per operation. */
  cpuUs: number | null;
}

export interface Row {
  name: string;
  unit: string;
  ours: Sample;
  floor: Sample | null;
  /** `ours / floor` in the sense in which more is better: of rates directly, of times and sizes inverted. */
  ratio: number | null;
  /** What measure.md asks for, in words. */
  wanted: string;
  /** Whether it does; null where nothing was asked. */
  reached: boolean | null;
  /** The other figures of the row, and what the floor was. */
  notes: readonly string[];
}

export function sample(value: number, more: Partial<Sample> = {}): Sample {
  return { value, p50Ms: null, p99Ms: null, cpuUs: null, ...more };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = Number.NaN, high = low] = sorted.slice(
    Math.floor((sorted.length - 1) / 2),
    Math.floor(sorted.length / 2) + 1,
  );
  return (low + high) / 2;
}

/** Nearest rank; NaN of nothing. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

/** The middle of each figure by itself over the rounds. */
export function middle(samples: readonly Sample[]): Sample {
  const of = (pick: (one: Sample) => number | null) => {
    const known = samples.map(pick).filter((value): value is number => value !== null);
    return known.length === 0 ? null : median(known);
  };
  return {
    value: of((one) => one.value) ?? Number.NaN,
    p50Ms: of((one) => one.p50Ms),
    p99Ms: of((one) => one.p99Ms),
    cpuUs: of((one) => one.cpuUs),
  };
}

/**
 * Runs both sides in turn, `rounds` times each, so that whatever else this machine does meets both alike. Each round
 * gives one ratio; the row's ratio is their median.
 */
export async function sideBySide(
  rounds: number,
  ours: (round: number) => Promise<Sample>,
  floor: (round: number) => Promise<Sample>,
): Promise<{ ours: Sample; floor: Sample; ratio: number; spread: string }> {
  const pairs: { mine: Sample; theirs: Sample }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first changes each time: the one behind finds warmer caches.
    const theirs = round % 2 === 0 ? await floor(round) : null;
    const mine = await ours(round);
    pairs.push({ mine, theirs: theirs ?? (await floor(round)) });
  }
  const ratios = pairs.map(({ mine, theirs }) => mine.value / theirs.value);
  return {
    ours: middle(pairs.map(({ mine }) => mine)),
    floor: middle(pairs.map(({ theirs }) => theirs)),
    ratio: median(ratios),
    spread: `ratios ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}`,
  };
}
