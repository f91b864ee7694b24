import type { Evidence, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';

const ASSIGNED_WITHIN_MS = 10_000;
/** Of what it can do, when ten times that is asked. */
export const STILL_SERVED = 0.8;

/**
 * P7: as many orders as drivers at one point are all assigned, within 10 s; of many orders for one driver one gets
 * them; offered ten times what it can do, the service still does four fifths of it.
 */
export function checkCrowds({ faults }: Evidence, count: Count = UNCOUNTED): Violation[] {
  return faults.flatMap(({ name, facts, ...window }) => {
    const found: Violation[] = [];
    count(Object.keys(facts ?? {}).length);
    const say = (what: string, timed: boolean) =>
      found.push({ invariant: 'P7', what: `${name}: ${what}`, example: { ...window, facts }, ...(timed && { timed }) });
    const {
      orders = 0,
      offered = orders,
      onDuty = offered,
      assigned = orders,
      lastAssignedMs = 0,
      winners = 1,
      servedPerS = 0,
    } = facts ?? {};
    if (onDuty < offered) say(`${onDuty} of ${offered} drivers came on duty`, true);
    if (assigned < Math.min(orders, onDuty)) say(`${assigned} of ${orders} orders assigned`, true);
    if (orders < offered) say(`${orders} of ${offered} orders taken`, true);
    if (lastAssignedMs > ASSIGNED_WITHIN_MS) say(`the last order was assigned after ${lastAssignedMs} ms`, true);
    if (winners !== 1) say(`${winners} orders got the one driver`, winners === 0);
    const { overloadedPerS = servedPerS } = facts ?? {};
    if (overloadedPerS < STILL_SERVED * servedPerS)
      say(`${overloadedPerS} a second served under overload, ${servedPerS} without`, true);
    return found;
  });
}
