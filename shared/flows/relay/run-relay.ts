import { setTimeout as sleep } from 'node:timers/promises';
import { DependencyAway } from '../../domain/away.ts';
import type { Push } from '../../webhooks/push.ts';
import { type Duty, type DutyDeps, dutiesOf } from './duties.ts';
import { openDuePlans } from './plan-due.ts';
import { openSender, type SenderDeps } from './send-events.ts';
import { openPhonesTeller, type PhonesTeller } from './tell-phones.ts';

export interface RelayDeps extends DutyDeps, SenderDeps {
  /** Absent: no phone is told anything. */
  push?: Push;
}

/** After a failure, however rare the duty. */
const RETRY_MS = 1_000;

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
  const due = openDuePlans(deps);
  const own = dutiesOf(deps, due, intervalMs);
  const duties = [...own, ...(phones ? [telling(phones)] : [])].map((duty) =>
    repeat(duty, duty.name === 'repair' ? repairNow : openBell(), deps.report, signal),
  );
  const sending = repeat(
    {
      name: 'send',
      everyMs: intervalMs,
      run: () => sender.begin(),
    },
    // A claim takes all that may go. Once an event has left there may be more: its place is free, its successor due.
    { ring: () => {}, heard: () => sender.progress() },
    deps.report,
    signal,
  );
  await Promise.all([...duties, sending]);
  await Promise.all([sender.idle(), phones?.idle(), due.idle()]);
}

/** Once a second: taking a phone out of a pocket takes longer, and the cost of looking grows with the phones. */
function telling(phones: PhonesTeller): Duty {
  return { name: 'tell', everyMs: 1_000, run: () => phones.begin() };
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
    const outcome = await attempt(duty, report, signal);
    if (outcome === 'again') continue;
    // A store that was away may be back any moment; half a minute later is too late for the projection.
    const waitMs = outcome === 'failed' ? Math.min(duty.everyMs, RETRY_MS) : duty.everyMs;
    const pause = new AbortController();
    const either = AbortSignal.any([signal, pause.signal]);
    await Promise.race([sleep(waitMs, undefined, { signal: either }).catch(() => {}), bell.heard()]);
    pause.abort();
  }
}

async function attempt(
  duty: Duty,
  report: RelayDeps['report'],
  signal: AbortSignal,
): Promise<'again' | 'done' | 'failed'> {
  try {
    return (await duty.run(signal)) === true ? 'again' : 'done';
  } catch (error) {
    report(error instanceof DependencyAway ? 'relay_waits' : 'relay_failed', { duty: duty.name, error });
    return 'failed';
  }
}
