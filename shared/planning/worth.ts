import type { ByStop } from './by-delivery.ts';
import type { ByDriver } from './by-driver.ts';
import type { Source } from './model.ts';
import { legS, type Travel } from './travel.ts';

/** Where demand is taken from the pickups, so many places stand for all. */
const DEMAND_SAMPLE = 24;

/**
 * What a free driver is worth: more where orders are expected near by, less towards the end of the shift. So the one who
 * loses least goes.
 */
export interface Worth {
  travel: Travel;
  fullS: number;
  decay: number;
  tailS: number;
  demand: readonly { place: number; share: number }[];
  /** By place; NaN where not asked yet. */
  known: Float64Array;
  /** By driver: what they are worth where and when they can go on. */
  atStart: Float64Array;
}

export function openWorth(source: Source, travel: Travel, byStop: ByStop, byDriver: ByDriver): Worth {
  const { driverValueS, driverValueDecay, driverValueTailS } = source.settings;
  const worth: Worth = {
    travel,
    fullS: driverValueS,
    decay: driverValueDecay,
    tailS: driverValueTailS,
    demand: demandOf(source, byStop),
    known: new Float64Array(travel.places).fill(Number.NaN),
    atStart: new Float64Array(byDriver.free.length),
  };
  for (let j = 0; j < worth.atStart.length; j += 1) {
    const start = byStop.place[2 * source.deliveries.length + j]!;
    worth.atStart[j] = worthS(worth, start, byDriver.shiftEnd[j]! - byDriver.free[j]!);
  }
  return worth;
}

/** Where orders are expected, one entry for each place. */
function demandOf({ settings, deliveries, placeOf }: Source, { place }: ByStop): { place: number; share: number }[] {
  const named = settings.demand?.map((entry) => ({ ...entry, place: placeOf(entry.place) }));
  const entries = named ?? deliveries.map((_, i) => ({ place: place[2 * i]!, weight: 1 }));
  const weights = new Map<number, number>();
  for (const { place: at, weight } of entries.sort((a, b) => a.place - b.place || a.weight - b.weight)) {
    weights.set(at, (weights.get(at) ?? 0) + weight);
  }
  const all = [...weights].sort(([a, heavy], [b, light]) => light - heavy || a - b);
  const sample = named ? all : all.slice(0, DEMAND_SAMPLE);
  const total = sample.reduce((sum, [, weight]) => sum + weight, 0);
  return total > 0 ? sample.map(([at, weight]) => ({ place: at, share: weight / total })) : [];
}

/** What a driver is worth who is free at a place, so many seconds before the end of the shift. */
export function worthS(worth: Worth, place: number, leftS: number): number {
  if (leftS <= 0 || worth.fullS === 0) return 0;
  let full = worth.known[place]!;
  if (Number.isNaN(full)) {
    full = worthAt(worth, place);
    worth.known[place] = full;
  }
  return leftS < worth.tailS ? (full * leftS) / worth.tailS : full;
}

function worthAt({ travel, fullS, decay, demand }: Worth, place: number): number {
  let away = 0;
  for (const at of demand) away += at.share * legS(travel, 0, place, at.place);
  return Math.max(0, fullS - decay * away);
}
