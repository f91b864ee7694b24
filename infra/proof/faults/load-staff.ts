import { setTimeout as pause } from 'node:timers/promises';
import type { Wish } from './ask.ts';
import type { Kind } from './history.ts';
import type { Actor } from './load.ts';
import { asShop, type Part } from './load-dispatch.ts';
import { makeDelivery, together } from './load-pairs.ts';
import { near, PHONE } from './world.ts';

interface Employee {
  id: string;
  token: string;
}

/** From hiring to retirement: somebody works for a short while, and their last hand-over meets the end of it. */
export async function employ(actor: Actor): Promise<void> {
  const { random } = actor;
  const employee = await hire(actor);
  if (employee === null) return;
  const asked = await giveWork(actor, employee);
  const [withdrawn] = await Promise.all([
    random.chance(0.4) ? withdrawToken(actor, employee) : undefined,
    retire(actor, employee, asked),
  ]);
  await withdrawn?.();
}

async function hire(actor: Actor): Promise<Employee | null> {
  const { ask, shop, random, worker } = actor;
  const register: Part = { method: 'POST', path: '/v1/drivers', body: { name: 'For a day', phone: PHONE } };
  const [driver] = (await ask.settle(asShop(actor, 'hire', register), worker())).drivers;
  if (driver === undefined) return null;
  const { id } = driver;
  const grant: Part = { method: 'POST', path: `/v1/drivers/${id}/tokens`, body: {} };
  const { body } = await ask.settle(asShop(actor, 'grant', grant, id), worker());
  const { token } = (body ?? {}) as { token?: string };
  if (token === undefined) return null;
  const asThem = openAsDriver(actor, { id, token });
  await ask.settle(
    asThem('duty', { method: 'PUT', path: `/v1/drivers/${id}/status`, body: { status: 'AVAILABLE' } }),
    worker(),
  );
  const fix = { method: 'POST', path: `/v1/drivers/${id}/location`, body: near(shop.center, random) } as const;
  await ask.once({ ...asThem('fix', fix), key: null }, worker());
  return { id, token };
}

export function openAsDriver({ shop, nextKey }: Actor, { id, token }: Employee) {
  return (kind: Kind, part: Part): Wish => {
    const headers = { authorization: `Bearer ${token}` };
    return { kind, shop: shop.slug, headers, key: nextKey(), target: id, ...part };
  };
}

/** @returns a delivery that they have collected; null where they got none */
async function giveWork(actor: Actor, { id: driverId }: Employee): Promise<string | null> {
  const { ask, board, worker } = actor;
  const made = await makeDelivery(actor);
  if (made === null) return null;
  const { id } = made;
  board.known.push(id);
  const path = `/v1/deliveries/${id}`;
  const post = (kind: Kind, what: string, body: unknown) =>
    ask.settle(asShop(actor, kind, { method: 'POST', path: `${path}/${what}`, body }, id), worker());
  const given = await post('assign_named', 'assign', { driverId, pinned: true });
  const collected = given.outcome === 'ok' ? await post('move', 'status', { status: 'PICKED_UP' }) : given;
  if (collected.outcome === 'ok') return id;
  board.active.set(id, 'ASSIGNED');
  return null;
}

const ATTEMPTS = 5;
const AGAIN_MS = 1_000;

/** The hand-over and the retirement in one instant; whoever was still busy then, or got something new, a little later. */
async function retire(actor: Actor, { id }: Employee, deliveryId: string | null): Promise<void> {
  const { ask, worker } = actor;
  const path = `/v1/drivers/${id}`;
  const leave = () => asShop(actor, 'retire', { method: 'DELETE', path }, id);
  if (deliveryId !== null) {
    const part: Part = { method: 'POST', path: `/v1/deliveries/${deliveryId}/status`, body: { status: 'DELIVERED' } };
    await together(actor, [asShop(actor, 'move', part, deliveryId), leave()]);
  }
  const off: Part = { method: 'PUT', path: `${path}/status`, body: { status: 'OFFLINE' } };
  await ask.settle(asShop(actor, 'duty', off, id), worker());
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { status } = await ask.settle(leave(), worker());
    if (status !== 409) return;
    await pause(AGAIN_MS);
  }
}

/** What is promised, and room. */
export const TAKEN_FOR_MS = 10_000 + 1_000;

/** @returns what waits until the withdrawn token must be refused, and tries it */
async function withdrawToken(actor: Actor, employee: Employee): Promise<(() => Promise<void>) | undefined> {
  const { ask, signal, worker } = actor;
  const { id } = employee;
  const part: Part = { method: 'POST', path: `/v1/drivers/${id}/tokens`, body: { revokePrevious: true } };
  const { outcome } = await ask.settle(asShop(actor, 'grant', part, id), worker());
  if (outcome !== 'ok') return;
  const sinceMs = Date.now();
  return async () => {
    await pause(Math.max(0, sinceMs + TAKEN_FOR_MS - Date.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const beat: Part = { method: 'POST', path: `/v1/drivers/${id}/heartbeat`, body: undefined };
    await ask.once({ ...openAsDriver(actor, employee)('withdrawn', beat), key: null }, worker());
  };
}
