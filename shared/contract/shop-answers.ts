import * as v from 'valibot';
import { FAILURE_PROOF_PARTS, SHOP_PROOF_PARTS } from '../domain/proof.ts';
import { SHOP_SCOPES } from '../domain/scopes.ts';
import { count, id, pageOf, position, time } from './answer-parts.ts';
import { type DispatchSetting, eachSetting, type SettingName, type SettingValues } from './dispatch-settings.ts';

/* What is answered of a shop, its keys and its webhook: schemas, as in answers.ts. */

/** Null: no limit on the time aboard. */
const settingView = (setting: DispatchSetting): v.GenericSchema => {
  switch (setting.kind) {
    case 'choice':
      return v.picklist(setting.choices);
    case 'whole':
      return setting.orNoLimit ? v.nullable(count) : count;
    case 'share':
      return v.number();
    case 'flag':
      return v.boolean();
  }
};
const dispatchSettingsView = v.object(
  eachSetting(settingView) as { [Name in SettingName]: v.GenericSchema<SettingValues[Name]> },
);

export const shopView = v.object({
  id,
  slug: v.string(),
  name: v.string(),
  maxRadiusM: count,
  policy: v.string(),
  /** All settings, chosen or not. */
  dispatch: dispatchSettingsView,
  /** What drivers have to bring from the door, and say of a failure. */
  proof: v.object({
    delivered: v.array(v.picklist(SHOP_PROOF_PARTS)),
    failed: v.array(v.picklist(FAILURE_PROOF_PARTS)),
  }),
  /** What its customers see of it on their page. */
  customerPage: v.object({
    color: v.nullable(v.string()),
    logoUrl: v.nullable(v.string()),
    phone: v.nullable(v.string()),
    callDriver: v.boolean(),
  }),
  pickup: v.nullable(v.object({ ...position.entries, address: v.nullable(v.string()) })),
  webhook: v.nullable(
    v.object({
      url: v.string(),
      inTransit: v.boolean(),
      etaChanged: v.boolean(),
      offers: v.boolean(),
      ratings: v.boolean(),
      disabledAt: v.nullable(time),
    }),
  ),
  createdAt: time,
});
export type ShopView = v.InferOutput<typeof shopView>;
export const shopPage = pageOf(shopView);

/** `key` is shown by this answer (and its repetition under the same Idempotency-Key) only. */
export const keyView = v.object({
  keyId: v.string(),
  name: v.string(),
  scopes: v.array(v.picklist(SHOP_SCOPES)),
  createdAt: time,
  /** Null: good until it is withdrawn. */
  expiresAt: v.nullable(time),
  key: v.string(),
});
const { key: _secret, ...withoutSecret } = keyView.entries;
/** A key without its secret. */
export const listedKeyView = v.object({
  ...withoutSecret,
  /** To the hour. Null: never. */
  lastUsedAt: v.nullable(time),
  /** When it was withdrawn. */
  revokedAt: v.nullable(time),
});
export type ListedKeyView = v.InferOutput<typeof listedKeyView>;
export const keyList = v.object({ items: v.array(listedKeyView) });

/** Who asks, as the proof says. */
export const callerView = v.object({
  kind: v.picklist(['operator', 'shop', 'driver']),
  shop: v.nullable(v.object({ id, slug: v.string(), name: v.string() })),
  /** What the key may do, each scope that it has or that is included. */
  scopes: v.array(v.picklist(SHOP_SCOPES)),
  key: v.nullable(v.object({ id: v.string(), name: v.string(), expiresAt: v.nullable(time) })),
  driver: v.nullable(v.object({ id, name: v.string() })),
});
export type CallerView = v.InferOutput<typeof callerView>;

/** An event that did not reach the shop's endpoint: `parked` was given up, `retrying` is tried again. */
export const webhookFailureView = v.object({
  id,
  event: v.string(),
  deliveryId: id,
  sequence: count,
  state: v.picklist(['parked', 'retrying']),
  attempts: count,
  lastError: v.nullable(v.string()),
  createdAt: time,
  /** Null for a parked event: it waits for a replay. */
  nextAttemptAt: v.nullable(time),
});
export type WebhookFailureView = v.InferOutput<typeof webhookFailureView>;
export const webhookFailurePage = pageOf(webhookFailureView);
export const webhookReplayView = v.object({ replayed: count });
