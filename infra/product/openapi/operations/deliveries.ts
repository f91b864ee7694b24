import * as answers from '#shared/contract/answers.ts';
import { BERLIN, ORDER } from './examples.ts';
import type { Operation } from './operation.ts';

const deliveryStep = { 200: answers.deliveryView } as const;

export const DELIVERIES = {
  'POST /v1/deliveries': {
    id: 'createDelivery',
    tag: 'Deliveries',
    summary: 'Create a delivery; it is planned with all that waits, or given to a driver at once',
    description:
      '200 instead of 201: this order has its delivery already. Without coordinates it waits for them. `dispatch` says what it waits for: its time (`scheduled`), a driver to be found (`searching`) or told (`held`).',
    answers: { 201: answers.deliveryView, 200: answers.deliveryView },
    example: {
      ...ORDER,
      pickup: { ...ORDER.pickup, readyAt: '2026-11-22T14:10:00Z' },
      dropoff: { ...ORDER.dropoff, after: '2026-11-22T14:30:00Z', before: '2026-11-22T15:00:00Z' },
      size: 2,
      requires: ['cold'],
    },
  },
  'GET /v1/deliveries': {
    id: 'listDeliveries',
    tag: 'Deliveries',
    summary: 'List deliveries, newest first',
    answers: { 200: answers.deliveryPage },
  },
  'GET /v1/deliveries/:id': {
    id: 'getDelivery',
    tag: 'Deliveries',
    summary: 'Read a delivery with its events',
    answers: { 200: answers.deliveryWithEvents },
  },
  'PATCH /v1/deliveries/:id': {
    id: 'changeDelivery',
    tag: 'Deliveries',
    summary: 'Change places, windows, size, contact or notes until the parcel is picked up',
    description:
      'Afterwards `proofRequired`, and the phone and the notes of the dropoff, until it is handed over; 409 names what comes too late, and nothing is changed. What is absent or null stays (but `cash`, which null takes away); a list replaces the one before; what is so already is no change. The next plan goes by what is new, also where a driver has the order: the webhook `DELIVERY_CHANGED_V1` names the fields in `data.fields`. A driver who can no longer take it (`size`, `requires`, `excludedDriverIds`) gives it back.',
    answers: deliveryStep,
    problems: ['too_late'],
    example: { dropoff: { ...ORDER.dropoff, before: '2026-11-22T16:00:00Z' } },
  },
  'PUT /v1/deliveries/:id/pincode': {
    id: 'setPincode',
    tag: 'Deliveries',
    summary: 'Set another PIN code, or null: hand over without one',
    description: 'Also after pickup, and after it was locked by five wrong codes; those are forgotten then.',
    answers: deliveryStep,
    problems: ['conflict_state'],
    example: { pincode: null },
  },
  'POST /v1/deliveries/:id/status': {
    id: 'moveDelivery',
    tag: 'Deliveries',
    summary: 'Report that a delivery has moved on',
    description:
      'A driver’s step brings what is asked for: with DELIVERED what the delivery asks (`proofRequired`), or else its shop (`proof.delivered`); with FAILED what the shop asks of one (`proof.failed`). Without it 422 `proof_missing` names all of it in `missing`, nothing has changed, and no PIN code was tried. A wrong PIN code (422 `wrong_pincode`) takes one of five tries, which raises `version`; after the fifth it is 409 `pincode_locked` until the shop sets another, and the shop is told (`DELIVERY_PIN_LOCKED_V1`). The shop’s own steps need none of it.',
    answers: deliveryStep,
    problems: ['conflict_state', 'proof_missing', 'wrong_pincode', 'pincode_locked'],
    example: { status: 'PICKED_UP', position: BERLIN },
  },
  'POST /v1/deliveries/:id/assign': {
    id: 'assignDelivery',
    tag: 'Deliveries',
    summary: 'Assign to whoever is best now, or to a named driver',
    description:
      '202: nobody could be had now; it goes on waiting. A named driver is refused by what speaks against them; `override` sets aside what a person may.',
    answers: { 200: answers.deliveryView, 202: answers.deliveryView },
    problems: ['driver_unavailable', 'delivery_not_pending'],
    example: {},
  },
  'POST /v1/deliveries/:id/unassign': {
    id: 'unassignDelivery',
    tag: 'Deliveries',
    summary: 'Take a delivery back from its driver, before pickup',
    answers: deliveryStep,
    problems: ['conflict_state'],
    example: { reason: 'DRIVER_OFFLINE' },
  },
  'POST /v1/deliveries/:id/redeliver': {
    id: 'redeliverDelivery',
    tag: 'Deliveries',
    summary: 'Try again what FAILED, was RETURNED or CANCELLED',
    description:
      'The same delivery, its next `attempt`, from where its parcel is: PICKED_UP by the driver who still has it aboard, else PENDING from the pickup point. Details may be changed with it; of a parcel aboard not where it was collected, nor its size.',
    answers: deliveryStep,
    problems: ['conflict_state', 'too_late'],
    example: { note: 'The customer is at home now', dropoff: { notes: 'Ring at the back' } },
  },
  'POST /v1/erasures': {
    id: 'eraseRecipient',
    tag: 'Deliveries',
    summary: 'Erase a recipient: by delivery, by order, or by telephone number',
    description:
      'Names, numbers, addresses, notes, PIN codes, proofs and photographs go, at once, as retention would take them later. Deliveries under way are left and named. Of a number in a large shop, `next` says that there was no time for all: ask the same again with it as `cursor`, until it is null.',
    answers: { 200: answers.erasureView },
    problems: ['not_found'],
    example: { phone: '+49 30 901820' },
  },
  'POST /v1/deliveries/:id/cancel': {
    id: 'cancelDelivery',
    tag: 'Deliveries',
    summary: 'Cancel a delivery, before pickup',
    answers: deliveryStep,
    problems: ['conflict_state'],
    example: { note: 'The customer called' },
  },
} as const satisfies Record<string, Operation>;
