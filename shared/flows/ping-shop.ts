import { randomUUID } from 'node:crypto';
import type { ShopRow } from '../db/schema.ts';
import { type SecretBox, SecretLostError } from '../secrets/secret-box.ts';
import { openWebhookSender, type WebhookRequest } from '../webhooks/send.ts';
import { signatureHeaders } from '../webhooks/sign.ts';

/** Who waits for what came of it is answered within 3 s; an endpoint that takes longer has trouble with events too. */
const TIMEOUT_MS = 2_000;

/** `detail`: a status, or a short code such as `no_url`, `disabled`, `timeout`, `private_address`, `ECONNREFUSED`. */
type Pinged = { taken: boolean; detail: string };

/**
 * Calls the shop's own endpoint as an event would, signed with its secrets: `{ event: "PING_V1" }`, which tells of no
 * delivery. It leaves nothing in the outbox, and is not repeated.
 */
export async function pingShop(
  deps: { secretBox: SecretBox; webhooks: Pick<WebhookRequest, 'allowPrivate'>; clock: { nowMs(): number } },
  shop: ShopRow,
): Promise<Pinged> {
  const { webhook_url: url, webhook_secrets, webhook_static_secret, webhook_disabled_at } = shop;
  if (url === null) return { taken: false, detail: 'no_url' };
  if (webhook_disabled_at !== null) return { taken: false, detail: 'disabled' };
  const nowMs = deps.clock.nowMs();
  const id = `ping_${randomUUID()}`;
  const ping = { id, event: 'PING_V1', version: 1, sequence: 0, timestamp: new Date(nowMs).toISOString() };
  const body = JSON.stringify({ ...ping, shop: shop.slug, sellerOrderId: null, deliveryId: null });
  try {
    const secrets = webhook_secrets.map(deps.secretBox.open);
    const plain = { id, timestampS: Math.floor(nowMs / 1000), body };
    const headers = {
      'user-agent': 'driver-dispatch/1',
      ...(secrets.length > 0 && signatureHeaders({ ...plain, secrets })),
      ...(webhook_static_secret !== null && { 'x-webhook-secret': deps.secretBox.open(webhook_static_secret) }),
    };
    const { outcome, detail } = await openWebhookSender(deps.webhooks).send({
      url,
      body,
      headers,
      timeoutMs: TIMEOUT_MS,
    });
    return { taken: outcome === 'delivered', detail };
  } catch (error) {
    if (error instanceof SecretLostError) return { taken: false, detail: 'secret_lost' };
    throw error;
  }
}
