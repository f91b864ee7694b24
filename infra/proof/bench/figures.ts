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
  /** The same of the CPU per operation. Left out: not measured on both sides. */
  cpuRatio?: number | null;
  /** What measure.md asks for, in words. */
  wanted: string;
  /** Whether it does; null where nothing was asked. */
  reached: boolean | 'not judged' | null;
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

/** What several pairs of measurements came to. */
export interface Pairs {
  ours: Sample;
  floor: Sample;
  /** The median of the pairs' ratios. */
  ratio: number;
  /** The same of the CPU per operation, inverted: more is better. Null where one side has none. */
  cpuRatio: number | null;
  /** The ratios, their median and spread, in words. */
  spread: string;
  /** False: too few pairs, or too far apart, to say anything. */
  isJudged: boolean;
}

/** Fewer pairs say nothing of how far apart they would be. */
const PAIRS_TO_JUDGE = 5;
/** Of the median, between the quarter below and the quarter above it. */
const SPREAD_TO_JUDGE = 0.25;

/**
 * Runs both sides in turn, `rounds` times each, so that whatever else this machine does meets both alike. Each round
 * gives one ratio; the row's ratio is their median. Rates swing twofold with the neighbours of a machine; the CPU that an
 * operation takes hardly does.
 */
export async function sideBySide(
  rounds: number,
  ours: (round: number) => Promise<Sample>,
  floor: (round: number) => Promise<Sample>,
): Promise<Pairs> {
  const pairs: { mine: Sample; theirs: Sample }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first changes each time: the one behind finds warmer caches.
    const theirs = round % 2 === 0 ? await floor(round) : null;
    const mine = await ours(round);
    pairs.push({ mine, theirs: theirs ?? (await floor(round)) });
  }
  const ratios = pairs.map(({ mine, theirs }) => mine.value / theirs.value);
  const ofCpu = pairs.flatMap(({ mine, theirs }) =>
    mine.cpuUs === null || theirs.cpuUs === null ? [] : [theirs.cpuUs / mine.cpuUs],
  );
  const inWords = (of: readonly number[]) =>
    `${of.map((ratio) => ratio.toFixed(2)).join(' ')} (spread ${Math.round(spreadOf(of) * 100)} %)`;
  return {
    ours: middle(pairs.map(({ mine }) => mine)),
    floor: middle(pairs.map(({ theirs }) => theirs)),
    ratio: median(ratios),
    cpuRatio: ofCpu.length === 0 ? null : median(ofCpu),
    spread: `ratios ${inWords(ratios)}${ofCpu.length === 0 ? '' : `, of CPU ${inWords(ofCpu)}`}`,
    isJudged: pairs.length >= PAIRS_TO_JUDGE && spreadOf(ratios) <= SPREAD_TO_JUDGE,
  };
}

/** How far apart the middle half of these is, as a share of their median. */
export function spreadOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => {
    const place = (sorted.length - 1) * share;
    const [low = Number.NaN, high = low] = sorted.slice(Math.floor(place), Math.floor(place) + 2);
    return low + (high - low) * (place - Math.floor(place));
  };
  return (at(0.75) - at(0.25)) / median(values);
}

/** What a row may say of `reached`: nothing where its pairs are too far apart. */
export function judged({ isJudged }: Pick<Pairs, 'isJudged'>, reached: boolean): Row['reached'] {
  return isJudged ? reached : 'not judged';
}
