import * as v from 'valibot';
import { cutText } from '../domain/cut-text.ts';
import { type DeliveryChange, deliveryChange, type NewDelivery, newDelivery } from './deliveries.ts';
import { lat, list, lon, text } from './nouns.ts';
import { countryCode, plainPhone, withWholeNumber } from './phone.ts';

/** What a shop's message asks for. `ignored`: understood, and nothing for us to do. */
export type ShopMessage =
  | { kind: 'requested'; delivery: NewDelivery & { sellerOrderId: string }; handlers?: readonly string[] }
  | { kind: 'updated'; sellerOrderId: string; change: DeliveryChange }
  | { kind: 'cancelled'; sellerOrderId: string; note: string | null }
  /** Is this shop's proof good, and does its own endpoint take what we sign? */
  | { kind: 'ping' }
  | { kind: 'ignored'; why: string };

/** Vendure's database ids come as numbers, its API's as texts; both are opaque here. */
const reference = v.pipe(
  v.union([text(200), v.pipe(v.number(), v.finite())], 'must be a text or a number'),
  v.transform(String),
);

/* A: the events of our plugin. */

export const requested = v.pipe(
  v.object({ ...newDelivery.entries, sellerOrderId: reference, channelId: v.optional(v.nullable(reference)) }),
  v.transform((delivery): ShopMessage => ({ kind: 'requested', delivery })),
);
export const updated = v.pipe(
  v.intersect([v.object({ sellerOrderId: reference }), deliveryChange]),
  v.transform(({ sellerOrderId, ...change }): ShopMessage => ({ kind: 'updated', sellerOrderId, change })),
);
export const cancelled = v.pipe(
  v.object({ sellerOrderId: reference, note: v.optional(v.nullable(text(2_000)), null) }),
  v.transform(({ sellerOrderId, note }): ShopMessage => ({ kind: 'cancelled', sellerOrderId, note })),
);

/* B: the original's hook, bare or in its documented envelope, whose other fields are not needed. */

const originalStop = {
  lat: v.optional(v.nullable(lat)),
  lon: v.optional(v.nullable(lon)),
  address: v.optional(v.nullable(v.union([text(500), v.record(v.string(), v.unknown())]))),
};
export const original = v.pipe(
  v.object({
    sellerOrderId: reference,
    channelId: v.optional(v.nullable(reference)),
    pickup: v.optional(v.object({ ...originalStop, stockLocationId: v.optional(v.nullable(reference)) })),
    drop: v.object(originalStop),
  }),
  v.transform(({ sellerOrderId, channelId, pickup, drop }): ShopMessage => {
    const located = (pickup?.lat ?? null) !== null && (pickup?.lon ?? null) !== null;
    return {
      kind: 'requested',
      delivery: {
        sellerOrderId,
        channelId,
        ...(pickup && located && { pickup: { ...stopOf(pickup), stockLocationId: pickup.stockLocationId } }),
        dropoff: stopOf(drop),
      },
    };
  }),
);

function stopOf(stop: { lat?: number | null | undefined; lon?: number | null | undefined; address?: unknown }) {
  const both = typeof stop.lat === 'number' && typeof stop.lon === 'number';
  const address = typeof stop.address === 'object' && stop.address !== null ? lines(stop.address) : stop.address;
  return { ...(both && { lat: stop.lat, lon: stop.lon }), ...(typeof address === 'string' && { address }) };
}
function lines(address: object): string | null {
  const texts = Object.values(address).filter((value) => typeof value === 'string' && value !== '');
  return texts.length === 0 ? null : cutText(texts.join(', '), 500);
}

/* C: an order as Vendure serializes it. Anything but the code may be missing or odd without losing the order. */

const loose = v.fallback(v.nullable(v.pipe(v.string(), v.trim())), null);
const looseNumber = <S extends v.GenericSchema<number, number>>(schema: S) => v.fallback(v.nullable(schema), null);
const NO_FIELDS = { latitude: null, longitude: null, lat: null, lon: null, lng: null, deliveryNotes: null };
const customFields = v.fallback(
  v.object({
    latitude: looseNumber(lat),
    longitude: looseNumber(lon),
    lat: looseNumber(lat),
    lon: looseNumber(lon),
    lng: looseNumber(lon),
    deliveryNotes: loose,
  }),
  NO_FIELDS,
);
const addressFields = v.object({
  fullName: loose,
  company: loose,
  streetLine1: loose,
  streetLine2: loose,
  postalCode: loose,
  city: loose,
  country: loose,
  countryCode: loose,
  phoneNumber: loose,
  customFields,
});
type ShippingAddress = v.InferOutput<typeof addressFields>;
const NO_ADDRESS: ShippingAddress = {
  fullName: null,
  company: null,
  streetLine1: null,
  streetLine2: null,
  postalCode: null,
  city: null,
  country: null,
  countryCode: null,
  phoneNumber: null,
  customFields: NO_FIELDS,
};
const order = v.object({
  code: text(200),
  state: loose,
  type: loose,
  active: v.fallback(v.nullable(v.boolean()), null),
  shippingAddress: v.fallback(addressFields, NO_ADDRESS),
  channels: v.fallback(v.nullable(list(v.object({ id: reference, code: loose }), { max: 1_000 })), null),
  shippingLines: v.fallback(
    list(v.object({ shippingMethod: v.object({ fulfillmentHandlerCode: v.string() }) }), { max: 100 }),
    [],
  ),
});
type VendureOrder = v.InferOutput<typeof order>;

/** Orders in these states are placed and not yet on their way. COD orders are `PaymentAuthorized`. */
const PLACED = new Set(['PaymentAuthorized', 'PaymentSettled']);

export const vendureOrder = v.pipe(
  order,
  v.transform((placed): ShopMessage => {
    if (placed.type === 'Aggregate')
      return { kind: 'ignored', why: 'an aggregate order: its seller orders are delivered' };
    if (placed.state === 'Cancelled') return { kind: 'cancelled', sellerOrderId: placed.code, note: null };
    if (placed.state !== null && !PLACED.has(placed.state)) {
      return { kind: 'ignored', why: `an order in state ${cutText(placed.state, 50)} is not to be dispatched` };
    }
    return {
      kind: 'requested',
      delivery: {
        sellerOrderId: placed.code,
        channelId: channelOf(placed),
        dropoff: dropoffOf(placed.shippingAddress),
      },
      handlers: placed.shippingLines.map(({ shippingMethod }) => shippingMethod.fulfillmentHandlerCode),
    };
  }),
);

/** Vendure puts every order into its default channel too: the other one says whose it is. */
function channelOf({ channels }: VendureOrder): string | undefined {
  return (channels?.find(({ code }) => code !== '__default_channel__') ?? channels?.[0])?.id;
}

function dropoffOf(address: ShippingAddress): NewDelivery['dropoff'] {
  const { latitude, longitude, deliveryNotes, ...other } = address.customFields;
  const at = { lat: latitude ?? other.lat, lon: longitude ?? other.lon ?? other.lng };
  const street = [address.company, address.streetLine1, address.streetLine2].filter(Boolean).join(', ');
  const town = [address.postalCode, address.city].filter(Boolean).join(' ');
  const line = [street, town, address.country ?? address.countryCode].filter(Boolean).join(', ');
  return withWholeNumber({
    ...(at.lat !== null && at.lon !== null && at),
    address: cutText(line, 500) || null,
    countryCode: countryOf(address.countryCode ?? ''),
    name: cutText(address.fullName ?? '', 200) || null,
    phone: cutText(phoneOf(address.phoneNumber ?? ''), 40) || null,
    notes: cutText(deliveryNotes ?? '', 2_000) || null,
  });
}

function countryOf(said: string): string | null {
  const read = v.safeParse(countryCode, said);
  return read.success ? read.output : null;
}

function phoneOf(said: string): string {
  return plainPhone(said) ?? said;
}

/** Which of the shapes it is, and what it must then hold to. A problem's pointers name the fields as they were sent. */
export const shopMessage = v.lazy((input): v.GenericSchema<unknown, ShopMessage> => {
  const body = isRecord(input) ? input : {};
  if (body.type === 'delivery.requested') return requested as v.GenericSchema<unknown, ShopMessage>;
  if (body.type === 'delivery.updated') return updated as v.GenericSchema<unknown, ShopMessage>;
  if (body.type === 'ping') return PING;
  if (body.type === 'delivery.cancelled') return cancelled as v.GenericSchema<unknown, ShopMessage>;
  if (isRecord(body.order)) return inside('order', vendureOrder);
  if (isRecord(body.event) && isRecord(body.event.order)) return inside('event', inside('order', vendureOrder));
  if ('sellerOrderId' in body || 'drop' in body) return original as v.GenericSchema<unknown, ShopMessage>;
  if (isRecord(body.event) || typeof body.type === 'string') return NO_ORDER;
  return v.pipe(
    v.unknown(),
    v.check(() => false, 'must hold an order: `order`, `event.order`, or `sellerOrderId` with `pickup` and `drop`'),
    v.transform((): ShopMessage => ({ kind: 'ignored', why: '' })),
  );
});

const PING = v.pipe(
  v.unknown(),
  v.transform((): ShopMessage => ({ kind: 'ping' })),
);
const NO_ORDER = v.pipe(
  v.unknown(),
  v.transform((): ShopMessage => ({ kind: 'ignored', why: 'an event without an order' })),
);

function inside(
  key: string,
  schema: v.GenericSchema<unknown, ShopMessage> | typeof vendureOrder,
): v.GenericSchema<unknown, ShopMessage> {
  return v.pipe(
    v.object({ [key]: schema as v.GenericSchema<unknown, ShopMessage> }),
    v.transform((found) => found[key] as ShopMessage),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
