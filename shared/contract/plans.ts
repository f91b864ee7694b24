import * as v from 'valibot';
import { demands, endsAfterItBegins, visit } from './deliveries.ts';
import { VEHICLES } from './drivers.ts';
import { integer, list, pathTo, position, STOPS_MAX, stopKind, tags, text, time } from './nouns.ts';
import { contradictionsIn } from './plan-contradictions.ts';
import { dispatchChange } from './shops.ts';

/* A question for a plan: what if these deliveries waited, and these drivers were on duty? */

const DELIVERIES_MAX = 300;
const DRIVERS_MAX = 150;

/** Of the caller's own making: nothing is looked up. */
const name = text(100);

const delivery = v.object({
  id: name,
  placedAt: time,
  pickup: v.pipe(
    v.object({ ...position.entries, ...visit, readyAt: v.optional(v.nullable(time)) }),
    endsAfterItBegins(),
  ),
  dropoff: v.pipe(v.object({ ...position.entries, ...visit }), endsAfterItBegins()),
  ...demands,
  excludedDriverIds: v.optional(v.nullable(list(name, { max: 100 }))),
});

const stop = v.object({ deliveryId: name, kind: stopKind });

const driver = v.object({
  id: name,
  /** Where they are, or will be at `freeAt`. */
  position,
  /** When they can go on; now, if absent. */
  freeAt: v.optional(v.nullable(time)),
  capacity: v.optional(v.nullable(integer(1, 100))),
  vehicle: v.optional(v.nullable(v.picklist(VEHICLES, `must be one of ${VEHICLES.join(', ')}`))),
  tags: v.optional(v.nullable(tags)),
  shiftEndsAt: v.optional(v.nullable(time)),
  /** What they were told, next stop first. A delivery whose pickup is not here but whose end is, is aboard. */
  route: v.optional(v.nullable(list(stop, { max: STOPS_MAX }))),
});

export const planQuestion = v.pipe(
  v.object({
    now: time,
    /** Instead of the shop's own, as far as they are named. */
    settings: v.optional(dispatchChange, {}),
    drivers: list(driver, { max: DRIVERS_MAX }),
    deliveries: list(delivery, { max: DELIVERIES_MAX }),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const { path, message } of contradictionsIn(dataset.value))
      addIssue({ message, path: pathTo(dataset.value, ...path) });
  }),
);
export type PlanAsked = v.InferOutput<typeof planQuestion>;

export type { PlanView } from './plan-answer.ts';
