import type { PlannedStopRef } from '#shared/planning/question.ts';
import type { Wish } from './ask.ts';
import type { Actor } from './load.ts';
import { asShop, type Part } from './load-dispatch.ts';
import { soon } from './load-times.ts';
import type { Random } from './random.ts';

/** Drivers asked before one is found who has several stops. */
const ASKED = 4;

/** Somebody puts a driver's stops in another order: the shop all of them, or the driver, who says what is next. */
export async function arrangeStops(actor: Actor): Promise<void> {
  const { ask, random, shop, worker } = actor;
  for (const driver of random.shuffled(shop.drivers).slice(0, ASKED)) {
    const path = `/v1/drivers/${driver.id}/route`;
    const read = asShop(actor, 'read_route', { method: 'GET', path }, driver.id);
    const [route] = (await ask.once(read, worker())).routes;
    if (route === undefined || route.stops.length < 2) continue;
    const part: Part = { method: 'PUT', path, body: { version: route.version, stops: shuffled(route.stops, random) } };
    const said = asShop(actor, 'arrange', part, driver.id);
    const wish: Wish = random.chance(0.5) ? said : { ...said, headers: { authorization: `Bearer ${driver.token}` } };
    await ask.settle(wish, worker());
    if (random.chance(0.1)) await ask.settle(wish, worker());
    return;
  }
}

/** In any order in which each parcel is collected before it is handed over. */
function shuffled(stops: readonly PlannedStopRef[], random: Random): readonly PlannedStopRef[] {
  const left = random.shuffled(stops);
  const order: PlannedStopRef[] = [];
  while (left.length > 0) {
    const next = left.findIndex(
      ({ deliveryId, kind }) =>
        kind === 'pickup' || !left.some((stop) => stop.kind === 'pickup' && stop.deliveryId === deliveryId),
    );
    order.push(...left.splice(next, 1));
  }
  return order;
}

/** A driver gets another vehicle, another box, or an end of their shift, which mostly is taken back soon. */
export async function changeDriver(actor: Actor): Promise<void> {
  const { ask, random, shop, worker } = actor;
  const driver = random.pick(shop.drivers);
  const body = random.pick([
    () => ({ capacity: random.pick([1, 1, 2, 3, 4, 6]) }),
    () => ({ tags: random.chance(0.5) ? ['cold'] : [] }),
    () => ({ tags: random.chance(0.5) ? ['cold'] : [] }),
    () => ({ shiftEndsAt: random.chance(0.25) ? soon(random.between(5, 900)) : null }),
  ])();
  const part: Part = { method: 'PATCH', path: `/v1/drivers/${driver.id}`, body };
  await ask.settle(asShop(actor, 'change_driver', part, driver.id), worker());
}
