import { randomBytes } from 'node:crypto';
import type { ShopRow } from '../db/schema.ts';
import { type SecretBox, SecretLostError } from '../secrets/secret-box.ts';
import { matchesStaticSha256 } from '../webhooks/static-secret.ts';
import { verifySignature } from '../webhooks/verify.ts';
import type { FlowDeps } from './deps.ts';

/** An unknown shop's message is reckoned through like any other: the time that takes tells nobody which shops there are. */
const NOBODYS_SECRETS = [`whsec_${randomBytes(24).toString('base64')}`];

/**
 * Whose message this is, by its signature (Standard Webhooks) or, where the shop allows it, by its static secret in
 * `X-Webhook-Secret` or `Authorization: Bearer`. Checked on the raw bytes, before they are parsed. One good proof is
 * enough: a sender whose clock is wrong, and who has both, loses no order.
 * @returns null for an unknown shop and for a wrong proof alike; `messageId` only where a signature vouches for it;
 * `overSignature`: the static secret, although a signature stood beside it that is not good
 */
export async function verifyShop(
  deps: Pick<FlowDeps, 'shops' | 'secretBox'>,
  slug: string,
  message: { headers: Readonly<Record<string, string>>; body: Uint8Array; nowMs: number },
): Promise<{ shop: ShopRow; messageId: string | null; overSignature: boolean } | null> {
  const shop = await deps.shops.bySlug(slug);
  const { headers } = message;
  const isSigned = (headers['webhook-signature'] ?? headers['svix-signature']) !== undefined;
  if (isSigned) {
    const stored = shop?.inbound_secrets ?? NOBODYS_SECRETS;
    const verified = verifySignature({ secrets: readable(deps.secretBox, stored), ...message });
    if (verified.ok && shop !== null) return { shop, messageId: verified.id, overSignature: false };
  }
  const given = headers['x-webhook-secret'] ?? /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
  const matches = matchesStaticSha256(given, shop?.inbound_static_sha256 ?? null);
  return matches && shop !== null ? { shop, messageId: null, overSignature: isSigned } : null;
}

/** With a secret that cannot be read any more nobody proves anything. */
function readable(box: SecretBox, stored: readonly string[]): readonly string[] {
  return stored.flatMap((each) => {
    try {
      return [box.open(each)];
    } catch (error) {
      if (error instanceof SecretLostError) return [];
      throw error;
    }
  });
}
