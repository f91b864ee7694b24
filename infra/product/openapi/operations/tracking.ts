import * as live from '#shared/contract/live.ts';
import { trackingView } from '#shared/contract/tracking.ts';
import type { Operation } from './operation.ts';

const PICTURES = { 'image/jpeg': {}, 'image/png': {}, 'image/webp': {} } as const;

/** Arrival, proof, and what the customer sees. */
export const TRACKING = {
  'GET /v1/deliveries/:id/eta': {
    id: 'getDeliveryEta',
    tag: 'Deliveries',
    summary: 'In how many seconds it will be delivered',
    description: 'Null for one that is not on its way, lacks coordinates, or whose driver is nowhere to be seen.',
    answers: { 200: live.etaView },
  },
  'GET /v1/deliveries/:id/tracking': {
    id: 'getTrackingLink',
    tag: 'Deliveries',
    summary: 'The customer’s link',
    answers: { 200: live.trackingLinkView },
  },
  'POST /v1/deliveries/:id/proof': {
    id: 'keepProofPhoto',
    tag: 'Deliveries',
    summary: 'Keep a photograph as proof, before the delivery is reported DELIVERED',
    description:
      'A picture of up to 2 MiB, known by its bytes, whatever `Content-Type` says. It replaces the one before. What a camera wrote into it (place, device) is not kept. The answer’s `photoUrl` goes into the `proof` of `moveDelivery`.',
    takes: PICTURES,
    answers: { 201: live.photoView },
    problems: ['conflict_state'],
  },
  'GET /v1/deliveries/:id/proof': {
    id: 'getProofPhoto',
    tag: 'Deliveries',
    summary: 'The photograph that was kept as proof',
    answers: { 200: null },
    gives: PICTURES,
  },
  'DELETE /v1/deliveries/:id/proof': {
    id: 'deleteProofPhoto',
    tag: 'Deliveries',
    summary: 'Take the photograph away before its time',
    description:
      'For a recipient who asks for it. The rest of the proof stays; photographs elsewhere (`photoUrl` of another host) are not touched. Repeated: 204 again.',
    answers: { 204: null },
  },
  'GET /v1/track/:token': {
    id: 'trackDelivery',
    tag: 'Tracking',
    summary: 'What the customer may know of their delivery',
    description: 'Until a day after its end; then 404.',
    answers: { 200: trackingView },
  },
  'PUT /v1/track/:token/instructions': {
    id: 'leaveInstructions',
    tag: 'Tracking',
    summary: 'Tell the driver how to get to the door, and where to leave it',
    description:
      'By whoever has the link, until it has been handed over; what is absent or null is taken away. The driver is told, and the shop (`DELIVERY_CHANGED_V1`). 30 changes an hour for each delivery.',
    answers: { 200: trackingView },
    problems: ['too_late'],
    example: { doorNotes: 'Second yard, code 4711', safePlace: 'Behind the bench' },
  },
  'PUT /v1/track/:token/rating': {
    id: 'rateDelivery',
    tag: 'Tracking',
    summary: 'Say how it was, once it has been handed over',
    description:
      'By whoever has the link, as long as it leads somewhere: what is said last counts. The shop sees it, and hears of it where it asks to (`DELIVERY_RATED_V1`); the driver does not. It is erased with the recipient.',
    answers: { 200: trackingView },
    problems: ['conflict_state'],
    example: { stars: 5, note: 'On time, and friendly' },
  },
  'GET /v1/track/:token/photo': {
    id: 'getTrackingPhoto',
    tag: 'Tracking',
    summary: 'The photograph of the handed over parcel',
    answers: { 200: null },
    gives: PICTURES,
  },
} as const satisfies Record<string, Operation>;
