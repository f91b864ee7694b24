import * as v from 'valibot';
import { deliveryView, driverView } from './answers.ts';
import { cursor } from './nouns.ts';

/* What is answered about a shop at work: as in answers.ts, schemas whose types alone are imported. */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const seconds = v.nullable(count);
const id = v.pipe(v.string(), v.uuid());

/** Driver, latitude, longitude, and when (ms since 1970, the phone's clock; 0 where it is not known). */
const positionTuple = v.tuple([id, v.number(), v.number(), v.number()]);
export type PositionTuple = Readonly<v.InferOutput<typeof positionTuple>>;

export const changesView = v.object({
  /** For `after`, or `Last-Event-ID`. */
  cursor,
  /** These are all there are: forget what was known before. */
  full: v.boolean(),
  deliveries: v.array(deliveryView),
  drivers: v.array(driverView),
  /** What happened, in words of `delivery_event.type`, one for each delivery that changed. */
  events: v.array(v.object({ deliveryId: id, type: v.string() })),
  /** Where the next page begins, of an answer asked for in pages; null after the last. */
  more: v.optional(v.nullable(id)),
});
export type ChangesView = v.InferOutput<typeof changesView>;

export const positionsView = v.object({ positions: v.array(positionTuple) });

/** In the stream: drivers who moved since the last message, and those not heard from for 60 s. */
export const movesView = v.object({ ...positionsView.entries, silent: v.array(id) });

export const statsView = v.object({
  waiting: count,
  onTheWay: count,
  created: count,
  delivered: count,
  cancelled: count,
  failed: v.array(v.object({ code: v.string(), count })),
  /** Seconds in the median; null where there was none. */
  medianAssignS: seconds,
  medianDeliverS: seconds,
  /** What customers said of what was delivered; `average` of 1 to 5 stars, null where nobody said anything. */
  ratings: v.object({
    count,
    average: v.nullable(v.number()),
    drivers: v.array(v.object({ driverId: id, count, average: v.number() })),
  }),
  /** One entry per hour that had any, oldest first. */
  hours: v.array(v.object({ hour: v.pipe(v.string(), v.isoTimestamp()), created: count, delivered: count })),
});
export type StatsView = v.InferOutput<typeof statsView>;

/** Both null: it is not on its way, lacks coordinates, or its driver is nowhere to be seen. */
export const etaView = v.object({ etaS: seconds, source: v.nullable(v.picklist(['routing', 'estimate'])) });

/** `url` is null where no PUBLIC_URL is set. */
export const trackingLinkView = v.object({ path: v.string(), url: v.nullable(v.string()) });

export const photoView = v.object({ photoUrl: v.string() });
