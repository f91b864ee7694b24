import * as answers from '#shared/contract/answers.ts';
import { callerLimits } from '#shared/contract/caller-limits.ts';
import * as shopAnswers from '#shared/contract/shop-answers.ts';
import { shopMessage } from '../shop-message.ts';
import { BERLIN, ORDER } from './examples.ts';
import type { Operation } from './operation.ts';

export const SHOPS = {
  'POST /v1/shops': {
    id: 'createShop',
    tag: 'Shops',
    summary: 'Register a shop',
    answers: { 201: shopAnswers.shopView },
    problems: ['already_exists'],
    example: { slug: 'berlin', name: 'Bakery Berlin', pickup: BERLIN, dispatch: { bundle: 'same_pickup' } },
  },
  'GET /v1/shops': { id: 'listShops', tag: 'Shops', summary: 'List shops', answers: { 200: shopAnswers.shopPage } },
  'GET /v1/shops/:id': {
    id: 'getShop',
    tag: 'Shops',
    summary: 'Read a shop, with all its settings',
    answers: { 200: shopAnswers.shopView },
  },
  'PATCH /v1/shops/:id': {
    id: 'changeShop',
    tag: 'Shops',
    summary: 'Change how a shop’s deliveries are dispatched, and what its customers see',
    description:
      'What is not named stays. It counts from the next plan on: at once where it was changed, within 10 s in other processes.',
    answers: { 200: shopAnswers.shopView },
    example: {
      dispatch: { economy: 0.5, maxAboardS: 1_800 },
      customerPage: { color: '#0b6e4f', phone: '+49 30 1234567' },
    },
  },
  'GET /v1/shops/:id/limits': {
    id: 'readShopLimits',
    tag: 'Shops',
    summary: 'What a shop’s callers may ask, where the operator has set it',
    answers: { 200: callerLimits },
  },
  'PUT /v1/shops/:id/limits': {
    id: 'setShopLimits',
    tag: 'Shops',
    summary: 'Set what a shop’s callers may ask',
    description:
      'What is not named is as the service’s environment has it. Whoever asks more is answered 429 with `Retry-After`, `RateLimit-Policy` and `RateLimit`.',
    answers: { 200: callerLimits },
    example: { keyPerMinute: 120_000 },
  },
  'POST /v1/shops/:id/keys': {
    id: 'createShopKey',
    tag: 'Shops',
    summary: 'Make an API key of a shop; its secret is shown once',
    answers: { 201: shopAnswers.keyView },
    example: { name: 'backend', scopes: ['dispatch'] },
  },
  'GET /v1/shops/:id/keys': {
    id: 'listShopKeys',
    tag: 'Shops',
    summary: 'The API keys of a shop, withdrawn ones too, without their secrets',
    answers: { 200: shopAnswers.keyList },
  },
  'DELETE /v1/shops/:id/keys/:keyId': {
    id: 'revokeShopKey',
    tag: 'Shops',
    summary: 'Withdraw an API key, within 10 s everywhere; also the one that asks',
    answers: { 204: null },
  },
  'GET /v1/me': {
    id: 'getMe',
    tag: 'Shops',
    summary: 'Whose proof this is, and what it may do',
    answers: { 200: shopAnswers.callerView },
  },
  'PUT /v1/shops/:id/webhook': {
    id: 'setShopWebhook',
    tag: 'Shops',
    summary: 'Say where the shop hears of its deliveries',
    answers: { 200: shopAnswers.shopView },
    description:
      'https and a secret, unless the shop insists (`insecure`) or the installation calls private addresses anyway.',
    example: { url: 'https://shop.example/hooks/deliveries', secrets: [`whsec_${'A'.repeat(32)}`] },
  },
  'GET /v1/shops/:id/webhook/failures': {
    id: 'listWebhookFailures',
    tag: 'Shops',
    summary: 'Events that did not reach the shop’s endpoint, oldest first',
    answers: { 200: shopAnswers.webhookFailurePage },
  },
  'POST /v1/shops/:id/webhook/replay': {
    id: 'replayWebhooks',
    tag: 'Shops',
    summary: 'Send failed events again, at once; all of the shop, or those named',
    description:
      'At most 5,000 by one request, and none that is due already: ask again while it answers 5,000. The order within a delivery stays.',
    answers: { 200: shopAnswers.webhookReplayView },
    example: {},
  },
} as const satisfies Record<string, Operation>;

const RECEIVED = {
  tag: 'Webhooks',
  description: 'Signed after Standard Webhooks over the raw bytes; or, where the shop allows it, with a static secret.',
  answers: { 202: answers.receivedView },
  problems: ['unauthorized', 'not_found', 'conflict_state', 'key_in_flight', 'key_reused'],
  raw: shopMessage,
  example: { type: 'delivery.requested', ...ORDER },
} as const;
export const OTHERS = {
  'POST /v1/webhooks/vendure/:shop': {
    ...RECEIVED,
    id: 'receiveShopMessage',
    summary: 'A shop’s message about an order',
  },
  'POST /events/seller-order-ready': {
    ...RECEIVED,
    id: 'receiveSellerOrderReady',
    summary: 'The original service’s path, for the shop `default`',
  },
  'GET /health': {
    id: 'getHealth',
    tag: 'Health',
    summary: 'Whether the stores answer; 503 only without Postgres',
    answers: { 200: answers.healthView, 503: answers.healthView },
  },
  'GET /health/ready': {
    id: 'getReadiness',
    tag: 'Health',
    summary: 'The same, for readiness probes',
    answers: { 200: answers.healthView, 503: answers.healthView },
  },
  'GET /health/live': {
    id: 'getLiveness',
    tag: 'Health',
    summary: 'Whether the process runs; asks no store',
    answers: { 200: answers.liveView },
  },
} as const satisfies Record<string, Operation>;
