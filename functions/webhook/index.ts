import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { text } from '#shared/contract/nouns.ts';
import { type ShopMessage, shopMessage } from '#shared/contract/vendure.ts';
import { allowedNext, type DeliveryStatus } from '#shared/domain/delivery.ts';
import { pingShop } from '#shared/flows/ping-shop.ts';
import { receiveShopMessage } from '#shared/flows/receive-shop-message.ts';
import { verifyShop } from '#shared/flows/verify-shop.ts';
import { type Answer, endpoint } from '#shared/http/endpoint.ts';
import { requestHash } from '#shared/http/idempotency.ts';
import { assertWithin, pointsOfBytes } from '#shared/http/limits.ts';
import { parseBody } from '#shared/http/parse.ts';
import { Problem } from '#shared/http/problem.ts';
import { reply, settled } from '#shared/http/reply.ts';

const BODY_LIMIT = 256 * 1024;

/** For hooks that know no handlers of their own: which orders are for drivers, where they say so. */
const hookQuery = v.object({
  handler: v.optional(
    v.pipe(text(100), v.description('Only orders with this fulfillment handler are taken; others are `IGNORED`.')),
  ),
});

type Message = {
  /** Only orders with this fulfillment handler are for drivers. */
  handler?: string | undefined;
  headers: Readonly<Record<string, string>>;
  rawBody: Uint8Array;
  requestId: string;
  traceparent: string | undefined;
};

/** The proof is checked on the raw bytes before anything is parsed; then every shape takes the same way. */
async function receive(slug: string, sent: Message, deps: ServiceDeps): Promise<Answer> {
  const { handler, headers, rawBody, requestId, traceparent } = sent;
  const verified = await verifyShop(deps, slug, { headers, body: rawBody, nowMs: deps.clock.nowMs() });
  if (verified === null) throw new Problem('unauthorized');
  const { shop, messageId, overSignature } = verified;
  // Its proof is the signature: from here on it is the shop that asks.
  const sender = { kind: 'shop', shopId: shop.id, keyId: 'inbound', scopes: [] } as const;
  assertWithin(deps.limits?.spend(sender, pointsOfBytes(rawBody.length)) ?? null);
  // Their shop's turn, as if it had shown a key: so both endpoints are open also while strangers crowd Postgres.
  if (deps.turns?.isFull(sender)) throw new Problem('unavailable', 'Too many requests of this shop under way');
  const theirs = deps.turns?.of(deps, sender) ?? deps;
  const message = meant(parseBody(shopMessage, headers, rawBody, 'replace'), handler);
  const caller = {
    actor: `webhook:${messageId ?? 'unsigned'}`,
    idempotency:
      messageId === null
        ? null
        : { scope: `webhook:${shop.id}`, key: messageId, requestSha256: requestHash('POST', 'webhook', rawBody) },
    degraded: new Set<'redis'>(),
    requestId,
    traceparent,
  };
  const proof = overSignature ? ' (by the static secret: the signature beside it is wrong or too old)' : '';
  if (message.kind === 'ping') {
    const nothing = { status: 'IGNORED', deliveryId: null, message: `Your proof is good${proof}` };
    return reply(caller, 202, { ...nothing, callback: await pingShop(deps, shop) }, {});
  }
  const { result, headers: told } = settled(await receiveShopMessage(theirs, caller, shop, message));
  switch (result.outcome) {
    case 'accepted': {
      const { id, status } = result.delivery;
      return reply(caller, 202, { status, deliveryId: id, message: result.message + proof }, told);
    }
    case 'ignored':
      return reply(caller, 202, { status: 'IGNORED', deliveryId: null, message: result.message + proof }, told);
    case 'too_late': {
      const status = result.delivery.status as DeliveryStatus;
      const what =
        result.late.length > 0 ? `${result.late.join(', ')} cannot be changed any more` : 'this comes too late';
      throw new Problem('conflict_state', `The delivery is ${status}; ${what}`, {
        extra: { deliveryStatus: status, allowed: allowedNext(status), deliveryId: result.delivery.id },
      });
    }
    case 'not_found':
      throw new Problem('not_found', 'There is no delivery of this order');
  }
}

/** An order that the shop sends with another handler (by post, say) is none of ours. */
function meant(message: ShopMessage, handler: string | undefined): ShopMessage {
  if (handler === undefined || message.kind !== 'requested' || !message.handlers?.length) return message;
  if (message.handlers.includes(handler)) return message;
  return { kind: 'ignored', why: `its fulfillment handler is ${message.handlers.join(', ')}` };
}

const postVendure = endpoint({
  method: 'POST',
  path: '/v1/webhooks/vendure/:shop',
  auth: 'none',
  sparesPostgres: true,
  params: v.object({ shop: v.pipe(v.string(), v.maxLength(63)) }),
  query: hookQuery,
  bodyLimit: BODY_LIMIT,
  handle: (input, deps: ServiceDeps) => receive(input.params.shop, { ...input, ...input.query }, deps),
});

/** The original's path, for the default shop. */
const postSellerOrderReady = endpoint({
  method: 'POST',
  path: '/events/seller-order-ready',
  auth: 'none',
  sparesPostgres: true,
  query: hookQuery,
  bodyLimit: BODY_LIMIT,
  handle: (input, deps: ServiceDeps) => receive('default', { ...input, ...input.query }, deps),
});

export const endpoints = [postVendure, postSellerOrderReady];
