import type { Model } from './model.ts';
import { legS } from './travel.ts';

/** So many related deliveries are kept for each. */
const RELATED_MAX = 100;
/** Sorting is by whole seconds, with the index behind them in one number. */
const INDEX_SPACE = 2 ** 20;
const SECONDS_MAX = 2 ** 30;

/** Deliveries that go well together, found when first asked for. */
export interface Related {
  model: Model;
  lists: (Int32Array | null)[];
  /** When each is wanted. */
  hour: Float64Array;
  keys: Float64Array;
}

export function openRelated(model: Model): Related {
  const hour = new Float64Array(model.n);
  for (let i = 0; i < model.n; i += 1) hour[i] = wantedAt(model, i);
  return { model, lists: new Array(model.n).fill(null), hour, keys: new Float64Array(model.n) };
}

function wantedAt({ byStop }: Model, i: number): number {
  const { earliest } = byStop;
  const opens = earliest[2 * i + 1]!;
  return opens > Number.NEGATIVE_INFINITY ? opens : Math.max(earliest[2 * i]!, 0);
}

/** The deliveries that go best with this one, itself first: near at both ends, and at the same time. */
export function relatedTo(related: Related, i: number): Int32Array {
  const known = related.lists[i];
  if (known) return known;
  const { model, hour, keys } = related;
  const { travel, n } = model;
  const { place } = model.byStop;
  const pickup = place[2 * i]!;
  const dropoff = place[2 * i + 1]!;
  for (let b = 0; b < n; b += 1) {
    const apart =
      legS(travel, 0, place[2 * b]!, pickup) +
      0.5 * legS(travel, 0, place[2 * b + 1]!, dropoff) +
      0.5 * Math.abs(hour[b]! - hour[i]!);
    keys[b] = (b === i ? 0 : 1 + Math.min(SECONDS_MAX, Math.round(apart))) * INDEX_SPACE + b;
  }
  keys.sort();
  const list = Int32Array.from(keys.subarray(0, RELATED_MAX), (key) => key % INDEX_SPACE);
  related.lists[i] = list;
  return list;
}
