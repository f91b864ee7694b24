import { type Evidence, type FaultWindow, isMutation, type Violation } from '../history.ts';
import { LONG_MINUTES } from '../pace.ts';
import { ENGINE } from './arranged.ts';
import { groupBy } from './group-by.ts';
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
    retired: minutes < LONG_MINUTES ? 1 : 20,
    unknown: 20,
    mutationsPerFault: minutes < 2 ? 10 : 20,
  };
}

/** What shows that a fault has come about, of those that may fail to: nobody to be stopped, nothing to be read. */
const SHOWN_BY: Readonly<Record<string, string>> = {
  redis_back_from_old_snapshot: 'keysLoaded',
  redis_loading: 'loading',
  engine_holder_stopped: 'leases',
};

export function hasHappened({ name, facts }: Pick<FaultWindow, 'name' | 'facts'>): boolean {
  const fact = SHOWN_BY[name];
  return fact === undefined || (facts?.[fact] ?? 0) > 0;
}

/** From here on there is time to leave a fault some quiet, so that each check has something to judge. */
const JUDGES_ALL_MINUTES = 20;

/** What every check has judged is told of any run; that it was something is asked of long ones. */
export function checkJudged(judged: Readonly<Record<string, number>>, minutes: number): Violation[] {
  const idle = Object.keys(judged).filter((check) => judged[check] === 0);
  if (minutes < JUDGES_ALL_MINUTES) return [];
  return idle.map((check) => ({ invariant: 'thin', what: `${check} has judged nothing`, example: judged }));
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
  for (const [name, windows] of groupBy(evidence.faults, (fault) => fault.name)) {
    if (windows.some(hasHappened)) continue;
    found.push({ invariant: 'thin', what: `${name} has not come about`, example: windows, timed: true });
  }
  for (const fault of evidence.faults) {
    const count = mutationsDuring(fault, evidence.operations).length;
    if (count < least.mutationsPerFault) say(`${fault.name} overlapped only ${count} mutations`);
  }
  return found;
}
