import type { ShopRow } from '../db/schema.ts';
import { type SecretBox, SecretLostError } from '../secrets/secret-box.ts';
import { newSecret } from '../webhooks/secret.ts';
import { matchesStaticSha256 } from '../webhooks/static-secret.ts';
import { verifySignature } from '../webhooks/verify.ts';
import type { FlowDeps } from './deps.ts';

/** As many as a shop may have while it changes them. */
const SECRETS = 2;
const nobodys = new WeakMap<SecretBox, readonly string[]>();

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
    const stored = filledUp(deps.secretBox, shop?.inbound_secrets ?? []);
    const verified = verifySignature({ secrets: readable(deps.secretBox, stored), ...message });
    if (verified.ok && shop !== null) return { shop, messageId: verified.id, overSignature: false };
  }
  const given = headers['x-webhook-secret'] ?? /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
  const matches = matchesStaticSha256(given, shop?.inbound_static_sha256 ?? null);
  return matches && shop !== null ? { shop, messageId: null, overSignature: isSigned } : null;
}

/**
 * With secrets that nobody knows: a message is reckoned through with as many for each shop, and for one that there is not,
 * so that the time it takes tells nobody which shops there are.
 */
function filledUp(box: SecretBox, stored: readonly string[]): readonly string[] {
  const none = nobodys.get(box) ?? Array.from({ length: SECRETS }, () => box.seal(newSecret()));
  nobodys.set(box, none);
  return [...stored, ...none.slice(stored.length)];
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
