import { assigningCost, endingCost, hopS, limitOf, unfairStepCost } from './cost.ts';
import { placeAboard } from './place-aboard.ts';
import { placePair } from './place-pair.ts';
import { deliveriesIn, type Routes } from './routes.ts';
import type { Blink, Trial } from './trial.ts';

/**
 * The cheapest places for delivery i in the route of driver j; returns what all costs more with it. Whatever is added
 * delays the stops behind it, so that the old costs from there on bound the new ones from below: most places are ruled
 * out without following the route. Among equals the last place counts: who came first is served first.
 */
export function tryInsertion(trial: Trial, i: number, j: number, bar: number, blink: Blink | null): number {
  const { routes } = trial;
  const { model } = routes;
  trial.riseS = Number.POSITIVE_INFINITY;
  trial.reach = reachOf(routes, i, j);
  if (trial.reach < 0) return trial.riseS;
  const fair = model.rules.fairStepS === 0 ? 0 : unfairStepCost(model, j, deliveriesIn(routes.stops[j]!) + 1);
  const base = routes.cost[j]! - assigningCost(model, i, j) - fair;
  const inHandAlone = model.byDelivery.told[i] === j && routes.fresh[j] === 0;
  routes.effort += 1;
  trial.i = i;
  trial.j = j;
  trial.room = inHandAlone ? Number.POSITIVE_INFINITY : model.byDriver.room[j]! - model.byDelivery.size[i]!;
  trial.best = base + bar;
  trial.leastEnd = leastEnd(routes, j, 2 * i + 1);
  const start = trial.best;
  if (model.byDelivery.aboard[i]) placeAboard(trial);
  else {
    trial.limit = limitOf(model, j, 2 * i);
    trial.direct = hopS(model, model.byDriver.vehicle[j]!, 2 * i, 2 * i + 1);
    trial.waysKnown = false;
    placePair(trial, blink);
  }
  if (trial.best < start) trial.riseS = trial.best - base;
  return trial.riseS;
}

/**
 * How far into the route a delivery that somebody was told may reach, as it has to fit beside all that is held from the
 * start on; -1: not at all. What is in hand alone is not asked whether it fits.
 */
function reachOf(routes: Routes, i: number, j: number): number {
  const { model, held, fresh, toldLoad } = routes;
  const stops = routes.stops[j]!;
  const { told, size } = model.byDelivery;
  if (told[i]! < 0 || (told[i] === j && fresh[j] === 0)) return stops.length;
  const room = model.byDriver.room[j]! - size[i]!;
  if (toldLoad[j]! > room) return -1;
  const full = stops.findIndex((stop) => held[stop]! > room);
  return full < 0 ? stops.length : full;
}

/** The last stop of the new route is the old one (of a route without stops there is none), or the dropoff behind it, and neither is earlier. */
function leastEnd({ model, stops, endCost, endTime }: Routes, j: number, dropoff: number): number {
  const behind = endingCost(model, j, dropoff, endTime[j]!);
  return stops[j]!.length === 0 ? behind : Math.min(endCost[j]!, behind);
}
