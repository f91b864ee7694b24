import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { shopId } from '#shared/contract/nouns.ts';
import {
  newShop,
  shopChange,
  shopQuery,
  type WebhookSettings,
  webhookReplay,
  webhookSettings,
} from '#shared/contract/shops.ts';
import { changeShop, listShops, readShop, registerShop, setWebhook } from '#shared/flows/shops.ts';
import { listWebhookFailures, replayWebhooks } from '#shared/flows/webhook-failures.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { invalid, Problem } from '#shared/http/problem.ts';
import { callerOf, reply, settled } from '#shared/http/reply.ts';
import { shopView, webhookFailureView } from '#shared/mappers/views.ts';
import { assertOwn } from './own.ts';

const ofShop = v.object({ id: shopId });

const postShop = endpoint({
  method: 'POST',
  path: '/v1/shops',
  auth: ['operator'],
  body: newShop,
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const { result, headers } = settled(await registerShop(deps, caller, input.body));
    switch (result.outcome) {
      case 'created':
        return reply(caller, 201, shopView(result.shop), headers);
      case 'slug_taken':
        throw new Problem('already_exists', 'Another shop has this slug', {
          extra: { errors: [{ pointer: '/slug', detail: 'is taken' }] },
        });
    }
  },
});

const getShops = endpoint({
  method: 'GET',
  path: '/v1/shops',
  auth: ['operator'],
  query: shopQuery,
  handle: async ({ query }, deps: ServiceDeps) => {
    const page = await listShops(deps, { cursor: query.cursor ?? null, limit: query.limit });
    return { status: 200, body: { items: page.items.map(shopView), next: page.next } };
  },
});

const getShop = endpoint({
  method: 'GET',
  path: '/v1/shops/:id',
  auth: ['operator', 'shop:read'],
  params: ofShop,
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    assertOwn(principal, params.id);
    const row = await readShop(deps, params.id);
    if (row === null) throw new Problem('not_found');
    return { status: 200, body: shopView(row) };
  },
});

const patchShop = endpoint({
  method: 'PATCH',
  path: '/v1/shops/:id',
  auth: ['operator', 'shop:admin'],
  params: ofShop,
  body: shopChange,
  handle: async (input, deps: ServiceDeps) => {
    const { principal, params, body } = input;
    assertOwn(principal, params.id);
    const caller = callerOf(input);
    const { result, headers } = settled(await changeShop(deps, caller, params.id, body));
    switch (result.outcome) {
      case 'set':
        return reply(caller, 200, shopView(result.shop), headers);
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

const putWebhook = endpoint({
  method: 'PUT',
  path: '/v1/shops/:id/webhook',
  auth: ['operator', 'shop:admin'],
  params: ofShop,
  body: webhookSettings,
  handle: async (input, deps: ServiceDeps) => {
    const { principal, params } = input;
    assertOwn(principal, params.id);
    if (!deps.webhooks.allowPrivate) assertSecure(input.body);
    const caller = callerOf(input);
    const { result, headers } = settled(await setWebhook(deps, caller, params.id, input.body));
    switch (result.outcome) {
      case 'set':
        return reply(caller, 200, shopView(result.shop), headers);
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

/** An installation that calls its own network is one for tests: there anything goes. */
function assertSecure({ url, secrets, staticSecret, insecure }: WebhookSettings): void {
  if (url === null || insecure) return;
  const insist = 'or say "insecure": true, if this is a test';
  const faults = [
    ...(url.startsWith('https:') ? [] : [{ pointer: '/url', detail: `must be https:// (${insist})` }]),
    ...(secrets.length > 0 || staticSecret !== null
      ? []
      : [{ pointer: '/secrets', detail: `must have one, or there must be a staticSecret (${insist})` }]),
  ];
  if (faults.length > 0) throw invalid(faults);
}

const getWebhookFailures = endpoint({
  method: 'GET',
  path: '/v1/shops/:id/webhook/failures',
  auth: ['operator', 'shop:read'],
  params: ofShop,
  query: shopQuery,
  handle: async ({ principal, params, query }, deps: ServiceDeps) => {
    assertOwn(principal, params.id);
    if ((await deps.shops.byId(params.id)) === null) throw new Problem('not_found');
    const page = await listWebhookFailures(deps, params.id, { cursor: query.cursor ?? null, limit: query.limit });
    return { status: 200, body: { items: page.items.map(webhookFailureView), next: page.next } };
  },
});

const postWebhookReplay = endpoint({
  method: 'POST',
  path: '/v1/shops/:id/webhook/replay',
  auth: ['operator', 'shop:dispatch'],
  params: ofShop,
  body: v.optional(webhookReplay, {}),
  handle: async (input, deps: ServiceDeps) => {
    const { principal, params, body } = input;
    assertOwn(principal, params.id);
    const caller = callerOf(input);
    const { result, headers } = settled(await replayWebhooks(deps, caller, params.id, body.eventIds ?? null));
    switch (result.outcome) {
      case 'replayed':
        return reply(caller, 200, { replayed: result.replayed }, headers);
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

export const shopEndpoints = [
  postShop,
  getShops,
  getShop,
  patchShop,
  putWebhook,
  getWebhookFailures,
  postWebhookReplay,
];
