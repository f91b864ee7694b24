import type { DeliveryRow, ShopRow } from '#shared/db/schema.ts';
import { createDelivery } from '#shared/flows/create-delivery.ts';
import { openDuePlans } from '#shared/flows/relay/plan-due.ts';
import type { RelayDeps } from '#shared/flows/relay/run-relay.ts';
import { sendWebhook } from '#shared/webhooks/send.ts';
import { buildShop, HERE, north } from './builders.ts';
import { shopOf, somebody, type TestDeps } from './flow-deps.ts';
import { type Behaviour, openReceiver, type Receiver } from './receiver.ts';

/** The relay's dependencies, with webhooks that may go to loopback and an endpoint that is given up soon. */
export function relayDeps(deps: TestDeps): RelayDeps {
  return {
    ...deps,
    send: (request) => sendWebhook({ ...request, allowPrivate: true, timeoutMs: 300 }),
    nowMs: Date.now,
    trackingUrlOf: (deliveryId) => `https://dispatch.example/track/${deliveryId}`,
    random01: () => 0.5,
    report: () => {},
  };
}

/** What the relay does whenever it looks for what is due, once, and all of it. */
export async function planDueShops(deps: Parameters<typeof openDuePlans>[0]): Promise<void> {
  const due = openDuePlans(deps);
  await due.begin();
  await due.idle();
}

/** A shop with an endpoint of its own, which whoever opens it closes. */
export async function openListeningShop(
  deps: TestDeps,
  behave?: Behaviour,
): Promise<{ shop: ShopRow; receiver: Receiver }> {
  const receiver = await openReceiver(behave);
  const shop = await shopOf(deps, await buildShop(deps.db, receiver.url));
  await deps.availability.markWarm(shop.id);
  return { shop, receiver };
}

/** An order of the shop, over 300 m. */
export async function createOrder(deps: TestDeps, shop: ShopRow): Promise<DeliveryRow> {
  const ran = await createDelivery(deps, somebody(), shop, { pickup: HERE, dropoff: north(300) });
  if (ran.kind !== 'done') throw new Error(ran.kind);
  return ran.result.delivery;
}

/** The sequence numbers of what the endpoint accepted, as they came. */
export function sequences({ accepted }: Receiver): readonly number[] {
  return accepted.map((each) => (JSON.parse(each.body) as { sequence: number }).sequence);
}
