import type { CostWeights, Model } from './model.ts';
import { legS, type Travel } from './travel.ts';

/** Work for each driver where there is none. */
const NO_HANDS = 3;
/** Work beyond this much for each driver raises the price no more. */
const BUSY_MAX = 2;
/** Where demand is taken from the pickups, so many of them stand for all. */
const DEMAND_SAMPLE = 24;
/** What each step beyond the average costs at `fairness` 1. */
const FAIR_STEP_S = 300;

type Parts = Omit<Model, keyof CostWeights>;

export function costWeights(parts: Parts, number: (place: number) => number): CostWeights {
  const { settings, n, m } = parts;
  let total = n;
  for (let j = 0; j < m; j += 1) total += parts.deliveredToday[j]!;
  return {
    price:
      settings.driverPrice + settings.busyPrice * Math.min(BUSY_MAX, Math.max(0, workload(parts) - settings.busyFrom)),
    worthAt: openWorth(parts, demandOf(parts, number)),
    fairStepS: settings.fairness * FAIR_STEP_S,
    fairShare: m > 0 ? total / m : 0,
  };
}

/** Work that is due soon and nobody has yet, over the time that drivers have for it. */
function workload({
  settings,
  n,
  m,
  told,
  earliest,
  due,
  deliveries,
  before,
  after,
  place,
  travel,
  free,
  shiftEnd,
}: Parts): number {
  let work = 0;
  let hands = 0;
  for (let i = 0; i < n; i += 1) {
    const pickup = 2 * i;
    const dropoff = pickup + 1;
    if (told[i]! >= 0) continue;
    const direct = legS(travel, 0, place[pickup]!, place[dropoff]!);
    const windowed = deliveries[i]!.dropoff.beforeMs !== undefined;
    const start = windowed ? Math.max(earliest[pickup]!, due[dropoff]! - direct - settings.marginS) : earliest[pickup]!;
    if (start > settings.busyWindowS) continue;
    work += settings.expectedApproachS + direct + before[pickup]! + after[pickup]! + before[dropoff]! + after[dropoff]!;
  }
  for (let j = 0; j < m; j += 1) hands += Math.max(0, Math.min(settings.busyWindowS, shiftEnd[j]!) - free[j]!);
  if (m === 0) return 0;
  return hands > 0 ? work / hands : NO_HANDS;
}

interface Demand {
  place: number;
  weight: number;
}

/** Where orders are expected, one entry for each place. */
function demandOf({ settings, n, place }: Parts, number: (place: number) => number): Demand[] {
  const weights = new Map<number, number>();
  const add = (at: number, weight: number): void => void weights.set(at, (weights.get(at) ?? 0) + weight);
  if (settings.demand) {
    const named = settings.demand.map((entry) => ({ place: number(entry.place), weight: entry.weight }));
    named.sort((a, b) => a.place - b.place || a.weight - b.weight);
    for (const entry of named) add(entry.place, entry.weight);
    return [...weights].map(([at, weight]) => ({ place: at, weight }));
  }
  for (let i = 0; i < n; i += 1) add(place[2 * i]!, 1);
  const all = [...weights].map(([at, weight]) => ({ place: at, weight }));
  return all.sort((a, b) => b.weight - a.weight || a.place - b.place).slice(0, DEMAND_SAMPLE);
}

/** What a free driver at a place is worth: less, the further it is from where orders are expected. */
function openWorth({ settings, travel }: { settings: Model['settings']; travel: Travel }, demand: readonly Demand[]) {
  const { driverValueS, driverValueDecay } = settings;
  const total = demand.reduce((sum, { weight }) => sum + weight, 0);
  const known = new Float64Array(travel.names.length).fill(Number.NaN);
  return (at: number): number => {
    let worth = known[at]!;
    if (Number.isNaN(worth)) {
      let away = 0;
      for (const { place, weight } of demand) away += weight * legS(travel, 0, at, place);
      worth = Math.max(0, driverValueS - (total > 0 ? (driverValueDecay * away) / total : 0));
      known[at] = worth;
    }
    return worth;
  };
}
