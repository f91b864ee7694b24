import { setTimeout as sleep } from 'node:timers/promises';
import { EXHAUSTED_AT_ONCE, exhaustDeliveries } from '../../db/statements/exhaust-deliveries.ts';
import { SWEPT_AT_ONCE } from '../../db/statements/sweep-drivers.ts';
import { DependencyAway } from '../../domain/away.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import type { Retention } from '../../runtime/config.ts';
import type { Push } from '../../webhooks/push.ts';
import type { FlowDeps } from '../deps.ts';
import { sealSecrets } from '../seal-secrets.ts';
import { DRAINED_AT_ONCE, drainDirty } from './drain-dirty.ts';
import { forgetSome, isNothing } from './forget-old.ts';
import { planDueShops, planShopsOnTheWay } from './plan-due.ts';
import { openRebuild, openRepair } from './repair-projection.ts';
import { saveHeard } from './save-heard.ts';
import { openSender, type SenderDeps } from './send-events.ts';
import { openSweep } from './sweep-silent.ts';
import { openPhonesTeller, type PhonesTeller } from './tell-phones.ts';

export interface RelayDeps extends FlowDeps, SenderDeps {
  /** Absent: everything is kept for ever. */
  retention?: { days: Retention; objects: ObjectStore };
  /** Absent: no phone is told anything. */
  push?: Push;
  /** After this, stored secrets that are not sealed are; ten minutes unless given. */
  sealAfterMs?: number;
}

/** One of the relay's duties. `run` answers true when there is more to do at once. */
interface Duty {
  name: string;
  everyMs: number;
  run: () => Promise<boolean>;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** After a failure, however rare the duty. */
const RETRY_MS = SECOND;

/** The version before, which still runs while this one takes its place, cannot read what is sealed. */
const SEAL_AFTER_MS = 10 * MINUTE;

/** Drivers compared with the projection in half a minute, however many there are: all of a usual fleet. */
const REPAIRED_AT_ONCE = 5_000;
/** Shops asked after in two seconds. */
const REBUILT_AT_ONCE = 1_000;

function dutiesOf(deps: RelayDeps, report: RelayDeps['report'], intervalMs: number): readonly Duty[] {
  const { sealAfterMs = SEAL_AFTER_MS } = deps;
  const startedMs = performance.now();
  const sweep = openSweep(deps);
  const repairSome = openRepair(deps, REPAIRED_AT_ONCE);
  const rebuildSome = openRebuild(deps, REBUILT_AT_ONCE);
  return [
    {
      name: 'save',
      everyMs: SECOND,
      run: async () => {
        await saveHeard(deps);
        return false;
      },
    },
    { name: 'project', everyMs: intervalMs, run: async () => (await drainDirty(deps)) >= DRAINED_AT_ONCE },
    {
      name: 'dispatch',
      everyMs: intervalMs,
      run: async () => {
        await planDueShops(deps);
        return false;
      },
    },
    {
      name: 'reroute',
      everyMs: MINUTE,
      run: async () => {
        await planShopsOnTheWay(deps);
        return false;
      },
    },
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
        return false;
      },
    },
    {
      name: 'rebuild',
      everyMs: 2 * SECOND,
      run: async () => {
        const rebuilt = await rebuildSome();
        if (rebuilt > 0) report('projection_rebuilt', { shops: rebuilt });
        return false;
      },
    },
    {
      name: 'seal',
      everyMs: MINUTE,
      run: async () => {
        if (performance.now() - startedMs < sealAfterMs) return false;
        const shops = await sealSecrets(deps);
        if (shops > 0) report('secrets_sealed', { shops });
        return false;
      },
    },
    {
      name: 'forget',
      everyMs: MINUTE,
      run: async () => {
        await forget(deps, report);
        return false;
      },
    },
  ];
}

/** Rows forgotten in a minute, at most: 29 million a day, and dead rows that autovacuum takes away as they come. */
const FORGOTTEN_AT_ONCE = 20_000;

async function forget(deps: RelayDeps, report: RelayDeps['report']): Promise<void> {
  if (deps.retention === undefined) return;
  const { objects, days } = deps.retention;
  const forgotten = await forgetSome({ db: deps.db, objects }, days, FORGOTTEN_AT_ONCE);
  if (!isNothing(forgotten)) report('relay_forgot', { ...forgotten });
}

/**
 * Does the relay's duties until `signal` aborts: sends the outbox, tells phones, drains dirty marks, plans what is due, sweeps silent
 * drivers, repairs the projection (also at once when Redis comes back). A duty that fails is logged and comes again soon;
 * several relays may run, each takes what the others have not. Resolves when all have stopped and nothing is under way.
 */
export async function runRelay(deps: RelayDeps, options: { intervalMs: number; signal: AbortSignal }): Promise<void> {
  const { intervalMs, signal } = options;
  const sender = openSender(deps);
  const repairNow = openBell();
  deps.availability?.onReady(repairNow.ring);
  const phones = deps.push ? openPhonesTeller({ ...deps, push: deps.push }) : null;
  const own = dutiesOf(deps, deps.report, intervalMs);
  const duties = [...own, ...(phones ? [telling(phones)] : [])].map((duty) =>
    repeat(duty, duty.name === 'repair' ? repairNow : openBell(), deps.report, signal),
  );
  const sending = repeat(
    {
      name: 'send',
      everyMs: intervalMs,
      run: async () => {
        await sender.begin();
        return false;
      },
    },
    // A claim takes all that may go. Once an event has left there may be more: its place is free, its successor due.
    { ring: () => {}, heard: () => sender.progress() },
    deps.report,
    signal,
  );
  await Promise.all([...duties, sending]);
  await Promise.all([sender.idle(), phones?.idle()]);
}

/** Once a second: taking a phone out of a pocket takes longer, and the cost of looking grows with the phones. */
function telling(phones: PhonesTeller): Duty {
  return {
    name: 'tell',
    everyMs: SECOND,
    run: async () => {
      await phones.begin();
      return false;
    },
  };
}

interface Bell {
  ring: () => void;
  /** Resolves at the next ring, at once if it rang since the last time, or never. */
  heard: () => Promise<void>;
}

function openBell(): Bell {
  let answer: (() => void) | undefined;
  let rang = false;
  return {
    ring: () => {
      rang = true;
      answer?.();
    },
    heard: async () => {
      if (!rang) {
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
      }
      rang = false;
    },
  };
}

async function repeat(duty: Duty, bell: Bell, report: RelayDeps['report'], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const outcome = await attempt(duty, report);
    if (outcome === 'again') continue;
    // A store that was away may be back any moment; half a minute later is too late for the projection.
    const waitMs = outcome === 'failed' ? Math.min(duty.everyMs, RETRY_MS) : duty.everyMs;
    const pause = new AbortController();
    const either = AbortSignal.any([signal, pause.signal]);
    await Promise.race([sleep(waitMs, undefined, { signal: either }).catch(() => {}), bell.heard()]);
    pause.abort();
  }
}

async function attempt(duty: Duty, report: RelayDeps['report']): Promise<'again' | 'done' | 'failed'> {
  try {
    return (await duty.run()) ? 'again' : 'done';
  } catch (error) {
    report(error instanceof DependencyAway ? 'relay_waits' : 'relay_failed', { duty: duty.name, error });
    return 'failed';
  }
}
