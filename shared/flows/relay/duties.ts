import { EXHAUSTED_AT_ONCE, exhaustDeliveries } from '../../db/statements/exhaust-deliveries.ts';
import { SWEPT_AT_ONCE } from '../../db/statements/sweep-drivers.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import type { Retention } from '../../runtime/config.ts';
import type { FlowDeps } from '../deps.ts';
import { sealSecrets } from '../seal-secrets.ts';
import { DRAINED_AT_ONCE, drainDirty } from './drain-dirty.ts';
import { forgetSome, isNothing } from './forget-old.ts';
import { type DuePlans, planShopsAnew } from './plan-due.ts';
import { openRebuild, openRepair } from './repair-projection.ts';
import { saveHeard } from './save-heard.ts';
import { openSweep } from './sweep-silent.ts';

export interface DutyDeps extends FlowDeps {
  /** Absent: everything is kept for ever. */
  retention?: { days: Retention; objects: ObjectStore };
  /** After this, stored secrets that are not sealed are; ten minutes unless given. */
  sealAfterMs?: number;
  report: (event: string, fields: Record<string, unknown>) => void;
}

/** One of the relay's duties. `run` answers true when there is more to do at once; what takes long heeds the signal. */
export interface Duty {
  name: string;
  everyMs: number;
  run: (signal: AbortSignal) => Promise<unknown>;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The version before, which still runs while this one takes its place, cannot read what is sealed. */
const SEAL_AFTER_MS = 10 * MINUTE;

/** Drivers compared with the projection in half a minute, however many there are: all of a usual fleet. */
const REPAIRED_AT_ONCE = 5_000;
/** Shops asked after in two seconds. */
const REBUILT_AT_ONCE = 1_000;

/** What the relay does besides sending events and telling phones, and how often. @param intervalMs of what is urgent */
export function dutiesOf(deps: DutyDeps, due: DuePlans, intervalMs: number): readonly Duty[] {
  const { report } = deps;
  const sweep = openSweep(deps);
  const repairSome = openRepair(deps, REPAIRED_AT_ONCE);
  const rebuildSome = openRebuild(deps, REBUILT_AT_ONCE);
  return [
    { name: 'save', everyMs: SECOND, run: () => saveHeard(deps) },
    { name: 'project', everyMs: intervalMs, run: async () => (await drainDirty(deps)) >= DRAINED_AT_ONCE },
    { name: 'dispatch', everyMs: intervalMs, run: () => due.begin() },
    { name: 'reroute', everyMs: MINUTE, run: (signal) => planShopsAnew(deps, signal) },
    {
      name: 'sweep',
      everyMs: 5 * SECOND,
      run: async () => {
        const swept = await sweep();
        if (swept.offline + swept.unreachable + swept.redispatched > 0) report('relay_swept', { ...swept });
        return swept.offline >= SWEPT_AT_ONCE;
      },
    },
    {
      name: 'give_up',
      everyMs: 30 * SECOND,
      run: async () => (await exhaustDeliveries(deps.db)) >= EXHAUSTED_AT_ONCE,
    },
    {
      name: 'repair',
      everyMs: 30 * SECOND,
      run: async () => {
        const repair = await repairSome();
        if (repair.mended + repair.forgotten + repair.rebuilt > 0) report('projection_repaired', { ...repair });
      },
    },
    {
      name: 'rebuild',
      everyMs: 2 * SECOND,
      run: async () => {
        const rebuilt = await rebuildSome();
        if (rebuilt > 0) report('projection_rebuilt', { shops: rebuilt });
      },
    },
    { name: 'seal', everyMs: 5 * SECOND, run: sealing(deps) },
    { name: 'forget', everyMs: MINUTE, run: () => forget(deps) },
  ];
}

/** Looks more often than it seals, so that it does soon after it may: on Lambda a shift is over not long after that. */
function sealing({ sealAfterMs = SEAL_AFTER_MS, report, ...deps }: DutyDeps): () => Promise<void> {
  let nextMs = performance.now() + sealAfterMs;
  return async () => {
    if (performance.now() < nextMs) return;
    const shops = await sealSecrets(deps);
    nextMs = performance.now() + MINUTE;
    if (shops > 0) report('secrets_sealed', { shops });
  };
}

/** Rows forgotten in a minute, at most: 29 million a day, and dead rows that autovacuum takes away as they come. */
const FORGOTTEN_AT_ONCE = 20_000;

async function forget({ db, retention, report }: DutyDeps): Promise<void> {
  if (retention === undefined) return;
  const { objects, days } = retention;
  const forgotten = await forgetSome({ db, objects }, days, FORGOTTEN_AT_ONCE);
  if (!isNothing(forgotten)) report('relay_forgot', { ...forgotten });
}
