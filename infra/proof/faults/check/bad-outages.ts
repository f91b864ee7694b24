import type { Footprint } from '../footprint.ts';
import { at, type Bad, type Check, operation } from './bad-histories.ts';
import { DRIVER, T0 } from './good-history.ts';

/* What is wrong about contact, positions, tokens, and what one process' trouble does to the others. */

/** One fault, instead of the good history's. */
const fault = (bad: Bad, change: Partial<Bad['faults'][number]>) => {
  bad.faults = [{ name: 'fault', group: 'relay', worker: null, startMs: T0 - 9_000, endMs: T0 + 90_000, ...change }];
};
const keeps = (bad: Bad, change: Partial<Footprint>) =>
  Object.assign(at(bad.leftovers, 0), { end: { ...at(bad.leftovers, 0).end, ...change } });
export const silentSince = (bad: Bad, atMs: number) => {
  for (const each of bad.operations.filter((one) => one.target === DRIVER))
    Object.assign(each, { startMs: atMs - 10, endMs: atMs });
};
/** A person gave what is given in the history, and set this aside. */
export const chosenByHand = (bad: Bad, override: readonly string[]) => {
  for (const each of bad.deliveryEvents.filter(({ type }) => type === 'ASSIGNED'))
    Object.assign(each, { data: { byHand: true, override } });
};
const setOffline = (bad: Bad, atMs: number) => {
  const last = at(bad.driverEvents, 3);
  bad.driverEvents.push({ ...last, version: 5, type: 'SILENT', status: 'OFFLINE', recordedMs: atMs });
  Object.assign(at(bad.drivers, 0), { version: 5 });
};

export const BAD_OUTAGES: readonly [Check, string, (bad: Bad) => void][] = [
  ['I13', 'descriptors that are kept', (bad) => keeps(bad, { files: 25 })],
  ['I13', 'connections that are kept', (bad) => keeps(bad, { postgres: 30 })],
  ['I13', 'memory that is kept', (bad) => keeps(bad, { rssMiB: 400 })],
  [
    'I13',
    'a read answered 500',
    (bad) => void bad.operations.push(operation({ kind: 'list', outcome: 'unknown', status: 500 })),
  ],
  ['I18', 'a driver chosen who had been silent for 63 s', (bad) => silentSince(bad, T0 - 63_000)],
  [
    'I18',
    'a silent driver chosen by a person who set something else aside',
    (bad) => {
      silentSince(bad, T0 - 63_000);
      chosenByHand(bad, ['off_shift']);
    },
  ],
  [
    'I18',
    'a driver set OFFLINE who was heard 10 s before',
    (bad) => {
      bad.operations.push(operation({ kind: 'heartbeat', target: DRIVER, startMs: T0 + 80_000, endMs: T0 + 80_010 }));
      setOffline(bad, T0 + 90_010);
    },
  ],
  [
    'I18',
    'a driver set OFFLINE who was refused while Postgres was away for half a minute',
    (bad) => {
      fault(bad, { group: 'postgres', startMs: T0 + 50_000, endMs: T0 + 80_000 });
      const refused = {
        outcome: 'unknown',
        status: 503,
        retryAfter: true,
        startMs: T0 + 60_000,
        endMs: T0 + 60_010,
      } as const;
      bad.operations.push(operation({ kind: 'heartbeat', target: DRIVER, ...refused }));
      setOffline(bad, T0 + 90_010);
    },
  ],
  [
    'I21',
    'a command answered 500',
    (bad) => void bad.operations.push(operation({ kind: 'move', outcome: 'unknown', status: 500 })),
  ],
  [
    'I22',
    'an event that waited for a dead relay while another lived',
    (bad) => {
      fault(bad, { alone: 'relay 0' });
      Object.assign(at(bad.arrivals, 0), { atMs: T0 + 12_000 });
    },
  ],
  [
    'I22',
    'a server that refuses because another has lost Postgres',
    (bad) => {
      fault(bad, { group: 'postgres', alone: 'worker 1' });
      bad.operations.push(operation({ worker: 0, outcome: 'unknown', status: 503, retryAfter: true }));
    },
  ],
  ['P8', 'a fix that never came to Postgres', (bad) => Object.assign(bad.positions, { seen: [] })],
  ['P8', 'a fix that came after 20 s', (bad) => Object.assign(at([...bad.positions.seen], 0), { atMs: T0 + 15_010 })],
  [
    'P9',
    'a withdrawn token that is taken',
    (bad) => void bad.operations.push(operation({ kind: 'withdrawn', target: DRIVER })),
  ],
  ['P9', 'a forged message that is taken', (bad) => void bad.operations.push(operation({ kind: 'forged' }))],
];
