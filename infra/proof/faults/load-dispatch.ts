import { setTimeout as pause } from 'node:timers/promises';
import { isActive } from '#shared/domain/delivery.ts';
import type { Answered, Wish } from './ask.ts';
import type { Kind } from './history.ts';
import type { Actor } from './load.ts';
import { soon, windows } from './load-times.ts';
import { NOWHERE } from './world.ts';

export type Part = Pick<Wish, 'method' | 'path' | 'body'>;

export function asShop({ shop, nextKey }: Actor, kind: Kind, part: Part, target: string | null = null): Wish {
  const key = part.method === 'GET' ? null : nextKey();
  return { kind, shop: shop.slug, headers: { authorization: `Bearer ${shop.key}` }, key, target, ...part };
}

/** Keeps the board in step with what an answer shows. A parcel that failed has yet to be brought back. */
function look({ board }: Actor, answered: Answered): void {
  for (const { id, status } of answered.deliveries) {
    board.pending.delete(id);
    if (status === 'PENDING') board.pending.add(id);
    else if (status === 'FAILED' || isActive(status)) board.active.set(id, status);
  }
}

/** What the board missed: deliveries assigned by the relay, or by a webhook. */
export async function pollDeliveries(actor: Actor): Promise<void> {
  const { ask, random, worker } = actor;
  const status = random.pick(['ASSIGNED', 'ASSIGNED', 'PICKED_UP', 'IN_TRANSIT', 'FAILED', 'PENDING']);
  const part: Part = { method: 'GET', path: `/v1/deliveries?status=${status}&limit=50` };
  look(actor, await ask.once(asShop(actor, 'list', part), worker()));
}

/** Takes one active delivery and moves it on, mostly forward; sometimes the answer is asked for again. */
export async function moveOn(actor: Actor): Promise<void> {
  const { ask, board, random, worker } = actor;
  const [next] = board.active;
  if (next === undefined) return;
  const [id, status] = next;
  board.active.delete(id);
  await pause(random.between(100, 700));
  const wish = stepFrom(actor, id, status);
  const answered = await ask.settle(wish, worker());
  if (answered.outcome === 'ok') {
    look(actor, answered);
    if (random.chance(0.1)) await ask.settle(wish, worker());
  }
}

function stepFrom(actor: Actor, id: string, status: string): Wish {
  const { random } = actor;
  const path = `/v1/deliveries/${id}`;
  if (status === 'ASSIGNED' && random.chance(0.06)) {
    return asShop(
      actor,
      'unassign',
      { method: 'POST', path: `${path}/unassign`, body: { keepDriver: random.chance(0.5) } },
      id,
    );
  }
  if (status === 'ASSIGNED' && random.chance(0.05))
    return asShop(actor, 'cancel', { method: 'POST', path: `${path}/cancel`, body: {} }, id);
  const forward = {
    ASSIGNED: 'PICKED_UP',
    PICKED_UP: random.pick(['IN_TRANSIT', 'DELIVERED']),
    IN_TRANSIT: 'DELIVERED',
    FAILED: 'RETURNED',
  };
  const wild = random.pick(['PICKED_UP', 'IN_TRANSIT', 'DELIVERED', 'RETURNED']);
  const to = random.chance(0.06) ? wild : (forward[status as keyof typeof forward] ?? wild);
  if (status === 'FAILED' && random.chance(0.3))
    return asShop(actor, 'redeliver', { method: 'POST', path: `${path}/redeliver`, body: {} }, id);
  const failed = random.chance(0.05);
  const body = failed ? { status: 'FAILED', failureCode: 'REFUSED' } : { status: to };
  return asShop(actor, 'move', { method: 'POST', path: `${path}/status`, body }, id);
}

/** A person intervenes: names a driver, for good or for now, asks for the best, keeps it back, or changes its details. */
export async function assignSomehow(actor: Actor): Promise<void> {
  const { ask, board, random, shop, worker } = actor;
  const waiting = [...board.pending];
  const id = waiting.length > 0 && random.chance(0.7) ? random.pick(waiting) : [...board.active.keys()].at(-1);
  if (id === undefined) return;
  const path = `/v1/deliveries/${id}`;
  const post = (kind: Kind, what: string, body: unknown) =>
    asShop(actor, kind, { method: 'POST', path: `${path}/${what}`, body }, id);
  const wish = random.pick([
    () => post('assign_named', 'assign', named(actor)),
    () => post('assign_named', 'assign', named(actor)),
    () => post('assign', 'assign', {}),
    () => post('hold', 'hold', random.chance(0.8) ? { until: soon(random.between(2, 25)) } : {}),
    () => post('release', 'release', undefined),
    () => asShop(actor, 'change', { method: 'PATCH', path, body: { dropoff: shop.center } }, id),
    () => asShop(actor, 'change', { method: 'PATCH', path, body: { ...windows(random), priority: 1 } }, id),
  ])();
  look(actor, await ask.settle(wish, worker()));
}

export function named({ random, shop }: Actor): unknown {
  const override = random.chance(0.2) && { override: ['off_shift'] };
  return { driverId: random.pick(shop.drivers).id, ...(random.chance(0.5) && { pinned: true }), ...override };
}

export async function readSomething(actor: Actor): Promise<void> {
  const { ask, board, random, shop, worker } = actor;
  const driver = random.pick(shop.drivers);
  const known = board.known.at(-1 - random.below(30));
  const { lat, lon } = shop.center;
  const wish = random.pick([
    () =>
      asShop(actor, 'nearest', {
        method: 'GET',
        path: `/v1/drivers/nearest?lat=${lat}&lon=${lon}&radiusM=20000&limit=20`,
      }),
    () => asShop(actor, 'read_driver', { method: 'GET', path: `/v1/drivers/${driver.id}/status` }, driver.id),
    () =>
      asShop(actor, 'read_delivery', { method: 'GET', path: `/v1/deliveries/${known ?? driver.id}` }, known ?? null),
  ])();
  await ask.once(wish, worker());
}

/** Another shop's key, or another shop's driver, on what is not theirs: must be unknown to them. */
export async function trespass(actor: Actor): Promise<void> {
  const { ask, board, random, neighbour, nextKey, worker } = actor;
  const id = board.known.at(-1 - random.below(20));
  if (id === undefined) return;
  const stranger = random.chance(0.5) ? neighbour.key : random.pick(neighbour.drivers).token;
  const driver = random.pick(actor.shop.drivers).id;
  const part = random.pick<Part>([
    { method: 'GET', path: `/v1/deliveries/${id}` },
    { method: 'POST', path: `/v1/deliveries/${id}/status`, body: { status: 'PICKED_UP' } },
    { method: 'POST', path: `/v1/deliveries/${id}/unassign`, body: {} },
    { method: 'POST', path: `/v1/deliveries/${id}/hold`, body: {} },
    { method: 'GET', path: `/v1/drivers/${driver}/route` },
    { method: 'PUT', path: `/v1/drivers/${driver}/status`, body: { status: 'OFFLINE' } },
    { method: 'POST', path: `/v1/drivers/${driver}/location`, body: NOWHERE },
  ]);
  const key = part.method === 'GET' ? null : nextKey();
  const headers = { authorization: `Bearer ${stranger}` };
  await ask.settle({ kind: 'probe', shop: neighbour.slug, headers, key, target: id, ...part }, worker());
}
