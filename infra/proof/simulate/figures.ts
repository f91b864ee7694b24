/** 0 of nothing. */
export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * The value below which a share of all values lies, between two neighbours in proportion (the usual definition, type 7
 * of Hyndman and Fan 1996); 0 of nothing.
 * @param share 0..1
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = share * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] ?? 0;
  const high = sorted[Math.ceil(rank)] ?? low;
  return low + (high - low) * (rank - Math.floor(rank));
}

/** How unevenly something is spread: 0 all have the same, towards 1 one has all. Gini's coefficient (1912). */
export function gini(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const total = sum(sorted);
  if (total === 0) return 0;
  const ranked = sum(sorted.map((value, index) => (2 * (index + 1) - sorted.length - 1) * value));
  return ranked / (sorted.length * total);
}

/** Each figure by itself over several days; of none: an empty object. */
export function meanOfEach<Name extends string>(days: readonly Readonly<Record<Name, number>>[]): Record<Name, number> {
  const names = Object.keys(days[0] ?? {}) as Name[];
  return Object.fromEntries(names.map((name) => [name, mean(days.map((day) => day[name]))])) as Record<Name, number>;
}

/** How long decisions took: milliseconds of CPU. */
export interface Decisions {
  decisions: number;
  msMean: number;
  msP99: number;
}

export function decisionsOf(ms: readonly number[]): Decisions {
  return { decisions: ms.length, msMean: mean(ms), msP99: quantile(ms, 0.99) };
}
