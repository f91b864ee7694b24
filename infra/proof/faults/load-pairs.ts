import { setTimeout as pause } from 'node:timers/promises';
import type { Wish } from './ask.ts';
import type { Kind } from './history.ts';
import type { Actor } from './load.ts';
import { asShop, named } from './load-dispatch.ts';
import { requested } from './load-orders.ts';
import { soon, windows } from './load-times.ts';

/** Both in the same instant, at different workers. */
export async function together({ ask, worker }: Pick<Actor, 'ask' | 'worker'>, pair: readonly Wish[]): Promise<void> {
  const first = worker();
  await Promise.all(pair.map((wish, place) => ask.settle(wish, first + place)));
}

/** A delivery to be raced for: made, and given to somebody where that comes about soon. Its key stands in its notes. */
export async function makeDelivery(
  actor: Actor,
  more: Readonly<Record<string, unknown>> = {},
): Promise<{ id: string; driverId: string | null } | null> {
  const { ask, worker } = actor;
  const { type: _type, ...order } = requested(actor);
  const wish = asShop(actor, 'create', { method: 'POST', path: '/v1/deliveries', body: order });
  const made = await ask.settle({ ...wish, body: { ...order, ...more, notes: wish.key } }, worker());
  const [delivery] = made.deliveries;
  return delivery === undefined ? null : { id: delivery.id, driverId: delivery.driverId };
}

const ASSIGNED_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 300;

/** Two commands on one delivery that meet: of the state in which it is, or of one that it has just left. */
export async function racePair(actor: Actor): Promise<void> {
  const { ask, board, random, worker } = actor;
  const made = await makeDelivery(actor);
  if (made === null) return;
  const { id } = made;
  let { driverId } = made;
  const untilMs = Date.now() + (random.chance(0.7) ? ASSIGNED_WITHIN_MS : 0);
  while (driverId === null && Date.now() < untilMs) {
    await pause(LOOK_EVERY_MS);
    const read = asShop(actor, 'read_delivery', { method: 'GET', path: `/v1/deliveries/${id}` }, id);
    driverId = (await ask.once(read, worker())).deliveries[0]?.driverId ?? null;
  }
  await together(actor, pairOn(actor, id, driverId));
  board.known.push(id);
  board.active.set(id, 'ASSIGNED');
}

function pairOn(actor: Actor, id: string, driverId: string | null): readonly Wish[] {
  const { random, shop } = actor;
  const path = `/v1/deliveries/${id}`;
  const post = (kind: Kind, what: string, body: unknown) => () =>
    asShop(actor, kind, { method: 'POST', path: `${path}/${what}`, body }, id);
  const onDriver = (kind: Kind, what: string, method: 'PUT' | 'PATCH', body: unknown) => () => {
    const target = driverId ?? random.pick(shop.drivers).id;
    return asShop(actor, kind, { method, path: `/v1/drivers/${target}${what}`, body }, target);
  };
  const commands = [
    post('assign_named', 'assign', named(actor)),
    post('assign_named', 'assign', named(actor)),
    post('move', 'status', { status: 'PICKED_UP' }),
    post('move', 'status', { status: 'PICKED_UP' }),
    post('move', 'status', { status: 'FAILED', failureCode: 'REFUSED' }),
    post('unassign', 'unassign', { keepDriver: random.chance(0.5) }),
    post('cancel', 'cancel', {}),
    post('redeliver', 'redeliver', {}),
    post('hold', 'hold', { until: soon(5) }),
    () => asShop(actor, 'change', { method: 'PATCH', path, body: { ...windows(random), priority: 1 } }, id),
    onDriver('change_driver', '', 'PATCH', { capacity: random.pick([1, 2, 4]) }),
    onDriver('duty', '/status', 'PUT', { status: 'OFFLINE' }),
  ];
  return random
    .shuffled(commands)
    .slice(0, 2)
    .map((make) => make());
}
