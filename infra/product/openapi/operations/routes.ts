import * as answers from '#shared/contract/answers.ts';
import { decisionPage, routeView } from '#shared/contract/routes.ts';
import { DELIVERY_ID, ROUTE_VERSION } from './examples.ts';
import type { Operation } from './operation.ts';

/** What a driver is to do, in which order, why, and what people have to say to it. */
export const ROUTES = {
  'GET /v1/drivers/:id/route': {
    id: 'getDriverRoute',
    tag: 'Plans',
    summary: 'A driver’s stops, the next one first',
    answers: { 200: routeView },
  },
  'PUT /v1/drivers/:id/route': {
    id: 'setDriverRoute',
    tag: 'Plans',
    summary: 'Put a driver’s stops in another order',
    description:
      'The same stops in another order, and the version that the order was made for. From the shop the order is fixed; from the driver the next stop is, and the rest may be planned anew.',
    answers: { 200: routeView },
    problems: ['route_changed', 'illegal_route'],
    example: {
      version: ROUTE_VERSION,
      stops: [
        { deliveryId: DELIVERY_ID, kind: 'pickup' },
        { deliveryId: DELIVERY_ID, kind: 'dropoff' },
      ],
    },
  },
  'POST /v1/deliveries/:id/hold': {
    id: 'holdDelivery',
    tag: 'Deliveries',
    summary: 'Hold a waiting delivery back, until a time or until it is released',
    answers: { 200: answers.deliveryView },
    problems: ['delivery_not_pending', 'time_past'],
    example: { until: '2040-11-22T16:00:00Z', note: 'The customer called' },
  },
  'POST /v1/deliveries/:id/release': {
    id: 'releaseDelivery',
    tag: 'Deliveries',
    summary: 'Let a delivery that was held back be planned again',
    answers: { 200: answers.deliveryView },
    problems: ['delivery_not_pending'],
  },
  'GET /v1/deliveries/:id/decisions': {
    id: 'listDecisions',
    tag: 'Plans',
    summary: 'Why a delivery was given to whom, or held, or to nobody; newest first',
    answers: { 200: decisionPage },
  },
} as const satisfies Record<string, Operation>;
