import type { Footprint } from '../footprint.ts';
import { type Evidence, isMutation, type Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';

const MAX_RSS_MIB = 512;
/** More than it held in the calm beginning. A pool that was full once stays so; a heap grows before it is swept. */
const MAY_KEEP: Footprint = { files: 4, sockets: 30, postgres: 12, redis: 3, rssMiB: 150 };

/** I13: nothing uncaught, no unexpected error answered, memory bounded; in the end everything is back at its base. */
export function checkProcesses({ processes, leftovers, operations }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const found: Violation[] = [];
  const say = (what: string, example: unknown) => found.push({ invariant: 'I13', what, example });
  for (const exit of processes.exits) say('a process ended by itself', exit);
  for (const failure of processes.failures.slice(0, 5)) say('an unexpected error', failure);
  if (processes.maxRssMiB > MAX_RSS_MIB) say('memory', { maxRssMiB: processes.maxRssMiB });
  const failed = operations.find((each) => !isMutation(each.kind) && isUnforeseen(each.status));
  if (failed) say('a 5xx other than 503', failed);
  count(leftovers.length);
  for (const left of leftovers) {
    for (const what of Object.keys(MAY_KEEP) as (keyof Footprint)[]) {
      if (left.end[what] > left.base[what] + MAY_KEEP[what]) say(`${what} are not back at their base`, left);
    }
  }
  return found;
}

const isUnforeseen = (status: number | null) => status !== null && status >= 500 && status !== 503;

/** I21: whatever two commands meet on one delivery or driver, neither is answered 500. */
export function checkPairs({ operations }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const answered = operations.filter((each) => isMutation(each.kind) && each.status !== null);
  count(answered.length);
  return answered
    .filter((each) => isUnforeseen(each.status))
    .map((each) => ({ invariant: 'I21', what: `a command was answered ${each.status}`, example: each }));
}

/** I14: no secret, token, phone number or exact position in a log. */
export function checkLogs({ processes }: Evidence, count: Count = UNCOUNTED): Violation[] {
  count(processes.lines);
  return processes.leaks
    .slice(0, 5)
    .map((line) => ({ invariant: 'I14', what: 'a log line tells too much', example: line }));
}
