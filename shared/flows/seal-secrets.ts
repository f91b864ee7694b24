import { readPushKey, resealPushKey } from '../db/statements/push-key.ts';
import { readUnsealed, replaceSecrets, type StoredSecrets } from '../db/statements/stored-secrets.ts';
import { type SecretBox, SecretLostError } from '../secrets/secret-box.ts';
import type { FlowDeps } from './deps.ts';

type Deps = Pick<FlowDeps, 'db' | 'secretBox'>;

/**
 * Seals what stands in the database as it was said, and what was sealed with the TOKEN_SECRET before this one. What
 * cannot be read any more is left as it is: the shop has to set it anew.
 * @returns shops whose secrets were sealed
 */
export async function sealSecrets({ db, secretBox }: Deps): Promise<number> {
  await sealPushKey({ db, secretBox });
  let sealed = 0;
  for (let afterId: string | null = null; ; ) {
    const shops: readonly StoredSecrets[] = await readUnsealed(db, secretBox.present, afterId);
    for (const shop of shops) {
      const after = sealedAnew(secretBox, shop);
      if (after !== null && (await replaceSecrets(db, shop, after))) sealed += 1;
    }
    afterId = shops.at(-1)?.id ?? null;
    if (afterId === null) return sealed;
  }
}

function sealedAnew(box: SecretBox, shop: StoredSecrets): StoredSecrets | null {
  const anew = (stored: string) => (stored.startsWith(box.present) ? stored : box.seal(box.open(stored)));
  try {
    return {
      id: shop.id,
      inbound_secrets: shop.inbound_secrets.map(anew),
      webhook_secrets: shop.webhook_secrets.map(anew),
      webhook_static_secret: shop.webhook_static_secret && anew(shop.webhook_static_secret),
    };
  } catch (error) {
    if (error instanceof SecretLostError) return null;
    throw error;
  }
}

/** Seals the push key with the present TOKEN_SECRET, where it was not. One that is lost is left: all phones would have to come anew. */
async function sealPushKey({ db, secretBox }: Deps): Promise<void> {
  const stored = await readPushKey(db);
  if (stored === null || stored.private_key.startsWith(secretBox.present)) return;
  try {
    await resealPushKey(db, stored, secretBox.seal(secretBox.open(stored.private_key)));
  } catch (error) {
    if (!(error instanceof SecretLostError)) throw error;
  }
}
