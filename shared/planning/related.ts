import type { Model } from './model.ts';
import { legS, type Travel } from './travel.ts';

/** So many related deliveries are kept for each. */
const RELATED_MAX = 48;

/** Deliveries that go well together, found when first asked for. */
export interface Related {
  model: Model;
  lists: (Int32Array | null)[];
  /** When each is wanted. */
  hour: Float64Array;
  /** How far apart the ones found so far are. */
  apart: Float64Array;
}

export function openRelated(model: Model): Related {
  const hour = new Float64Array(model.n);
  for (let i = 0; i < model.n; i += 1) hour[i] = wantedAt(model, i);
  return { model, lists: new Array(model.n).fill(null), hour, apart: new Float64Array(RELATED_MAX) };
}

function wantedAt({ byStop }: Model, i: number): number {
  const opens = byStop.earliest[2 * i + 1]!;
  return opens > Number.NEGATIVE_INFINITY ? opens : Math.max(byStop.earliest[2 * i]!, 0);
}

/** The deliveries that go best with this one, itself first: near at both ends, and at the same time. */
export function relatedTo(related: Related, i: number): Int32Array {
  let list = related.lists[i];
  if (!list) {
    list = findRelated(related, i);
    related.lists[i] = list;
  }
  return list;
}

function findRelated({ model, hour, apart }: Related, i: number): Int32Array {
  const { travel, n } = model;
  const { place } = model.byStop;
  const pickup = place[2 * i]!;
  const dropoff = place[2 * i + 1]!;
  const list = new Int32Array(Math.min(n, RELATED_MAX));
  let count = 0;
  for (let b = 0; b < n; b += 1) {
    const away = apartS(travel, place[2 * b]!, pickup) + 0.5 * Math.abs(hour[b]! - hour[i]!);
    const full = count === list.length;
    if (full && b !== i && away >= apart[count - 1]!) continue;
    const far = b === i ? -1 : away + 0.5 * apartS(travel, place[2 * b + 1]!, dropoff);
    if (full && far >= apart[count - 1]!) continue;
    let x = full ? count - 1 : count++;
    for (; x > 0 && apart[x - 1]! > far; x -= 1) {
      apart[x] = apart[x - 1]!;
      list[x] = list[x - 1]!;
    }
    apart[x] = far;
    list[x] = b;
  }
  return list;
}

/** The way between two places, the same from either end: half as much has to be asked. */
function apartS(travel: Travel, a: number, b: number): number {
  return a < b ? legS(travel, 0, a, b) : legS(travel, 0, b, a);
}
