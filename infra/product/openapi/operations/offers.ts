import * as v from 'valibot';
import { deliveryView } from '#shared/contract/answers.ts';
import { offerView, openOffers } from '#shared/contract/offers.ts';
import type { Operation } from './operation.ts';

const acceptedOffer = v.object({ offer: offerView, deliveries: v.array(deliveryView) });

/** What drivers are asked where the shop's `dispatch.mode` is `offer` or `broadcast`, and what they say. */
export const OFFERS = {
  'GET /v1/drivers/:id/offers': {
    id: 'listOffers',
    tag: 'Offers',
    summary: 'What a driver may say yes to now; the first to end comes first',
    answers: { 200: openOffers },
  },
  'POST /v1/offers/:id/accept': {
    id: 'acceptOffer',
    tag: 'Offers',
    summary: 'Take what was offered: all of it, or, where that is over, nothing',
    description:
      'Judged by the database’s clock in the statement that assigns. Of several who say yes at once one has it; the others are told so (409). From the shop it is for the driver who was asked.',
    answers: { 200: acceptedOffer },
    problems: ['offer_over'],
  },
  'POST /v1/offers/:id/decline': {
    id: 'declineOffer',
    tag: 'Offers',
    summary: 'Say no: others are asked, and nothing is held against the driver',
    answers: { 200: offerView },
    problems: ['offer_over'],
    example: { reason: 'too_far' },
  },
} as const satisfies Record<string, Operation>;
