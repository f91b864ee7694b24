import { type Evidence, isMutation, type Violation } from '../history.ts';
import { ENGINE } from './arranged.ts';
import { mutationsDuring } from './promises.ts';

export interface Least {
  assigns: number;
  /** HELD events, and orders of stops that people have arranged. */
  held: number;
  arranged: number;
  /** Drivers taken out of service. */
  retired: number;
  unknown: number;
  mutationsPerFault: number;
}

/** A short run may show less, but not nothing. */
export function leastFor(minutes: number): Least {
  const share = Math.min(1, minutes / 4);
  return {
    assigns: Math.round(500 * share),
    held: Math.round(40 * share),
    arranged: Math.round(40 * share),
    retired: minutes < 10 ? 1 : 20,
    unknown: 20,
    mutationsPerFault: minutes < 2 ? 10 : 20,
  };
}

/** Red as well when too little happened to prove anything. */
export function checkEnough(evidence: Evidence, least: Least): Violation[] {
  const found: Violation[] = [];
  const say = (what: string) => found.push({ invariant: 'thin', what, example: least });
  const assigns = evidence.deliveryEvents.filter((event) => event.type === 'ASSIGNED').length;
  if (assigns < least.assigns) say(`only ${assigns} assignments`);
  const held = evidence.deliveryEvents.filter((event) => event.type === 'HELD').length;
  if (held < least.held) say(`only ${held} deliveries held`);
  const arranged = evidence.driverEvents.filter((event) => event.type === 'ROUTE' && event.actor !== ENGINE).length;
  if (arranged < least.arranged) say(`only ${arranged} routes arranged by people`);
  const retired = evidence.driverEvents.filter((event) => event.type === 'RETIRED').length;
  if (retired < least.retired) say(`only ${retired} drivers retired`);
  const unknown = evidence.operations.filter((each) => isMutation(each.kind) && each.outcome === 'unknown').length;
  const mayFail = evidence.faults.some((fault) => fault.group === 'postgres' || fault.group === 'worker');
  if (mayFail && unknown < least.unknown) say(`only ${unknown} unknown outcomes`);
  if (evidence.faults.length === 0) say('no fault was injected');
  for (const name of evidence.skipped)
    found.push({ invariant: 'thin', what: `no time was left for ${name}`, example: least, timed: true });
  for (const fault of evidence.faults) {
    const count = mutationsDuring(fault, evidence.operations).length;
    if (count < least.mutationsPerFault) say(`${fault.name} overlapped only ${count} mutations`);
  }
  return found;
}
