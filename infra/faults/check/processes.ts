import type { Evidence, Violation } from '../history.ts';

const MAX_RSS_MIB = 512;

/** I13: nothing uncaught, no unexpected error answered, memory bounded. */
export function checkProcesses({ processes, operations }: Evidence): Violation[] {
  const found: Violation[] = [];
  const say = (what: string, example: unknown) => found.push({ invariant: 'I13', what, example });
  for (const exit of processes.exits) say('a process ended by itself', exit);
  for (const failure of processes.failures.slice(0, 5)) say('an unexpected error', failure);
  if (processes.maxRssMiB > MAX_RSS_MIB) say('memory', { maxRssMiB: processes.maxRssMiB });
  const failed = operations.find((each) => each.status !== null && each.status >= 500 && each.status !== 503);
  if (failed) say('a 5xx other than 503', failed);
  return found;
}

/** I14: no secret, token, phone number or exact position in a log. */
export function checkLogs({ processes }: Evidence): Violation[] {
  return processes.leaks
    .slice(0, 5)
    .map((line) => ({ invariant: 'I14', what: 'a log line tells too much', example: line }));
}
