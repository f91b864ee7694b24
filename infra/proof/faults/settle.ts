import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import type { Refusing } from './end-of-run.ts';
import type { Arrival, Evidence } from './history.ts';
import type { Monitor } from './monitor.ts';
import { GONE } from './world.ts';

/** Longer than it may take, and than the relay's rarest repair: what is wrong after that stays wrong. */
const CONVERGE_MS = 40_000;
/** The longest that one endpoint and one lease may take, and room: nothing has left for so long, and nothing will. */
const OUTBOX_MS = 80_000;
/** A slow machine may have much left to send. */
const LAST_MS = 300_000;

/** As the guide says it: after the first refusal about 5 s, then 15 s, 45 s, each up to a fifth more. */
const backOffMs = (refusals: number) => 5_000 * 3 ** (refusals - 1) * 1.2;
/** A relay looks every second at most; the rest is for a machine that is busy. */
const ROOM_MS = 40_000;

export type Settled = Pick<Evidence, 'settledMs' | 'unsent' | 'refusing'>;

/** The projection; then the outbox, until nothing is left in it: what waits by itself first, and then with help. */
export async function untilSettled(bench: Bench, monitor: Monitor, refusing: Refusing): Promise<Settled> {
  const fromMs = Date.now();
  while (Date.now() < fromMs + CONVERGE_MS) {
    const lookMs = Date.now();
    await pause(800);
    if (monitor.wrongNow(lookMs) === 0) break;
  }
  const helpMs = helpFromMs(bench.receiver.arrivals, refusing);
  let helpedMs: number | null = null;
  let fewest = Number.POSITIVE_INFINITY;
  let fewerMs = Date.now();
  for (;;) {
    const lookMs = Date.now();
    if (lookMs >= helpMs) helpedMs ??= lookMs;
    const left = await hasten(bench, helpedMs === null ? refusing.shop : null);
    const n = left ?? fewest;
    if (n < fewest) [fewest, fewerMs] = [n, lookMs];
    const isStuck = lookMs > fewerMs + OUTBOX_MS;
    if (n === 0 || isStuck || lookMs > fromMs + LAST_MS)
      return { settledMs: lookMs, unsent: { events: n, isStuck }, refusing: { ...refusing, helpedMs } };
    await pause(500);
  }
}

/** Until then each event that was refused must have come again by itself. */
function helpFromMs(arrivals: readonly Arrival[], { shop, fromMs, untilMs }: Refusing): number {
  const refusals = new Map<string, number>();
  const due = arrivals
    .filter((each) => each.shop === shop && !each.accepted && each.atMs >= fromMs)
    .map(({ deliveryId, sequence, atMs }) => {
      const event = `${deliveryId} ${sequence}`;
      refusals.set(event, (refusals.get(event) ?? 0) + 1);
      return atMs + backOffMs(refusals.get(event) ?? 1);
    });
  return Math.max(untilMs, ...due) + ROOM_MS;
}

/**
 * Cuts short the back-off, which may be hours, of all shops but one.
 * @returns how many events are left in shops whose endpoints take them
 */
async function hasten({ world, postgres: { db } }: Bench, but: string | null): Promise<number | undefined> {
  const ids = (slugs: (slug: string) => boolean) =>
    `{${world.shops
      .filter(({ slug }) => slugs(slug))
      .map(({ id }) => id)
      .join(',')}}`;
  const [left] = await db.run<{ n: number }>(
    `WITH now_due AS (UPDATE dispatch.outbox_lane SET due_at = now() WHERE leased_by IS NULL AND due_at > now()
       AND shop_id = ANY($2::uuid[]))
     SELECT count(*)::int AS n FROM dispatch.outbox WHERE shop_id = ANY($1::uuid[])`,
    [ids((slug) => slug !== GONE), ids((slug) => slug !== but)],
  );
  return left?.n;
}
