import type { PlanQuestion } from '../planning/question.ts';
import type { Routing } from '../routing/open-routing.ts';
import type { Places, Ways } from './travel.ts';

/** Servers refuse larger tables, and a plan waits for them: with more places ways are estimated. */
const MOST_PLACES = 100;
/** A way is looked up by the cells of its ends, some 100 m wide: a driver who moves on asks for few new ones. */
const CELLS_PER_DEGREE = 1_000;
/** Ways kept; the oldest go first. */
const MOST_KEPT = 200_000;

/** Ways that a routing server has told this process, by vehicle and by the cells of their ends. */
const kept = new WeakMap<Routing, Map<string, number>>();

/**
 * The same ways by a routing server, where there is one that answers in time for all of them; else as they were.
 */
export async function routedWays(
  routing: Routing | null | undefined,
  { drivers }: Pick<PlanQuestion, 'drivers'>,
  places: Places,
  ways: Ways,
): Promise<Ways> {
  if (!routing || places.count() < 2 || places.count() > MOST_PLACES) return ways;
  const known = kept.get(routing) ?? new Map<string, number>();
  kept.set(routing, known);
  const vehicles = new Set([null, ...drivers.map(({ vehicle }) => vehicle ?? null)]);
  const cells = Array.from({ length: places.count() }, (_, place) => cellOf(places, place));
  const answers = await Promise.all([...vehicles].map((vehicle) => learn(routing, known, places, cells, vehicle)));
  if (!answers.every(Boolean)) return ways;
  return {
    ...ways,
    source: 'routed',
    travelS: (from, to, vehicle) =>
      known.get(keyOf(vehicle, cells[from]!, cells[to]!)) ?? ways.travelS(from, to, vehicle),
  };
}

/** @returns false where the server did not answer for all of them */
async function learn(
  routing: Routing,
  known: Map<string, number>,
  places: Places,
  cells: readonly string[],
  vehicle: string | null,
): Promise<boolean> {
  const isNew = cells.some((from) => cells.some((to) => !known.has(keyOf(vehicle, from, to))));
  if (!isNew) return true;
  const all = cells.map((_, place) => places.at(place));
  const table = await routing.tableS(all, vehicle);
  if (table === null) return false;
  for (const [from, row] of table.entries()) {
    for (const [to, seconds] of row.entries()) known.set(keyOf(vehicle, cells[from]!, cells[to]!), Math.round(seconds));
  }
  for (const oldest of known.keys()) {
    if (known.size <= MOST_KEPT) break;
    known.delete(oldest);
  }
  return true;
}

function cellOf(places: Places, place: number): string {
  const { lat, lon } = places.at(place);
  return `${Math.round(lat * CELLS_PER_DEGREE)},${Math.round(lon * CELLS_PER_DEGREE)}`;
}

function keyOf(vehicle: string | null, from: string, to: string): string {
  return `${vehicle ?? ''} ${from} ${to}`;
}
