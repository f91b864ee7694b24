import type { Bench } from './bench.ts';
import type { Fault } from './fault.ts';
import type { ProxyMode } from './fault-proxy.ts';
import type { ServiceProcess } from './processes.ts';

/*
 * One process alone loses its way to one store, or has a bad one; all others have theirs. Half open: one direction is
 * dead, and nobody says so.
 */

const WORKER = 0;
const RELAY = 1;

type Store = keyof ServiceProcess['links'];

const link = (
  name: string,
  store: Store,
  mode: ProxyMode,
  who: Pick<Fault, 'group' | 'alone'> & { process: (bench: Bench) => ServiceProcess | undefined },
): Fault => ({
  name,
  group: who.group,
  ...(who.alone !== undefined && { alone: who.alone }),
  inject: async (bench) => {
    const proxy = who.process(bench)?.links[store];
    proxy?.set(mode);
    return async () => proxy?.set({ kind: 'pass' });
  },
});

const ofWorker = (name: string, store: Store, mode: ProxyMode) =>
  link(`worker_${name}`, store, mode, {
    group: store,
    alone: `worker ${WORKER}`,
    process: ({ workers }) => workers[WORKER],
  });

const ofRelay = (name: string, store: Store, mode: ProxyMode) =>
  link(`relay_${name}`, store, mode, {
    group: 'relay',
    alone: `relay ${RELAY}`,
    process: ({ relays }) => relays[RELAY],
  });

/** What a phone has far out; plans and lists are larger than that. */
const NARROW = { kind: 'narrow', bytesPerS: 64 * 1024 } as const;

export const LINK_FAULTS: readonly Fault[] = [
  ofWorker('cut_from_postgres', 'postgres', { kind: 'blackhole' }),
  ofWorker('mute_to_postgres', 'postgres', { kind: 'mute' }),
  ofWorker('deaf_to_postgres', 'postgres', { kind: 'deaf' }),
  ofWorker('loses_replies_of_postgres', 'postgres', { kind: 'lossy', every: 40 }),
  ofWorker('narrow_to_postgres', 'postgres', NARROW),
  ofWorker('cut_from_redis', 'redis', { kind: 'blackhole' }),
  ofWorker('deaf_to_redis', 'redis', { kind: 'deaf' }),
  ofWorker('loses_replies_of_redis', 'redis', { kind: 'lossy', every: 40 }),
  ofRelay('cut_from_postgres', 'postgres', { kind: 'blackhole' }),
  ofRelay('deaf_to_postgres', 'postgres', { kind: 'deaf' }),
  ofRelay('loses_replies_of_postgres', 'postgres', { kind: 'lossy', every: 40 }),
  ofRelay('narrow_to_postgres', 'postgres', NARROW),
  ofRelay('cut_from_redis', 'redis', { kind: 'blackhole' }),
];
