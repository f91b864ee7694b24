import { limitOf } from './cost.ts';
import { type Routes, timeRoute } from './routes.ts';

/**
 * A limit that a route in hand breaks already binds nobody any more: else nothing could be planned behind it. For the end
 * of a shift this holds for just the stops that are late for it: nothing new comes behind the end.
 */
export function forgiveWhatIsLate(routes: Routes): void {
  const { model, stops, time } = routes;
  for (let j = 0; j < model.m; j += 1) {
    for (const stop of stops[j]!) {
      const t = time[stop]!;
      if (t > model.byStop.latest[stop]!) model.byStop.latest[stop] = Number.POSITIVE_INFINITY;
      if (t > limitOf(model, j, stop)) model.byStop.shiftForgiven[stop] = 1;
      if (
        stop & 1 &&
        !model.byDelivery.aboard[stop >> 1] &&
        t - time[stop - 1]! > model.byDelivery.maxAboard[stop >> 1]!
      ) {
        model.byDelivery.maxAboard[stop >> 1] = Number.POSITIVE_INFINITY;
      }
    }
    timeRoute(routes, j);
  }
}
