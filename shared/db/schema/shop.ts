import { sql } from 'drizzle-orm';
import { boolean, check, doublePrecision, index, integer, json, text, uuid } from 'drizzle-orm/pg-core';
import { FAILURE_PROOF_PARTS, SHOP_PROOF_PARTS } from '../../domain/proof.ts';
import { sqlList } from '../sql-list.ts';
import { at, dispatch, id, LAT, LON, now } from './columns.ts';

export const shop = dispatch.table(
  'shop',
  {
    id: id(),
    /** The name in webhook paths: `/v1/webhooks/vendure/:shop`. */
    slug: text().notNull().unique(),
    name: text().notNull(),
    /** A driver token carries this; raising it withdraws all of the shop's tokens. */
    token_version: integer().notNull().default(1),
    max_radius_m: integer().notNull().default(10_000),
    policy: text().notNull().default('planned'),
    /** What the shop has chosen of the other settings of its dispatch; what is not here has its default. */
    dispatch: json().$type<Record<string, unknown>>().notNull().default({}),
    /** How the shop shows itself to its customers; what is not here is left out of their page. */
    customer_page: json().$type<Record<string, unknown>>().notNull().default({}),
    /** What drivers have to bring from the door, and say of a failure (domain/proof.ts). */
    proof_required: text().array().notNull().default(sql`'{}'`),
    failure_proof_required: text().array().notNull().default(sql`'{}'`),
    /** What the operator allows this shop's callers instead of the limits in the environment. */
    limits: json().$type<Record<string, number>>().notNull().default({}),
    /** `whsec_…` secrets that inbound webhooks may be signed with; two during a rotation. */
    inbound_secrets: text().array().notNull().default(sql`'{}'`),
    /** SHA-256 (hex) of the static `X-Webhook-Secret`, where the shop allows it. */
    inbound_static_sha256: text(),
    webhook_url: text(),
    webhook_secrets: text().array().notNull().default(sql`'{}'`),
    /** Sent as the original's `X-Webhook-Secret` when set. */
    webhook_static_secret: text(),
    webhook_in_transit: boolean().notNull().default(false),
    webhook_eta_changed: boolean().notNull().default(false),
    webhook_offers: boolean().notNull().default(false),
    webhook_ratings: boolean().notNull().default(false),
    /** Set by a 410 of the endpoint: nothing is sent until the shop sets its webhook anew. */
    webhook_disabled_at: at(),
    pickup_lat: doublePrecision(),
    pickup_lon: doublePrecision(),
    pickup_address: json().$type<Record<string, unknown>>(),
    created_at: now(),
  },
  (t) => [
    check('shop_policy', sql`${t.policy} in ('planned','nearest')`),
    check('shop_proof_required', sql`${t.proof_required} <@ array[${sql.raw(sqlList(SHOP_PROOF_PARTS))}]`),
    check(
      'shop_failure_proof_required',
      sql`${t.failure_proof_required} <@ array[${sql.raw(sqlList(FAILURE_PROOF_PARTS))}]`,
    ),
    check('shop_radius', sql`${t.max_radius_m} between 1 and 200000`),
    check('shop_pickup_lat', sql`${t.pickup_lat} ${LAT}`),
    check('shop_pickup_lon', sql`${t.pickup_lon} ${LON}`),
    check('shop_pickup_pair', sql`(${t.pickup_lat} is null) = (${t.pickup_lon} is null)`),
  ],
);

export const api_key = dispatch.table(
  'api_key',
  {
    id: text().primaryKey(),
    shop_id: uuid()
      .notNull()
      .references(() => shop.id),
    name: text().notNull(),
    secret_sha256: text().notNull(),
    scopes: text().array().notNull(),
    created_at: now(),
    /** Null: good until it is withdrawn. */
    expires_at: at(),
    /** To the hour: a key is used far more often than anybody looks. */
    last_used_at: at(),
    revoked_at: at(),
  },
  (t) => [
    index('api_key_shop').on(t.shop_id),
    check('api_key_scopes', sql`${t.scopes} <@ array['admin','dispatch','read'] and cardinality(${t.scopes}) > 0`),
  ],
);

/** Who is logged in to the console, by which key. A row that has gone, or is past its time, ends the session. */
export const console_session = dispatch.table(
  'console_session',
  {
    id: id(),
    key_id: text()
      .notNull()
      .references(() => api_key.id),
    created_at: now(),
    expires_at: at().notNull(),
  },
  (t) => [index('console_session_age').on(t.expires_at)],
);

export type ShopRow = typeof shop.$inferSelect;
