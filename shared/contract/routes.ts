import * as v from 'valibot';
import { deliveryId, integer, list, STOPS_MAX, stopKind, text, time } from './nouns.ts';

/* Routes of drivers, holds by hand, and why it was decided so: what is sent, and what is answered (as in answers.ts). */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const id = v.pipe(v.string(), v.uuid());
const moment = v.pipe(v.string(), v.isoTimestamp());

export const routeChange = v.object({
  /** The route's, as it was read. */
  version: integer(0, Number.MAX_SAFE_INTEGER),
  /** All stops, the next one first. */
  stops: list(v.object({ deliveryId, kind: stopKind }), { min: 1, max: STOPS_MAX }),
});
export type RouteChange = v.InferOutput<typeof routeChange>;

const routeStop = v.object({
  deliveryId: id,
  /** Another one: what was read of the delivery is no longer what it is. */
  deliveryVersion: count,
  sellerOrderId: v.nullable(v.string()),
  kind: stopKind,
  lat: v.nullable(v.number()),
  lon: v.nullable(v.number()),
  address: v.nullable(v.string()),
  name: v.exactOptional(v.string()),
  phone: v.exactOptional(v.string()),
  notes: v.exactOptional(v.string()),
  /** What the customer says of the door, and where it may be left. */
  doorNotes: v.exactOptional(v.string()),
  safePlace: v.exactOptional(v.string()),
  plannedAt: v.nullable(moment),
  /** Not before: the goods are not ready, or nobody is there. */
  after: v.nullable(moment),
  before: v.nullable(moment),
  /** Units of the driver's capacity. */
  size: count,
  /** A person has fixed its place in the order: no plan moves it. */
  pinned: v.boolean(),
});
export type RouteStopView = v.InferOutput<typeof routeStop>;

/** What a driver is to do, the next stop first. `version` rises with every change of it, but for a pickup that is made. */
export const routeView = v.object({ driverId: id, version: count, stops: v.array(routeStop) });
export type RouteView = v.InferOutput<typeof routeView>;

/** Without `until` until it is released. */
export const hold = v.object({ until: v.optional(v.nullable(time)), note: v.optional(v.nullable(text(2_000))) });
export type Hold = v.InferOutput<typeof hold>;

const TRAVEL_SOURCES = ['estimate', 'learned', 'routed'] as const;
const decision = v.object({
  at: moment,
  outcome: v.picklist(['assigned', 'held', 'offered', 'unplanned']),
  /** Who got it, or, while it is held, will probably bring it. */
  driverId: v.nullable(id),
  reason: v.string(),
  /** The same for people. */
  sentence: v.string(),
  /** Seconds of customers' waiting that it costs, and what for. */
  costS: v.nullable(v.number()),
  parts: v.nullable(v.record(v.string(), v.number())),
  /** The best others, and how much more each would have cost. */
  alternatives: v.array(v.object({ driverId: id, extraS: v.number() })),
  /** How many drivers could not have it, by why. */
  ruledOut: v.record(v.string(), count),
  plan: v.object({
    id,
    deliveries: v.nullable(count),
    drivers: v.nullable(count),
    rounds: v.nullable(count),
    ms: v.nullable(v.number()),
    travel: v.nullable(v.picklist(TRAVEL_SOURCES)),
  }),
});
export type DecisionView = v.InferOutput<typeof decision>;
export const decisionPage = v.object({ items: v.array(decision), next: v.nullable(id) });
