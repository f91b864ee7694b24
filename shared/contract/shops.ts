import * as v from 'valibot';
import { id, integer, page, position, text, webUrl } from './nouns.ts';

/** Standard Webhooks: `whsec_` and at least 24 bytes in base64. */
export const webhookSecret = v.pipe(
  v.string('must be a text'),
  v.regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and at least 24 bytes in base64'),
  v.maxLength(200),
);
const slug = v.pipe(
  v.string('must be a text'),
  v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -'),
);

export const newShop = v.object({
  slug,
  name: text(200),
  maxRadiusM: v.optional(integer(1, 200_000), 10_000),
  /** Where parcels are collected when an order does not say. */
  pickup: v.optional(v.nullable(v.object({ ...position.entries, address: v.optional(v.nullable(text(500))) })), null),
  /** Secrets that the shop signs its webhooks with; two during a rotation. */
  inboundSecrets: v.optional(v.pipe(v.array(webhookSecret), v.maxLength(2, 'must be one or two')), []),
  /** Accept this static `X-Webhook-Secret` too (for shops that cannot sign). */
  inboundStaticSecret: v.optional(
    v.nullable(v.pipe(text(200), v.minLength(16, 'must have at least 16 characters'))),
    null,
  ),
});
export type NewShop = v.InferOutput<typeof newShop>;
export const shopQuery = v.object(page);

export const newKey = v.object({
  name: v.optional(text(200), 'key'),
  scopes: v.optional(
    v.pipe(
      v.array(v.picklist(['dispatch', 'read'], 'must be dispatch or read')),
      v.minLength(1, 'must have at least one scope'),
    ),
    ['dispatch', 'read'],
  ),
});

export const webhookSettings = v.object({
  /** Null: the shop hears nothing. */
  url: v.nullable(webUrl),
  /** Signed with each of them; two during a rotation. */
  secrets: v.optional(v.pipe(v.array(webhookSecret), v.maxLength(2, 'must be one or two')), []),
  /** Sent as `X-Webhook-Secret`, as the original did. */
  staticSecret: v.optional(v.nullable(text(200)), null),
  inTransit: v.optional(v.boolean(), false),
});
/** Which failed events to send again; all of the shop if absent. */
export const webhookReplay = v.object({
  eventIds: v.optional(
    v.pipe(
      v.array(id('EventId')),
      v.minLength(1, 'must name at least one'),
      v.maxLength(1_000, 'must name at most 1000'),
    ),
  ),
});

export type WebhookSettings = v.InferOutput<typeof webhookSettings>;

export type { ShopView } from './answers.ts';
