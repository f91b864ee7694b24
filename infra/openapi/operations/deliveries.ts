import * as answers from '#shared/contract/answers.ts';
import { BERLIN, ORDER } from './examples.ts';
import type { Operation } from './operation.ts';

const deliveryStep = { 200: answers.deliveryView } as const;

export const DELIVERIES = {
  'POST /v1/deliveries': {
    id: 'createDelivery',
    tag: 'Deliveries',
    summary: 'Create a delivery and give it to the nearest driver',
    description: '200 instead of 201: this order has its delivery already. Without coordinates it waits for them.',
    answers: { 201: answers.deliveryView, 200: answers.deliveryView },
    example: ORDER,
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
    summary: 'Change coordinates, contact or notes while PENDING',
    answers: deliveryStep,
    problems: ['delivery_not_pending'],
    example: { dropoff: ORDER.dropoff },
  },
  'POST /v1/deliveries/:id/status': {
    id: 'moveDelivery',
    tag: 'Deliveries',
    summary: 'Report that a delivery has moved on',
    answers: deliveryStep,
    problems: ['conflict_state', 'wrong_pincode'],
    example: { status: 'PICKED_UP', position: BERLIN },
  },
  'POST /v1/deliveries/:id/assign': {
    id: 'assignDelivery',
    tag: 'Deliveries',
    summary: 'Assign to the nearest driver, or to a named one',
    description: '202: nobody could be had now; it goes on waiting.',
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
  'POST /v1/deliveries/:id/cancel': {
    id: 'cancelDelivery',
    tag: 'Deliveries',
    summary: 'Cancel a delivery, before pickup',
    answers: deliveryStep,
    problems: ['conflict_state'],
    example: { note: 'The customer called' },
  },
} as const satisfies Record<string, Operation>;
