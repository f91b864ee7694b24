import { createHash } from 'node:crypto';
import type { TestDeps } from './flow-deps.ts';

export const SECRET = `whsec_${Buffer.from('driver-delivery-test-secret').toString('base64')}`;
export const OLD_SECRET = `whsec_${Buffer.from('the-secret-before-this-one!').toString('base64')}`;
export const STATIC = 'MyToken';

export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A shop that sends webhooks: signed with SECRET or OLD_SECRET, or with STATIC as its `x-webhook-secret`. */
export interface InboundShop {
  id: string;
  slug: string;
  /** Where its webhooks go. */
  path: string;
  /** Its rows, oldest first. */
  deliveries(): Promise<readonly Record<string, unknown>[]>;
}

export async function openInboundShop({ db, availability }: TestDeps): Promise<InboundShop> {
  const [row] = await db.run<{ id: string; slug: string }>(
    `INSERT INTO dispatch.shop (slug, name, inbound_secrets, inbound_static_sha256, pickup_lat, pickup_lon, pickup_address)
     VALUES ('s' || replace(gen_random_uuid()::text, '-', ''), 'Shop', array[$1, $2], $3, 52.53, 13.4, '{"address":"Torstrasse 1"}') RETURNING id, slug`,
    [SECRET, OLD_SECRET, sha256(STATIC)],
  );
  const { id, slug } = row!;
  await availability.markWarm(id);
  const deliveries = async () =>
    (
      await db.run<{ row: Record<string, unknown> }>(
        'SELECT row_to_json(x) AS row FROM dispatch.delivery x WHERE shop_id = $1 ORDER BY id',
        [id],
      )
    ).map((each) => each.row);
  return { id, slug, path: `/v1/webhooks/vendure/${slug}`, deliveries };
}
