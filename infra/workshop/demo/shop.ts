import type { Operations, Shop } from '#infra/product/client/types.ts';
import { type DeliveryEventType, isPublished } from '#shared/domain/events.ts';
import type { Answered, Api } from './api.ts';
import { must } from './drivers.ts';
import { DemoError, type DemoOptions } from './options.ts';
import { RECEIVER_PATH } from './receiver.ts';
import type { World } from './world.ts';

/** @throws DemoError unless the service answers there */
export async function findService(api: Api, url: string): Promise<void> {
  const answered = await api.call('getHealth', {});
  if (answered.status === 0)
    throw new DemoError(`No service answers at ${url} (${answered.problem}). Start it first: npm start`);
  const status = answered.body?.status;
  if (status === undefined)
    throw new DemoError(`Something else answers at ${url}. Name the service's address with --url`);
  if (!answered.ok) throw new DemoError(`The service at ${url} says it is ${status}; see ${url}/health`);
}

export interface HeldShop {
  /** Sends its webhooks to us. */
  listen(url: string, secret: string): Promise<void>;
  /** Puts back what it had before. @returns what that was */
  restore(): Promise<string>;
}

/** @throws DemoError for an unknown shop, and for one whose own webhook could not be put back */
export async function findShop(api: Api, options: DemoOptions): Promise<HeldShop> {
  const shop = await shopBySlug(api, options);
  const before = shop.webhook !== null && !isLeftover(shop.webhook.url) ? shop.webhook : null;
  if (before !== null && options.webhookSecret === null) {
    const why = 'and nobody can read its secret to put it back: give it with --webhook-secret';
    throw new DemoError(`Shop "${shop.slug}" already sends its webhooks to ${before.url}, ${why}`);
  }
  const whose = { params: { id: shop.id }, token: options.operatorKey };
  return {
    async listen(url, secret) {
      await must(api, 'setShopWebhook', { ...whose, body: { url, secrets: [secret], inTransit: true } });
    },
    async restore() {
      const { webhookSecret } = options;
      const kept = before && {
        url: before.url,
        inTransit: before.inTransit,
        secrets: webhookSecret ? [webhookSecret] : [],
      };
      const answered = await api.insist('setShopWebhook', { ...whose, body: kept ?? { url: null } });
      if (!answered.ok) return `NOT put back (${answered.problem}); it still names this demo's receiver`;
      return before === null ? 'none, as before' : `${before.url}, as before`;
    },
  };
}

async function shopBySlug(api: Api, options: DemoOptions): Promise<Shop> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: 200, ...(cursor && { cursor }) };
    const page: Operations['listShops']['answer']['body'] = await must(api, 'listShops', {
      query,
      token: options.operatorKey,
    });
    const found = page.items.find((shop) => shop.slug === options.shop);
    if (found) return found;
    cursor = page.next;
  }
  throw new DemoError(`There is no shop "${options.shop}" at ${options.url}`);
}

/** A demo that was killed could not put anything back; its port is dead. */
function isLeftover(url: string): boolean {
  return /^http:\/\/127\.0\.0\.1:\d+\//.test(url) && url.endsWith(RECEIVER_PATH);
}

/** Of what leaves by webhook, this is sent only to who asks for it, and the demo does not. */
const NOT_ASKED_FOR: DeliveryEventType = 'ETA_CHANGED';

/** Holds the service's own book of this run's deliveries against what the webhooks told: each event that was to come came. */
export async function compareWithService(world: World): Promise<void> {
  const { api, ledger, options, orders } = world;
  const ids = new Set([...orders.values()].flatMap(({ deliveryId }) => deliveryId ?? []));
  for (const id of ids) {
    const { body }: Answered<'getDelivery'> = await api.insist('getDelivery', { params: { id }, token: options.key });
    if (body === null) ledger.violate('missing', `${id} was accepted, and the service does not know it`);
    for (const { sequence, type } of body?.events ?? []) {
      const sent = isPublished(type as DeliveryEventType) && type !== NOT_ASKED_FOR;
      if (sent && !ledger.has(id, sequence)) ledger.violate('missing', `event ${sequence} (${type}) of ${id}`);
    }
  }
}
