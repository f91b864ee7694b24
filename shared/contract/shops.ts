import * as v from 'valibot';
import { FAILURE_PROOF_PARTS, SHOP_PROOF_PARTS } from '../domain/proof.ts';
import { SHOP_SCOPES } from '../domain/scopes.ts';
import {
  DISPATCH_SETTINGS,
  type DispatchSetting,
  eachSetting,
  type SettingName,
  type SettingValues,
} from './dispatch-settings.ts';
import { id, integer, list, page, position, text, webUrl } from './nouns.ts';
import { phone } from './phone.ts';
import { proofParts } from './proof-parts.ts';

/** Standard Webhooks: `whsec_` and at least 24 bytes in base64. */
export const webhookSecret = v.pipe(
  v.string('must be a text'),
  v.regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and at least 24 bytes in base64'),
  v.maxLength(200),
);
/** As a header carries it: anything else would be an error of ours with each event. */
const staticSecret = v.pipe(
  text(200),
  v.regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/, 'must be visible ASCII characters'),
);
const slug = v.pipe(
  v.string('must be a text'),
  v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9 and -'),
);

/** What is taken for a setting, and in which words anything else is refused. */
function changeOf(setting: DispatchSetting): v.GenericSchema {
  switch (setting.kind) {
    case 'choice':
      return v.picklist(setting.choices, `must be one of ${setting.choices.join(', ')}`);
    case 'whole':
      return setting.orNoLimit ? v.nullable(integer(setting.min, setting.max)) : integer(setting.min, setting.max);
    case 'share':
      return v.pipe(
        v.number('must be a number'),
        v.minValue(0, 'must be at least 0'),
        v.maxValue(1, 'must be at most 1'),
      );
    case 'flag':
      return v.boolean('must be true or false');
  }
}

const described = (setting: DispatchSetting) => {
  const noLimit = setting.kind === 'whole' && setting.orNoLimit ? ' Null: no limit.' : '';
  return v.pipe(changeOf(setting), v.description(`${setting.does}${noLimit}`));
};

/** How a shop's deliveries are dispatched: what is named is changed, the rest stays. */
export const dispatchChange = v.partial(
  v.object(eachSetting(described) as { [Name in SettingName]: v.GenericSchema<SettingValues[Name]> }),
);
export type DispatchChange = v.InferOutput<typeof dispatchChange>;

/** What drivers have to bring from the door: a list replaces the one before. The next step of a driver is judged by it. */
const proofChange = v.object({
  /** `pin`: orders that come from now on without a code are given one. */
  delivered: v.optional(proofParts(SHOP_PROOF_PARTS)),
  /** Besides why it failed. */
  failed: v.optional(proofParts(FAILURE_PROOF_PARTS)),
});

const changesSomething = <Change extends object>(names: readonly string[]) =>
  v.check<Change, string>(
    (change) => Object.keys(change).length > 0,
    `must change at least one of ${names.join(', ')}`,
  );
/** What a shop's customers see of it on their page: what is named is changed, null takes it away. */
const customerPageChange = v.object({
  /** `#rrggbb`. What is written on it is black or white, whichever is read better. */
  color: v.optional(
    v.nullable(v.pipe(v.string(), v.regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour such as #0b6e4f'), v.toLowerCase())),
  ),
  /** A picture at an https address; the page is allowed to fetch it from there, and nothing else. */
  logoUrl: v.optional(v.nullable(v.pipe(webUrl, v.startsWith('https://', 'must be an https URL')))),
  /** The shop's own, to be called. */
  phone: v.optional(v.nullable(phone)),
  /** Customers may call the driver who has their parcel; without it they may not. */
  callDriver: v.optional(v.boolean('must be true or false')),
});

/** Where parcels are collected when an order does not say. */
const shopPickup = v.nullable(v.object({ ...position.entries, address: v.optional(v.nullable(text(500))) }));
/** Secrets that the shop signs its webhooks with; two during a rotation. */
const inboundSecrets = list(webhookSecret, { max: 2, tooMany: 'must be one or two' });
/** Accept this static `X-Webhook-Secret` too (for shops that cannot sign). */
const inboundStaticSecret = v.nullable(v.pipe(staticSecret, v.minLength(16, 'must have at least 16 characters')));

const shopChanges = v.object({
  name: v.optional(text(200)),
  /** Of orders that come from now on; null: each must say where it is collected. */
  pickup: v.optional(shopPickup),
  /** In place of those before: for a rotation the present one and the new one. Read again within 10 s everywhere. */
  inboundSecrets: v.optional(inboundSecrets),
  /** null: none is accepted any more. */
  inboundStaticSecret: v.optional(inboundStaticSecret),
  dispatch: v.optional(v.pipe(dispatchChange, changesSomething(Object.keys(dispatchChange.entries)))),
  proof: v.optional(v.pipe(proofChange, changesSomething(Object.keys(proofChange.entries)))),
  customerPage: v.optional(v.pipe(customerPageChange, changesSomething(Object.keys(customerPageChange.entries)))),
});
export const shopChange = v.pipe(shopChanges, changesSomething(Object.keys(shopChanges.entries)));
export type ShopChange = v.InferOutput<typeof shopChange>;

export const newShop = v.object({
  slug,
  name: text(200),
  /** `dispatch.maxRadiusM`, if there is one, says it instead. */
  maxRadiusM: v.optional(
    v.pipe(
      integer(DISPATCH_SETTINGS.maxRadiusM.min, DISPATCH_SETTINGS.maxRadiusM.max),
      v.description(DISPATCH_SETTINGS.maxRadiusM.does),
    ),
    10_000,
  ),
  dispatch: v.optional(dispatchChange, {}),
  proof: v.optional(proofChange, {}),
  pickup: v.optional(shopPickup, null),
  inboundSecrets: v.optional(inboundSecrets, []),
  inboundStaticSecret: v.optional(inboundStaticSecret, null),
});
export type NewShop = v.InferOutput<typeof newShop>;
export const shopQuery = v.object(page);

export const newKey = v.object({
  name: v.optional(text(200), 'key'),
  scopes: v.optional(
    list(v.picklist(SHOP_SCOPES, `must be one of ${SHOP_SCOPES.join(', ')}`), {
      min: 1,
      max: SHOP_SCOPES.length,
      tooFew: 'must have at least one scope',
    }),
    [...SHOP_SCOPES],
  ),
  /** Seconds; without it the key is good until it is withdrawn. */
  expiresInS: v.optional(v.nullable(integer(60, 315_360_000)), null),
});
export type NewKey = v.InferOutput<typeof newKey>;

export const webhookSettings = v.object({
  /** Null: the shop hears nothing. */
  url: v.nullable(webUrl),
  /** Signed with each of them; two during a rotation. */
  secrets: v.optional(list(webhookSecret, { max: 2, tooMany: 'must be one or two' }), []),
  /** Sent as `X-Webhook-Secret`, as the original did. */
  staticSecret: v.optional(v.nullable(staticSecret), null),
  /** Send `DELIVERY_IN_TRANSIT_V1` too. */
  inTransit: v.optional(v.boolean(), false),
  /** Send `DELIVERY_ETA_CHANGED_V1` too. */
  etaChanged: v.optional(v.boolean(), false),
  /** Send `DELIVERY_OFFERED_V1`, `DELIVERY_OFFER_DECLINED_V1` and `DELIVERY_OFFER_EXPIRED_V1` too. */
  offers: v.optional(v.boolean(), false),
  /** Send `DELIVERY_RATED_V1` too. */
  ratings: v.optional(v.boolean(), false),
  /** The shop insists on an endpoint that everybody on the way can read, or that cannot tell who sends: for tests. */
  insecure: v.optional(v.boolean(), false),
});
/** Which failed events to send again; all of the shop if absent. */
export const webhookReplay = v.object({
  eventIds: v.optional(
    list(id('EventId'), { min: 1, max: 1_000, tooFew: 'must name at least one', tooMany: 'must name at most 1000' }),
  ),
});

export type WebhookSettings = v.InferOutput<typeof webhookSettings>;

export type { ShopView } from './shop-answers.ts';
