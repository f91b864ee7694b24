import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { driverId } from '#shared/contract/nouns.ts';
import { decline, offerId } from '#shared/contract/offers.ts';
import type { OfferOver } from '#shared/domain/offer.ts';
import { readDriver } from '#shared/flows/drivers.ts';
import { acceptOffer, declineOffer, listOpenOffers } from '#shared/flows/offers.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import type { DriverPrincipal, ShopPrincipal } from '#shared/http/principal.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply, settled } from '#shared/http/reply.ts';
import { offerView } from '#shared/mappers/offer-view.ts';
import { asDriverSees, type DeliveryRow } from '#shared/mappers/seen-by-driver.ts';
import { deliveryView } from '#shared/mappers/views.ts';

const ofOffer = v.object({ id: offerId });

/** In words that may be shown to a driver. */
const WHY = {
  expired: 'It was to be answered earlier; somebody else is asked',
  taken: 'Somebody else was faster',
  cancelled: 'The order was cancelled',
  withdrawn: 'It is no longer offered: something about it has changed',
  declined: 'It was declined before',
  accepted: 'It was accepted before',
  off_duty: 'Whoever takes an order must be AVAILABLE',
  full: 'There is no room for it beside what is in hand',
} as const satisfies Record<OfferOver | 'accepted', string>;

function over(why: OfferOver | 'accepted'): Problem {
  return new Problem('offer_over', WHY[why], { extra: { why } });
}

const seenNow =
  ({ clock }: Pick<ServiceDeps, 'clock'>) =>
  (row: DeliveryRow): DeliveryRow =>
    asDriverSees(row, clock.nowMs());

function by(principal: DriverPrincipal | ShopPrincipal) {
  return { shopId: principal.shopId, driverId: principal.kind === 'driver' ? principal.driverId : null };
}

const getOffers = endpoint({
  method: 'GET',
  path: '/v1/drivers/:id/offers',
  auth: ['driver', 'shop:read'],
  params: v.object({ id: driverId }),
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    const which = { shopId: principal.shopId, driverId: params.id };
    if (principal.kind === 'driver' && principal.driverId !== params.id) throw new Problem('not_found');
    const items = await listOpenOffers(deps, which, deps.clock.nowMs());
    if (items.length === 0 && (await readDriver(deps, which.shopId, params.id)) === null)
      throw new Problem('not_found');
    return { status: 200, body: { items } };
  },
});

const postAccept = endpoint({
  method: 'POST',
  path: '/v1/offers/:id/accept',
  auth: ['driver', 'shop:dispatch'],
  params: ofOffer,
  handle: async (input, deps: ServiceDeps) => {
    const { principal, params } = input;
    const caller = callerOf(input);
    const { result, headers } = settled(await acceptOffer(deps, caller, by(principal), params.id));
    switch (result.outcome) {
      case 'accepted': {
        // Said again, it is answered with them as they are now, which may be somebody else's by then.
        const theirs = ({ driver_id }: DeliveryRow) => driver_id === result.offer.driver_id;
        const rows =
          principal.kind === 'driver' ? result.deliveries.filter(theirs).map(seenNow(deps)) : result.deliveries;
        const deliveries = rows.map((row) => deliveryView(row, principal.kind));
        return reply(caller, 200, { offer: offerView(result.offer), deliveries }, headers);
      }
      case 'over':
        throw over(result.why);
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

const postDecline = endpoint({
  method: 'POST',
  path: '/v1/offers/:id/decline',
  auth: ['driver', 'shop:dispatch'],
  params: ofOffer,
  body: v.optional(decline, {}),
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const answer = { offerId: input.params.id, reason: input.body.reason };
    const { result, headers } = settled(await declineOffer(deps, caller, by(input.principal), answer));
    switch (result.outcome) {
      case 'declined':
        return reply(caller, 200, offerView(result.offer), headers);
      case 'over':
        throw over(result.why);
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

export const offers = [getOffers, postAccept, postDecline];
