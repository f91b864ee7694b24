import { breaksLimit } from './allowed.ts';
import type { Random } from './random.ts';
import { type Related, relatedTo } from './related.ts';
import { type Routes, setStops } from './routes.ts';

/** Most deliveries taken out of one route, and how many are taken out of all on average. */
const LONGEST_STRING = 10;
const MEAN_RUIN = 8;

/**
 * Takes strings of deliveries that follow each other out of routes near one of them (Christiaens and Vanden Berghe,
 * "Slack Induction by String Removals for Vehicle Routing Problems", Transportation Science 2020).

 */
export function ruin(routes: Routes, related: Related, seed: number, random: Random): void {
  const longest = longestString(routes);
  let strings = 1 + Math.floor((random() * 4 * MEAN_RUIN) / (1 + longest));
  const ruined = new Set<number>();
  for (const i of relatedTo(related, seed)) {
    const j = routes.driverOf[i]!;
    if (j < 0 || ruined.has(j)) continue;
    ruined.add(j);
    removeString(routes, j, i, 1 + Math.floor(random() * longest), random);
    strings -= 1;
    if (strings === 0) return;
  }
}

/** No more than routes have on average. */
function longestString({ stops }: Routes): number {
  let used = 0;
  let deliveries = 0;
  for (const route of stops) {
    if (route.length === 0) continue;
    used += 1;
    deliveries += route.length / 2;
  }
  return Math.max(1, Math.min(LONGEST_STRING, used > 0 ? deliveries / used : 1));
}

/** Takes up to `length` deliveries that follow each other out of a route, delivery i among them. */
function removeString(routes: Routes, j: number, i: number, length: number, random: Random): void {
  const { model, stops, driverOf } = routes;
  const before = stops[j]!;
  const order = movableInOrder(before, model.byDriver.locked[j]!);
  const at = order.indexOf(i);
  if (at < 0) return;
  const first = Math.max(0, Math.min(order.length - length, at - Math.floor(random() * length)));
  const out = order.slice(first, first + length);
  setStops(
    routes,
    j,
    before.filter((stop) => !out.includes(stop >> 1)),
  );
  // Services at one place can differ, so that fewer stops may take longer.
  if (breaksLimit(routes, j)) setStops(routes, j, before);
  else for (const delivery of out) driverOf[delivery] = -1;
}

/** The deliveries of a route in order of their first stops, without those that locked stops hold. */
export function movableInOrder(stops: readonly number[], locked: number): number[] {
  const order: number[] = [];
  for (let k = locked; k < stops.length; k += 1) {
    const i = stops[k]! >> 1;
    if (!order.includes(i) && !isLocked(stops, locked, i)) order.push(i);
  }
  return order;
}

export function isLocked(stops: readonly number[], locked: number, i: number): boolean {
  for (let k = 0; k < locked; k += 1) if (stops[k]! >> 1 === i) return true;
  return false;
}
