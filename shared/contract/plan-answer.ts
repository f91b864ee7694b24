import * as v from 'valibot';
import { stopKind } from './nouns.ts';

/* A plan as it is answered: as in answers.ts, a schema whose type alone is imported. */

const name = v.string();
const time = v.pipe(v.string(), v.isoTimestamp());
const seconds = v.pipe(v.number(), v.integer());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const planView = v.object({
  /** Of every driver: all stops planned for them, those that they would not be told of yet included. */
  routes: v.array(
    v.object({
      driverId: name,
      stops: v.array(v.object({ deliveryId: name, kind: stopKind, at: time })),
      /** Their route would change now; `reason` says why. */
      tell: v.boolean(),
      reason: v.nullable(
        v.picklist(['must_leave', 'nothing_to_gain', 'held_long_enough', 'taken_over', 'at_once', 'rearranged']),
      ),
    }),
  ),
  /** Better not told yet. `driverId`: who will probably get it; null where it is not planned before `until`. */
  held: v.array(
    v.object({
      deliveryId: name,
      driverId: v.nullable(name),
      until: time,
      reason: v.picklist(['not_ready', 'driver_about_to_be_free', 'may_join_a_trip', 'no_room_yet', 'scheduled']),
    }),
  ),
  /** Nobody can, and what would help. */
  unplanned: v.array(v.object({ deliveryId: name, reason: v.string(), help: v.array(v.string()) })),
  /** Why these drivers and not others: of what is told now, and of what nobody takes. Seconds of a customer's waiting. */
  decisions: v.array(
    v.object({
      deliveryId: name,
      driverId: v.nullable(name),
      costS: v.nullable(seconds),
      /** They add up to `costS`. */
      parts: v.nullable(v.object({ waitingS: seconds, lateS: seconds, drivingS: seconds, otherS: seconds })),
      /** The best others, and what more each would cost. */
      alternatives: v.array(v.object({ driverId: name, extraS: seconds })),
      /** How many could not, by why. */
      ruledOut: v.record(v.string(), count),
    }),
  ),
  costS: seconds,
  /** Of the search; the more, the better the plan. */
  rounds: count,
  /** Where the times of travel come from. */
  travel: v.picklist(['estimate', 'learned', 'routed']),
});
export type PlanView = v.InferOutput<typeof planView>;
