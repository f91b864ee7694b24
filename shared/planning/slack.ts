import { homeS, hopS } from './cost.ts';
import type { Routes } from './routes.ts';

/**
 * For each stop of a route, the latest time to leave for it that makes no customer of the route worse off: seconds from
 * now. The slack of a stop is what is left until its customer starts to wait, until it is late, or until a limit; it
 * passes to the stops before, and grows where a driver would have to wait anyway. Windows are used up to `marginS`.
 */
export function latestStarts({ model, stops, time, lastOk }: Routes, j: number): Float64Array {
  const { settings } = model;
  const { waitsFrom, due } = model.byStop;
  const { vehicle, shiftEnd } = model.byDriver;
  const route = stops[j]!;
  const starts = new Float64Array(route.length);
  let slack = Number.POSITIVE_INFINITY;
  const last = route.at(-1);
  if (last !== undefined && settings.shiftEnds === 'route') {
    slack = Math.max(0, shiftEnd[j]! - time[last]! - homeS(model, j, last));
  }
  for (let k = route.length - 1; k >= 0; k -= 1) {
    const stop = route[k]!;
    const before = k > 0 ? route[k - 1]! : 2 * model.n + j;
    const left = k > 0 ? time[before]! : model.byDriver.free[j]!;
    const patient = Math.min(waitsFrom[stop]!, due[stop]!, lastOk[stop]!) - settings.marginS;
    slack = Math.min(slack, Math.max(0, patient - time[stop]!));
    slack += time[stop]! - left - hopS(model, vehicle[j]!, before, stop);
    starts[k] = left + model.byStop.after[before]! + slack;
  }
  return starts;
}
