import type { Wish } from './ask.ts';
import type { Actor } from './load.ts';
import type { Random } from './random.ts';
import { type BenchDriver, near } from './world.ts';

/** A driver's own fix, a little way from the last; now and then one that was recorded before it. */
export async function reportFix({ ask, shop, random, worker }: Actor, driver: BenchDriver): Promise<void> {
  driver.at = near(shop.center, random);
  const recordedMs = Date.now() - (random.chance(0.1) ? 5_000 : 0);
  await ask.once(
    {
      kind: 'fix',
      shop: shop.slug,
      method: 'POST',
      path: `/v1/drivers/${driver.id}/location`,
      headers: { authorization: `Bearer ${driver.token}` },
      body: { ...driver.at, recordedAt: new Date(recordedMs).toISOString() },
      target: driver.id,
      recordedMs,
    },
    worker(),
  );
}

export async function beat({ ask, shop, worker }: Actor, driver: BenchDriver): Promise<void> {
  await ask.once(
    {
      kind: 'heartbeat',
      shop: shop.slug,
      method: 'POST',
      path: `/v1/drivers/${driver.id}/heartbeat`,
      headers: { authorization: `Bearer ${driver.token}` },
      target: driver.id,
    },
    worker(),
  );
}

/** The shop's own fleet tracker reports for several at once. */
export async function reportBatch({ ask, shop, random, worker }: Actor): Promise<void> {
  const drivers = shop.drivers.filter((driver) => driver.kind === 'batch');
  if (drivers.length === 0) return;
  const recordedMs = Date.now();
  const recordedAt = new Date(recordedMs).toISOString();
  await ask.once(
    {
      kind: 'fixes',
      shop: shop.slug,
      method: 'POST',
      path: '/v1/locations',
      headers: { authorization: `Bearer ${shop.key}` },
      body: { fixes: drivers.map((driver) => ({ driverId: driver.id, ...near(shop.center, random), recordedAt })) },
      reported: drivers.map((driver) => driver.id),
      recordedMs,
    },
    worker(),
  );
}

/** A ghost comes on duty, says once where they are, and is not heard from again until they have long been silent. */
export async function appear(actor: Actor, driver: BenchDriver): Promise<void> {
  const { ask, shop, nextKey, worker } = actor;
  const wish: Wish = {
    kind: 'duty',
    shop: shop.slug,
    method: 'PUT',
    path: `/v1/drivers/${driver.id}/status`,
    headers: { authorization: `Bearer ${driver.token}` },
    body: { status: 'AVAILABLE' },
    key: nextKey(),
    target: driver.id,
  };
  await ask.settle(wish, worker());
  await reportFix(actor, driver);
}

/** Short enough to be over while something is broken. */
const BREAK_S = { least: 1, most: 8 };

/** AVAILABLE most of the time, or nobody would be left to work. */
function duty(random: Random): unknown {
  if (random.chance(0.75)) return { status: 'AVAILABLE' };
  const { least, most } = BREAK_S;
  return random.pick([
    () => ({ status: 'OFFLINE' }),
    () => ({ status: 'BUSY' }),
    () => ({ status: 'BUSY', breakS: Math.round(random.between(least, most)) }),
    () => ({ status: 'AVAILABLE', lastOne: true }),
  ])();
}

/** Drivers come and go, have a break, say that a trip is their last. Some answers are asked for twice. */
export async function flap({ ask, shop, random, nextKey, worker }: Actor): Promise<void> {
  const driver = random.pick(shop.drivers.filter((each) => each.kind !== 'ghost'));
  const wish = {
    kind: 'duty',
    shop: shop.slug,
    method: 'PUT',
    path: `/v1/drivers/${driver.id}/status`,
    headers: { authorization: `Bearer ${driver.token}` },
    body: duty(random),
    key: nextKey(),
    target: driver.id,
  } as const;
  await ask.settle(wish, worker());
  if (random.chance(0.15)) await ask.settle(wish, worker());
}
