import { setTimeout as pause } from 'node:timers/promises';
import type { Actor } from './load.ts';
import { asShop, named } from './load-dispatch.ts';
import { requested } from './load-orders.ts';
import { soon } from './load-times.ts';

/**
 * An order to which somebody does something as soon as it is there, while it is being planned: the plan that has it in
 * mind comes too late.
 */
export async function createAndCross(actor: Actor): Promise<void> {
  const { ask, board, random, worker } = actor;
  const { type: _type, ...order } = requested(actor);
  const created = await ask.settle(
    asShop(actor, 'create', { method: 'POST', path: '/v1/deliveries', body: order }),
    worker(),
  );
  const [delivery] = created.deliveries;
  if (delivery === undefined) return;
  const { id, status } = delivery;
  board.known.push(id);
  await pause(random.between(0, 400));
  const path = `/v1/deliveries/${id}`;
  const cross = random.pick([
    () => asShop(actor, 'cancel', { method: 'POST', path: `${path}/cancel`, body: {} }, id),
    () => asShop(actor, 'assign_named', { method: 'POST', path: `${path}/assign`, body: named(actor) }, id),
    () => asShop(actor, 'hold', { method: 'POST', path: `${path}/hold`, body: { until: soon(5) } }, id),
    () => asShop(actor, 'unassign', { method: 'POST', path: `${path}/unassign`, body: {} }, id),
  ])();
  const [after] = (await ask.settle(cross, worker())).deliveries;
  if ((after?.status ?? status) === 'ASSIGNED') board.active.set(id, 'ASSIGNED');
  else if ((after?.status ?? status) === 'PENDING') board.pending.add(id);
}
