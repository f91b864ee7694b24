import { setTimeout as pause } from 'node:timers/promises';
import type { Wish } from './ask.ts';
import type { Bench } from './bench.ts';
import type { Fault } from './fault.ts';
import type { FaultWindow } from './history.ts';
import type { ScheduleDeps } from './schedule.ts';
import { UNAIDED } from './world.ts';

/** How an endpoint refused everything for a while, in a shop that asks for no replay. */
export interface Refusing {
  shop: string;
  fromMs: number;
  untilMs: number;
  /** From when on the bench made due what still waited; null: nothing did. */
  helpedMs: number | null;
}

const ORDERS = 3;

/**
 * The endpoint of the shop that asks for no replay refuses everything from now on, beginning with the first events of a
 * few orders. @returns how to mend it
 */
export async function refuseUnaided({ world, receiver, ask }: Bench): Promise<() => Refusing> {
  const shop = world.shops.find(({ slug }) => slug === UNAIDED);
  if (shop === undefined) throw new RangeError(`no shop ${UNAIDED}`);
  receiver.set(shop.slug, 'error');
  const fromMs = Date.now();
  const order = (n: number): Wish => {
    const key = `k-${shop.slug}-refused-${n}`;
    const headers = { authorization: `Bearer ${shop.key}` };
    const body = { pickup: shop.center, dropoff: shop.center, notes: key };
    return { kind: 'create', shop: shop.slug, method: 'POST', path: '/v1/deliveries', headers, key, body };
  };
  await Promise.all(Array.from({ length: ORDERS }, (_, n) => ask.settle(order(n), n)));
  return () => {
    receiver.set(shop.slug, 'ok');
    return { shop: shop.slug, fromMs, untilMs: Date.now(), helpedMs: null };
  };
}

/** Less than a statement's deadline after its start, so that what was under way is carried on with. */
const ASLEEP_MS = 1_500;

/**
 * Ends the load while a worker sleeps in the middle of statements: when it wakes up, its projections are old, nobody
 * changes those drivers again, and nothing but the fence keeps them as they are.
 */
export async function wakeLast(deps: ScheduleDeps, faults: readonly Fault[], ending: AbortController): Promise<void> {
  const fault = faults.find((each) => each.name === 'worker_frozen');
  if (fault === undefined) return ending.abort();
  const { group, worker = null } = fault;
  const window: FaultWindow = {
    name: 'worker_asleep_at_the_end',
    group,
    worker,
    startMs: Date.now(),
    endMs: Number.POSITIVE_INFINITY,
  };
  deps.windows.push(window);
  const wake = await fault.inject(deps.bench, ASLEEP_MS, () => {});
  await pause(ASLEEP_MS - 200);
  ending.abort();
  await pause(200);
  await wake();
  window.endMs = Date.now();
}
