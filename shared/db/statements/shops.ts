import type { CommandResult, Requester } from '../../domain/command.ts';
import type { Db } from '../open-db.ts';
import type { ShopRow } from '../schema.ts';
import { command } from './command.ts';
import { runCommand } from './run-command.ts';

export async function selectShop(db: Db, id: string): Promise<ShopRow | null> {
  const [found] = await db.run<{ row: ShopRow }>('SELECT row_to_json(s) AS row FROM dispatch.shop s WHERE s.id = $1', [
    id,
  ]);
  return found?.row ?? null;
}

/** The shops with these slugs, by slug. */
export async function readShopsBySlug(db: Db, slugs: readonly string[]): Promise<ReadonlyMap<string, ShopRow>> {
  const rows = await db.run<{ row: ShopRow }>(
    'SELECT row_to_json(s) AS row FROM dispatch.shop s WHERE s.slug IN (SELECT json_array_elements_text($1::text::json))',
    [JSON.stringify(slugs)],
  );
  return new Map(rows.map(({ row }) => [row.slug, row]));
}

/** Shops in order of id, after `afterId`. */
export async function selectShops(db: Db, afterId: string | null, limit: number): Promise<readonly ShopRow[]> {
  const rows = await db.run<{ row: ShopRow }>(
    'SELECT row_to_json(s) AS row FROM dispatch.shop s WHERE $1::uuid IS NULL OR s.id > $1 ORDER BY s.id LIMIT $2',
    [afterId, limit],
  );
  return rows.map((each) => each.row);
}

/** A shop as a result tells it, which is kept under its key: without what it signs and verifies with. */
const TOLD = (row: string) =>
  `to_jsonb(${row}) - '{inbound_secrets,inbound_static_sha256,webhook_secrets,webhook_static_secret}'::text[]`;
type Secret = 'inbound_secrets' | 'inbound_static_sha256' | 'webhook_secrets' | 'webhook_static_secret';
export type ToldShop = Omit<ShopRow, Secret>;

export interface NewShop {
  slug: string;
  name: string;
  policy: string;
  max_radius_m: number;
  dispatch: Record<string, unknown>;
  proof_required: readonly string[];
  failure_proof_required: readonly string[];
  pickup_lat: number | null;
  pickup_lon: number | null;
  pickup_address: Record<string, unknown> | null;
  inbound_secrets: readonly string[];
  inbound_static_sha256: string | null;
}
export type CreateShopResult = { outcome: 'created'; shop: ToldShop } | { outcome: 'slug_taken' };

const CREATE_SHOP = command(
  `slug text, name text, policy text, max_radius_m int, dispatch json, proof_required text[],
   failure_proof_required text[], pickup_lat float8, pickup_lon float8, pickup_address json,
   inbound_secrets text[], inbound_static_sha256 text`,
  {
    steps: `made AS (INSERT INTO dispatch.shop AS s (slug, name, policy, max_radius_m, dispatch, proof_required,
    failure_proof_required, pickup_lat, pickup_lon, pickup_address, inbound_secrets, inbound_static_sha256)
  SELECT f.slug, f.name, f.policy, f.max_radius_m, f.dispatch, f.proof_required, f.failure_proof_required, f.pickup_lat,
    f.pickup_lon, f.pickup_address, f.inbound_secrets, f.inbound_static_sha256 FROM fresh f ON CONFLICT (slug) DO NOTHING RETURNING s AS r)`,
    answer: `SELECT f.n, CASE WHEN (made.r).id IS NULL THEN json_build_object('outcome', 'slug_taken')
    ELSE json_build_object('outcome', 'created', 'shop', ${TOLD('made.r')}) END AS result,
    (made.r).id IS NOT NULL AS keep FROM fresh f LEFT JOIN made ON true`,
  },
);

export function createShop(db: Db, who: Requester, input: NewShop): Promise<CommandResult<CreateShopResult>> {
  return runCommand<CreateShopResult>(db, CREATE_SHOP, who, { ...input });
}

export interface WebhookSettings {
  webhook_url: string | null;
  webhook_secrets: readonly string[];
  webhook_static_secret: string | null;
  webhook_in_transit: boolean;
  webhook_eta_changed: boolean;
  webhook_offers: boolean;
  webhook_ratings: boolean;
}
export type SetShopResult = { outcome: 'set'; shop: ToldShop } | { outcome: 'not_found' };

/** The answer of a command that changed one shop, or found none. */
export const CHANGED_SHOP = `SELECT f.n, CASE WHEN (c.r).id IS NULL THEN json_build_object('outcome', 'not_found')
    ELSE json_build_object('outcome', 'set', 'shop', ${TOLD('c.r')}) END AS result,
    (c.r).id IS NOT NULL AS keep FROM fresh f LEFT JOIN changed c ON true`;

const SET_WEBHOOK = command(
  `shop_id uuid, webhook_url text, webhook_secrets text[], webhook_static_secret text, webhook_in_transit boolean,
   webhook_eta_changed boolean, webhook_offers boolean, webhook_ratings boolean`,
  {
    steps: `changed AS (UPDATE dispatch.shop s SET webhook_url = f.webhook_url, webhook_secrets = f.webhook_secrets,
    webhook_static_secret = f.webhook_static_secret, webhook_in_transit = f.webhook_in_transit,
    webhook_eta_changed = coalesce(f.webhook_eta_changed, false),
    webhook_offers = coalesce(f.webhook_offers, false), webhook_ratings = coalesce(f.webhook_ratings, false), webhook_disabled_at = NULL
  FROM fresh f WHERE s.id = f.shop_id RETURNING s AS r)`,
    answer: CHANGED_SHOP,
  },
);

/** Where the shop hears of its deliveries. Setting it also ends a disablement by 410. */
export function commitWebhook(
  db: Db,
  who: Requester,
  input: { shop_id: string } & WebhookSettings,
): Promise<CommandResult<SetShopResult>> {
  return runCommand<SetShopResult>(db, SET_WEBHOOK, who, { ...input });
}

const CHANGE_SHOP = command(
  `shop_id uuid, name text, policy text, max_radius_m int, dispatch json, proof_required text[],
   failure_proof_required text[], customer_page json, pickup json, inbound_secrets text[], inbound_static json`,
  {
    steps: `changed AS (UPDATE dispatch.shop s SET name = coalesce(f.name, s.name), policy = coalesce(f.policy, s.policy),
    max_radius_m = coalesce(f.max_radius_m, s.max_radius_m), dispatch = (s.dispatch::jsonb || coalesce(f.dispatch, '{}')::jsonb)::json,
    proof_required = coalesce(f.proof_required, s.proof_required),
    failure_proof_required = coalesce(f.failure_proof_required, s.failure_proof_required),
    customer_page = jsonb_strip_nulls(s.customer_page::jsonb || coalesce(f.customer_page, '{}')::jsonb)::json,
    pickup_lat = CASE WHEN f.pickup IS NULL THEN s.pickup_lat ELSE (f.pickup ->> 'lat')::float8 END,
    pickup_lon = CASE WHEN f.pickup IS NULL THEN s.pickup_lon ELSE (f.pickup ->> 'lon')::float8 END,
    pickup_address = CASE WHEN f.pickup IS NULL THEN s.pickup_address
      WHEN f.pickup ->> 'address' IS NOT NULL THEN json_build_object('address', f.pickup ->> 'address') END,
    inbound_secrets = coalesce(f.inbound_secrets, s.inbound_secrets),
    inbound_static_sha256 = CASE WHEN f.inbound_static IS NULL THEN s.inbound_static_sha256 ELSE f.inbound_static ->> 'sha256' END
  FROM fresh f WHERE s.id = f.shop_id RETURNING s AS r)`,
    answer: CHANGED_SHOP,
  },
);

/** What is absent or null leaves what there is. */
interface ShopChange {
  name: string | null;
  policy: string | null;
  max_radius_m: number | null;
  /** The settings that have no column of their own; those not named stay. */
  dispatch: Record<string, unknown>;
  proof_required: readonly string[] | null;
  failure_proof_required: readonly string[] | null;
  /** What is not named stays, what is named null goes. */
  customer_page: Record<string, unknown>;
  /** Without `lat` and `lon` there is none any more. */
  pickup: { lat?: number; lon?: number; address?: string | null | undefined } | null;
  inbound_secrets: readonly string[] | null;
  /** With null as `sha256` there is none any more. */
  inbound_static: { sha256: string | null } | null;
}

/** Changes how the shop's deliveries are dispatched, from the next plan on, and all else from now on. */
export function commitShopChange(
  db: Db,
  who: Requester,
  input: { shop_id: string } & Partial<ShopChange>,
): Promise<CommandResult<SetShopResult>> {
  return runCommand<SetShopResult>(db, CHANGE_SHOP, who, { ...input });
}

export interface TokenVersions {
  shop_id: string;
  token_version: number;
  shop_token_version: number;
  /** The driver's phones: a token that names one must name one of these. */
  device_ids: readonly string[];
}

/** What a driver's token must carry to be good now; none for a retired or unknown driver. */
export async function readTokenVersions(
  db: Db,
  driverIds: readonly string[],
): Promise<ReadonlyMap<string, TokenVersions>> {
  const rows = await db.run<TokenVersions & { id: string }>(
    `SELECT d.id, d.shop_id, d.token_version, s.token_version AS shop_token_version, (SELECT coalesce(json_agg(v.id), '[]')
       FROM dispatch.device v WHERE v.driver_id = d.id AND v.withdrawn_at IS NULL AND v.expires_at > now()) AS device_ids
     FROM dispatch.driver d JOIN dispatch.shop s ON s.id = d.shop_id WHERE d.id = ANY($1::uuid[]) AND d.active`,
    [`{${driverIds.join(',')}}`],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** What the environment says of the shop `default`; see runtime/config.ts. Absent values leave what is stored. */
export interface DefaultShop {
  key: { id: string; secret_sha256: string } | null;
  inbound_secrets: readonly string[] | null;
  inbound_static_sha256: string | null;
  webhook_url: string | null;
  webhook_secrets: readonly string[] | null;
  pickup: { lat: number; lon: number; address: Record<string, unknown> | null } | null;
}

/** Makes the shop `default` as the environment describes it, or brings it up to date. Safe to run from several processes. */
export async function insertDefaultShop(db: Db, wish: DefaultShop): Promise<string> {
  const [row] = await db.run<{ id: string }>(
    `WITH w AS (SELECT * FROM json_to_record($1::text::json) AS t(inbound_secrets text[], inbound_static_sha256 text,
       webhook_url text, webhook_secrets text[], pickup_lat float8, pickup_lon float8, pickup_address json, key_id text, key_sha256 text)),
     s AS (INSERT INTO dispatch.shop AS s (slug, name, inbound_secrets, inbound_static_sha256, webhook_url, webhook_secrets,
         pickup_lat, pickup_lon, pickup_address)
       SELECT 'default', 'Default shop', coalesce(w.inbound_secrets, '{}'), w.inbound_static_sha256, w.webhook_url,
         coalesce(w.webhook_secrets, '{}'), w.pickup_lat, w.pickup_lon, w.pickup_address FROM w
       ON CONFLICT (slug) DO UPDATE SET
         inbound_secrets = CASE WHEN cardinality(excluded.inbound_secrets) > 0 THEN excluded.inbound_secrets ELSE s.inbound_secrets END,
         inbound_static_sha256 = coalesce(excluded.inbound_static_sha256, s.inbound_static_sha256),
         webhook_url = coalesce(excluded.webhook_url, s.webhook_url),
         -- What said that it is gone was the address before.
         webhook_disabled_at = CASE WHEN excluded.webhook_url IS NULL OR excluded.webhook_url = s.webhook_url THEN s.webhook_disabled_at END,
         webhook_secrets = CASE WHEN cardinality(excluded.webhook_secrets) > 0 THEN excluded.webhook_secrets ELSE s.webhook_secrets END,
         pickup_lat = coalesce(excluded.pickup_lat, s.pickup_lat), pickup_lon = coalesce(excluded.pickup_lon, s.pickup_lon),
         pickup_address = coalesce(excluded.pickup_address, s.pickup_address)
       RETURNING id),
     k AS (INSERT INTO dispatch.api_key AS k (id, shop_id, name, secret_sha256, scopes)
       SELECT w.key_id, s.id, 'from the environment', w.key_sha256, '{admin,dispatch,read}' FROM w, s WHERE w.key_id IS NOT NULL
       ON CONFLICT (id) DO UPDATE SET secret_sha256 = excluded.secret_sha256,
         -- The same secret stays withdrawn; another one under the same id is another key.
         revoked_at = CASE WHEN k.secret_sha256 = excluded.secret_sha256 THEN k.revoked_at END)
     SELECT id FROM s`,
    [
      JSON.stringify({
        ...wish,
        pickup_lat: wish.pickup?.lat,
        pickup_lon: wish.pickup?.lon,
        pickup_address: wish.pickup?.address,
        key_id: wish.key?.id,
        key_sha256: wish.key?.secret_sha256,
      }),
    ],
  );
  if (row === undefined) throw new Error('the default shop could not be made');
  return row.id;
}
