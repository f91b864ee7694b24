import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { keyId, shopId } from '#shared/contract/nouns.ts';
import { newKey } from '#shared/contract/shops.ts';
import { grantKey, listKeys, revokeKey } from '#shared/flows/shops.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply, settled } from '#shared/http/reply.ts';
import { keyFields, listedKeyView } from '#shared/mappers/views.ts';
import { assertOwn } from './own.ts';

const ofShop = v.object({ id: shopId });

const postKey = endpoint({
  method: 'POST',
  path: '/v1/shops/:id/keys',
  auth: ['operator', 'shop:admin'],
  params: ofShop,
  body: v.optional(newKey, {}),
  handle: async (input, deps: ServiceDeps) => {
    assertOwn(input.principal, input.params.id);
    const caller = callerOf(input);
    const { ran, key } = await grantKey(deps, caller, input.params.id, input.body, deps.apiKeys);
    const { result, headers } = settled(ran);
    switch (result.outcome) {
      case 'created':
        if (key === null) throw new Problem('key_reused', 'Its secret cannot be told again: withdraw it, make another');
        return reply(caller, 201, { ...keyFields({ ...result, id: result.key_id }), key }, headers);
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

const getKeys = endpoint({
  method: 'GET',
  path: '/v1/shops/:id/keys',
  auth: ['operator', 'shop:admin'],
  params: ofShop,
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    assertOwn(principal, params.id);
    if ((await deps.shops.byId(params.id)) === null) throw new Problem('not_found');
    return { status: 200, body: { items: (await listKeys(deps, params.id)).map(listedKeyView) } };
  },
});

/** Also the one that asks. Its sessions in the console end with it. */
const deleteKey = endpoint({
  method: 'DELETE',
  path: '/v1/shops/:id/keys/:keyId',
  auth: ['operator', 'shop:admin'],
  keepsNothing: true,
  params: v.object({ id: shopId, keyId }),
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    assertOwn(principal, params.id);
    if (!(await revokeKey(deps, params.keyId, params.id))) throw new Problem('not_found');
    return { status: 204 };
  },
});

export const keyEndpoints = [postKey, getKeys, deleteKey];
