import * as v from 'valibot';
import { cancelled, original, requested, updated, vendureOrder } from '#shared/contract/vendure.ts';

/** The shapes of a shop's message, as a union; the endpoint itself chooses by the fields and parses one of them. */
export const shopMessage = v.union([
  v.object({ ...requested.pipe[0].entries, type: v.literal('delivery.requested') }),
  v.intersect([v.object({ type: v.literal('delivery.updated') }), updated]),
  v.object({ ...cancelled.pipe[0].entries, type: v.literal('delivery.cancelled') }),
  original,
  v.object({ order: vendureOrder }),
  v.object({ event: v.object({ order: vendureOrder }) }),
  // Any other event is understood and ignored (202, `IGNORED`).
  v.object({ event: v.record(v.string(), v.unknown()) }),
  v.object({ type: v.string() }),
]);
