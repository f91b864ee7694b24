import type { ShopRow } from '../db/schema.ts';
import { matchesStaticSha256 } from '../webhooks/static-secret.ts';
import { verifySignature } from '../webhooks/verify.ts';
import type { FlowDeps } from './deps.ts';

/**
 * Whose message this is, by its signature (Standard Webhooks) or, where the shop allows it, by its static secret in
 * `X-Webhook-Secret` or `Authorization: Bearer`. Checked on the raw bytes, before they are parsed.
 * @returns null for an unknown shop and for a wrong proof alike; `messageId` only where the sender gave a signed one
 */
export async function verifyShop(
  deps: Pick<FlowDeps, 'shops'>,
  slug: string,
  message: { headers: Readonly<Record<string, string>>; body: Uint8Array; nowMs: number },
): Promise<{ shop: ShopRow; messageId: string | null } | null> {
  const shop = await deps.shops.bySlug(slug);
  if (shop === null) return null;
  const { headers } = message;
  if (headers['webhook-signature'] !== undefined) {
    const verified = verifySignature({ secrets: shop.inbound_secrets, ...message });
    return verified.ok ? { shop, messageId: verified.id } : null;
  }
  const given = headers['x-webhook-secret'] ?? /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
  return matchesStaticSha256(given, shop.inbound_static_sha256) ? { shop, messageId: null } : null;
}
