import type { ShopMessage } from '#infra/product/client/types.ts';
import { signatureHeaders } from '#shared/webhooks/sign.ts';
import type { Answered } from './api.ts';
import { type OrderPlan, planOrders } from './city.ts';
import { learn, type Order, pauseMs, pauseS, type World } from './world.ts';

type Message = Extract<ShopMessage, { type: string }>;

/** Places the city's orders when they are due, until the world closes. Resolves when each has been answered. */
export async function placeOrders(world: World): Promise<void> {
  const { seed, drivers, speed } = world.options;
  const startedMs = world.time.nowMs();
  const underWay = new Set<Promise<void>>();
  for (const plan of planOrders(seed, drivers)) {
    await pauseMs(world, Math.max(0, startedMs + (plan.atS * 1_000) / speed - world.time.nowMs()));
    if (world.closing.aborted) break;
    const work: Promise<void> = playOrder(world, plan).finally(() => underWay.delete(work));
    underWay.add(work);
  }
  await Promise.all(underWay);
}

async function playOrder(world: World, plan: OrderPlan): Promise<void> {
  const sellerOrderId = `${world.run}-${plan.n}`;
  const order: Order = {
    plan,
    sellerOrderId,
    placedAtMs: world.time.nowMs(),
    deliveryId: null,
    status: null,
    assignedAfterMs: null,
    cancelAsked: false,
  };
  world.orders.set(sellerOrderId, order);
  const { pickup, dropoff, pincode } = plan;
  const message: Message = {
    type: 'delivery.requested',
    sellerOrderId,
    pickup,
    dropoff,
    ...(pincode !== null && { pincode }),
  };
  const send = (id: string) => sendMessage(world, id, message).then((answered) => accept(world, order, answered));
  const first = send(sellerOrderId);
  if (plan.copy === 'race') await send(sellerOrderId);
  if (plan.copy === 'twin') await send(`${sellerOrderId}-twin`);
  await first;
  if (plan.copy === 'again') await send(sellerOrderId);
  if (plan.cancelAfterS === null) return;
  await pauseS(world, plan.cancelAfterS);
  await cancelOrder(world, order);
}

function accept(world: World, order: Order, { body }: Answered<'receiveShopMessage'>): void {
  if (body === null) return;
  const { deliveryId, status } = body;
  if (order.deliveryId !== null && order.deliveryId !== deliveryId) {
    world.ledger.violate('second_delivery', `${order.sellerOrderId}: ${order.deliveryId} and ${deliveryId}`);
  }
  order.deliveryId ??= deliveryId;
  // A webhook may have come before this answer, and then knows more.
  if (order.status === null) learn(world, order, status);
}

/** The shop takes an order back; that this comes too late (the driver has it) belongs to the play. Once per order. */
export async function cancelOrder(world: World, order: Order): Promise<void> {
  if (order.cancelAsked) return;
  order.cancelAsked = true;
  const { sellerOrderId } = order;
  await sendMessage(world, `${sellerOrderId}-cancel`, { type: 'delivery.cancelled', sellerOrderId, note: 'Demo' });
}

function sendMessage(world: World, id: string, message: Message): Promise<Answered<'receiveShopMessage'>> {
  const { shop, secret } = world.options;
  const sign = (body: string) =>
    signatureHeaders({ id, timestampS: Math.floor(Date.now() / 1000), body, secrets: [secret] });
  const expected = message.type === 'delivery.cancelled' ? (['conflict_state'] as const) : (['key_in_flight'] as const);
  return world.api.insist('receiveShopMessage', { params: { shop }, body: message, sign }, expected);
}
