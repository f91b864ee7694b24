import { breaksLimit } from './allowed.ts';
import { appendRest } from './append.ts';
import { type Candidates, openCandidates, soonestOf } from './candidates.ts';
import { forgiveWhatIsLate } from './forgive.ts';
import type { Model } from './model.ts';
import { patienceEnds } from './patience.ts';
import type { PlannedRoute } from './question.ts';
import { type Random, randomFrom } from './random.ts';
import { insertByRegret, insertCheapest, insertGreedily } from './recreate.ts';
import { openRelated, type Related } from './related.ts';
import { openRoutes, type Routes, setStops, totalCost, unplaced } from './routes.ts';
import { isLocked, ruin } from './ruin.ts';
import { legS } from './travel.ts';
import { startFromPrevious } from './warm-start.ts';

/** How often the greedy way overlooks a place. */
const BLINK = 0.01;
const REGRET_MAX = 0.9;
/** Rounds for each delivery that can move: few deliveries have few plans. */
const ROUNDS_EACH = 25;
/** Deliveries without driver that are tried again in a round. */
const WITHOUT_MAX = 8;
/** What costs less than this is no reason for another plan. */
const GAIN_MIN = 1e-6;
const ROUNDING = 1e-9;

export interface Found {
  routes: Routes;
  related: Related;
  costS: number;
  rounds: number;
  insertions: number | null;
}

/**
 * Routes for all deliveries: what is in hand and what the last plan had, regret insertion of the rest, then ruin and
 * recreate for so many rounds. Ends with the settings' rounds, effort or `stop`, whichever is first.
 */
export function search(model: Model, previous: readonly PlannedRoute[]): Found {
  const { settings } = model;
  const routes = openRoutes(model);
  forgiveWhatIsLate(routes);
  startFromPrevious(routes, previous);
  const related = openRelated(model);
  const candidates = openCandidates(routes, related, settings.near);
  const insertions = firstInsertion(candidates);
  const random = randomFrom([String(settings.seed), String(model.nowMs), ...model.deliveries.map(({ id }) => id)]);
  const rounds = insertions === null ? improve(candidates, related, random) : 0;
  giveToOthers(candidates);
  return { routes, related, costS: totalCost(routes), rounds, insertions };
}

/**
 * What is planned behind other stops is tried with the drivers who have none. In a crowd the search meets few of all, and
 * nobody is to wait for room beside somebody who has nothing to do. Once the customer has been shown no driver for
 * `maxHeldS`, and the one in mind still has no room, one of all who have room now gets it though that costs more: room
 * may be long in coming, since drivers forget to say that they have handed something over.
 */
function giveToOthers(candidates: Candidates): void {
  const { routes } = candidates;
  const { model, stops, driverOf } = routes;
  const { told, size } = model.byDelivery;
  const idle = new Set(stops.flatMap((route, j) => (route.length === 0 ? j : [])));
  const room = roomNow(routes);
  for (let i = 0; i < model.n; i += 1) {
    const j = driverOf[i]!;
    if (j < 0 || told[i]! >= 0 || stops[j]![0] === 2 * i) continue;
    const stays = fitsNow(routes, i, j) || patienceEnds(routes, i) > 0;
    const others = stays ? soonestOf(candidates, i, Int32Array.from(idle)) : whoHasRoom(model, i, room);
    if (others.length > 0) giveAway(candidates, i, stays ? Int32Array.of(...others, j) : others);
    const now = driverOf[i]!;
    idle.delete(now);
    if (now !== j) room[now]! -= size[i]!;
  }
}

/** Beside all that the driver was told. */
function fitsNow({ model, toldLoad }: Routes, i: number, j: number): boolean {
  return toldLoad[j]! + model.byDelivery.size[i]! <= model.byDriver.room[j]!;
}

/** By driver: units beside all they were told, and what they are told now since its customer was shown no driver for long. */
function roomNow(routes: Routes): Float64Array {
  const { model, driverOf, toldLoad } = routes;
  const room = model.byDriver.room.map((units, j) => units - toldLoad[j]!);
  for (let i = 0; i < model.n; i += 1) {
    const j = driverOf[i]!;
    if (j < 0 || model.byDelivery.told[i]! >= 0 || !fitsNow(routes, i, j) || patienceEnds(routes, i) > 0) continue;
    room[j]! -= model.byDelivery.size[i]!;
  }
  return room;
}

/** The drivers who may have it, and have room for it. */
function whoHasRoom({ m, ruledOut, byDelivery }: Model, i: number, room: Float64Array): Int32Array {
  const { size } = byDelivery;
  return Int32Array.from(room.keys()).filter((j) => ruledOut[i * m + j] === 0 && size[i]! <= room[j]!);
}

/** From its driver to where it costs least among these; it stays where that is not allowed, or nobody of them can. */
function giveAway({ routes, trial }: Candidates, i: number, drivers: Int32Array): void {
  const { stops, driverOf } = routes;
  const j = driverOf[i]!;
  const before = stops[j]!;
  setStops(
    routes,
    j,
    before.filter((stop) => stop >> 1 !== i),
  );
  driverOf[i] = -1;
  if (breaksLimit(routes, j) || !insertCheapest(trial, i, drivers, null)) {
    setStops(routes, j, before);
    driverOf[i] = j;
  }
}

/**
 * Cut short by `stop`, what is left goes behind the routes, and the answer says how many came before; else null. Out of
 * effort, what is left goes where it costs least.
 */
function firstInsertion(candidates: Candidates): number | null {
  const { routes } = candidates;
  const { settings } = routes.model;
  let cut = false;
  let weary = false;
  const goOn = (inserted: number): boolean => {
    weary = routes.effort > settings.effort / 2;
    cut = inserted === settings.insertions || (settings.stop?.() ?? false);
    return !cut && !weary;
  };
  const { waitsFrom } = routes.model.byStop;
  const longestFirst = unplaced(routes).sort((a, b) => waitsFrom[2 * a + 1]! - waitsFrom[2 * b + 1]! || a - b);
  const insertions = insertByRegret(candidates, longestFirst, goOn);
  if (cut) {
    appendRest(routes);
    return insertions;
  }
  if (weary) insertGreedily(candidates, unplaced(routes), null);
  tryEverybody(candidates);
  return null;
}

/** Before somebody goes without a driver, all are tried, not only those near by. */
function tryEverybody({ routes, trial }: Candidates): void {
  const { m, ruledOut } = routes.model;
  for (const i of unplaced(routes)) {
    const may: number[] = [];
    for (let j = 0; j < m; j += 1) if (ruledOut[i * m + j] === 0) may.push(j);
    insertCheapest(trial, i, Int32Array.from(may), null);
  }
}

/** Ruin and recreate. Leaves the best routes that were found. @returns in how many rounds */
function improve(candidates: Candidates, related: Related, random: Random): number {
  const { routes } = candidates;
  const { model } = routes;
  const { settings } = model;
  const movable = movableIn(routes);
  const regret = regretShare(routes);
  const blink = (): boolean => random() < BLINK;
  const best = { costS: totalCost(routes), stops: routes.stops.slice(), driverOf: routes.driverOf.slice() };
  let costS = best.costS;
  let rounds = 0;
  const most = Math.min(settings.rounds, ROUNDS_EACH * movable.length);
  for (; rounds < most && routes.effort < settings.effort && !settings.stop?.(); rounds += 1) {
    const stops = routes.stops.slice();
    const driverOf = routes.driverOf.slice();
    ruin(routes, related, movable[Math.floor(random() * movable.length)]!, random);
    const list = toInsert(driverOf, routes, random);
    if (random() < regret) insertByRegret(candidates, list, null);
    else insertGreedily(candidates, inSomeOrder(related, list, random), blink);
    const now = totalCost(routes);
    if (now > costS + ROUNDING) restore(routes, stops, driverOf);
    else costS = now;
    if (costS < best.costS - GAIN_MIN) {
      Object.assign(best, { costS, stops: routes.stops.slice(), driverOf: routes.driverOf.slice() });
    }
  }
  restore(routes, best.stops, best.driverOf);
  return rounds;
}

/** What was just taken out, and a few of those that had no driver before: trying all of them each time would take it all. */
function toInsert(before: Int32Array, { driverOf }: Routes, random: Random): number[] {
  const taken: number[] = [];
  const without: number[] = [];
  for (let i = 0; i < driverOf.length; i += 1) if (driverOf[i]! < 0) (before[i]! < 0 ? without : taken).push(i);
  const first = without.length > WITHOUT_MAX ? Math.floor(random() * without.length) : 0;
  const few = [...without.slice(first), ...without.slice(0, first)].slice(0, WITHOUT_MAX);
  return [...taken, ...few];
}

function movableIn({ model, stops, driverOf }: Routes): number[] {
  const list: number[] = [];
  for (let i = 0; i < model.n; i += 1) {
    const j = driverOf[i]!;
    if (j < 0 || !isLocked(stops[j]!, model.byDriver.locked[j]!, i)) list.push(i);
  }
  return list;
}

/** Short routes: drivers are what is scarce, and regret shares them out. Long ones: greed is quicker, and varies more. */
function regretShare(routes: Routes): number {
  const used = routes.stops.filter((stops) => stops.length > 0).length;
  const placed = routes.model.n - unplaced(routes).length;
  return Math.min(REGRET_MAX, used / Math.max(1, placed));
}

function restore(routes: Routes, stops: readonly (readonly number[])[], driverOf: Int32Array): void {
  for (const [j, list] of stops.entries()) if (routes.stops[j] !== list) setStops(routes, j, list);
  routes.driverOf.set(driverOf);
}

/** By chance, by when it is wanted, by the way from end to end, or the longest way first. */
function inSomeOrder({ model, hour }: Related, list: readonly number[], random: Random): number[] {
  const { travel } = model;
  const { place } = model.byStop;
  const way = (i: number): number => legS(travel, 0, place[2 * i]!, place[2 * i + 1]!);
  const orders = [() => random(), (i: number) => hour[i]!, way, (i: number) => -way(i)];
  const key = orders[Math.floor(random() * orders.length)]!;
  return list
    .map((i) => ({ i, key: key(i) }))
    .sort((a, b) => a.key - b.key || a.i - b.i)
    .map(({ i }) => i);
}
