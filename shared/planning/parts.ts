import { doorCost, endingCost, homeS, hopS, unfairnessCost, waitingCost } from './cost.ts';
import type { Model } from './model.ts';
import { deliveriesIn } from './routes.ts';

/** What a route costs, by what for. Seconds of customers' waiting. */
export interface CostParts {
  waitingS: number;
  lateS: number;
  drivingS: number;
  otherS: number;
}

/** The cost of these stops for driver j, in parts: the same sum as the search makes. */
export function costParts(model: Model, j: number, stops: readonly number[]): CostParts {
  const parts = { waitingS: 0, lateS: 0, drivingS: 0, otherS: unfairnessCost(model, j, deliveriesIn(stops)) };
  let at = 2 * model.n + j;
  let t = model.byDriver.free[j]!;
  for (const stop of stops) {
    const hop = hopS(model, model.byDriver.vehicle[j]!, at, stop);
    parts.drivingS += model.rules.drivingPrice * hop;
    parts.otherS += doorCost(model, stop, t + hop);
    t = Math.max(t + hop, model.byStop.earliest[stop]!);
    const late = model.byStop.latePrice[stop]! * Math.max(0, t - model.byStop.due[stop]!);
    parts.lateS += late || 0;
    parts.waitingS += waitingCost(model, stop, t) - (late || 0);
    at = stop;
  }
  if (stops.length === 0) return parts;
  const home = model.rules.drivingPrice * homeS(model, j, at);
  parts.drivingS += home;
  parts.otherS += endingCost(model, j, at, t) - home;
  return parts;
}

/**
 * What a delivery costs: the route with it less the route without it, and `besideS`. In whole seconds, which add up to
 * the whole.
 */
export function difference(withIt: CostParts, without: CostParts, besideS: number): CostParts & { costS: number } {
  const waitingS = withIt.waitingS - without.waitingS;
  const lateS = withIt.lateS - without.lateS;
  const drivingS = withIt.drivingS - without.drivingS;
  const costS = Math.round(waitingS + lateS + drivingS + withIt.otherS - without.otherS + besideS);
  const whole = { waitingS: Math.round(waitingS), lateS: Math.round(lateS), drivingS: Math.round(drivingS) };
  return { ...whole, otherS: costS - whole.waitingS - whole.lateS - whole.drivingS, costS };
}
