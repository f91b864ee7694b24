import type { PlanAsked, PlanView } from '../contract/plans.ts';
import type { ShopRow } from '../db/schema.ts';
import { planSettingsOf } from '../dispatch/settings-of-shop.ts';
import { estimatedWays, openPlaces, type Places } from '../dispatch/travel.ts';
import { planView } from '../mappers/plan-view.ts';
import { plan } from '../planning/plan.ts';
import type { DriverOnDuty, OpenDelivery, PlanQuestion } from '../planning/question.ts';

/**
 * As far as the engine comes in the 80 ms after which it cuts a plan short (dispatch/make-plan.ts). Not cut by the clock
 * here: equal questions get equal bytes.
 */
const EFFORT = 80_000;

/**
 * A plan for a question from outside; nothing is read or written. Travel times are the estimate of domain/eta.ts, without
 * what the shop's trips have taught, so that the same question has the same answer tomorrow.
 * @param shop whose settings stand where the question names none
 */
export function answerPlanQuestion(shop: ShopRow, asked: PlanAsked): PlanView {
  const places = openPlaces();
  const ways = estimatedWays(places, 1);
  const question: PlanQuestion = {
    nowMs: Date.parse(asked.now),
    deliveries: asked.deliveries.map((delivery) => deliveryOf(delivery, places)),
    drivers: asked.drivers.map((driver) => onDuty(driver, places)),
    travelS: ways.travelS,
    distanceM: ways.distanceM,
    settings: { ...settingsFor(shop, asked.settings), effort: EFFORT },
  };
  return { ...planView(plan(question)), travel: ways.source };
}

function settingsFor(shop: ShopRow, { policy, maxRadiusM, ...named }: PlanAsked['settings']) {
  return planSettingsOf({
    policy: policy ?? shop.policy,
    max_radius_m: maxRadiusM ?? shop.max_radius_m,
    dispatch: { ...shop.dispatch, ...named },
  });
}

const msOf = (time: string | null | undefined) => (time == null ? undefined : Date.parse(time));
const said = <Value>(value: Value | null | undefined) => value ?? undefined;

function deliveryOf(asked: PlanAsked['deliveries'][number], places: Places): OpenDelivery {
  const end = (at: typeof asked.dropoff) => ({
    place: places.numberOf(at),
    afterMs: msOf(at.after),
    beforeMs: msOf(at.before),
    serviceS: said(at.serviceS),
  });
  return {
    id: asked.id,
    placedAtMs: Date.parse(asked.placedAt),
    pickup: { ...end(asked.pickup), readyAtMs: msOf(asked.pickup.readyAt) },
    dropoff: end(asked.dropoff),
    size: said(asked.size),
    requires: said(asked.requires),
    priority: said(asked.priority),
    hardWindows: said(asked.hardWindows),
    excludedDriverIds: said(asked.excludedDriverIds),
  };
}

function onDuty(asked: PlanAsked['drivers'][number], places: Places): DriverOnDuty {
  return {
    id: asked.id,
    place: places.numberOf(asked.position),
    freeAtMs: msOf(asked.freeAt),
    capacity: said(asked.capacity),
    vehicle: asked.vehicle,
    tags: said(asked.tags),
    shiftEndsAtMs: msOf(asked.shiftEndsAt),
    route: said(asked.route),
  };
}
