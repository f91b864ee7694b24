import { PICKUP } from './by-delivery.ts';
import { doorCost, hopS, limitOf, waitingCost } from './cost.ts';
import { restCost, type Trial, take } from './trial.ts';

/** A parcel that is aboard: only its dropoff is to be placed. */
export function placeAboard(trial: Trial): void {
  const { routes, i, j } = trial;
  const { model, time } = routes;
  const { rules, byStop, byDelivery, byDriver } = model;
  const stops = routes.stops[j]!;
  const dropoff = 2 * i + 1;
  const limit = limitOf(model, j, dropoff);
  const first = byDriver.locked[j]!;
  for (let d = first; d <= trial.reach; d += 1) {
    const at = d > 0 ? stops[d - 1]! : 2 * model.n + j;
    if (d > first) {
      const mixed = (rules.oneByOne || rules.onePickup) && byDelivery.told[at >> 1] !== j;
      if (mixed && byStop.kind[at] === PICKUP) return;
    }
    const hop = hopS(model, byDriver.vehicle[j]!, at, dropoff);
    const arrival = (d > 0 ? time[at]! : byDriver.free[j]!) + hop;
    const t = Math.max(arrival, byStop.earliest[dropoff]!);
    if (t > limit) continue;
    const until = d < stops.length ? routes.costBefore[stops[d]!]! : routes.stopsCost[j]!;
    const onTheWay = rules.drivingPrice * hop + doorCost(model, dropoff, arrival);
    const onward = d < stops.length ? hopS(model, byDriver.vehicle[j]!, dropoff, stops[d]!) : 0;
    const cost = until + onTheWay + waitingCost(model, dropoff, t);
    take(trial, -1, d, restCost(trial, d, onward, t, cost));
  }
}
