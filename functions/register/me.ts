import type { ServiceDeps } from '#shared/composition/deps.ts';
import type { CallerView } from '#shared/contract/shop-answers.ts';
import { includesScope, SHOP_SCOPES } from '#shared/domain/scopes.ts';
import { readDriver } from '#shared/flows/drivers.ts';
import { listKeys } from '#shared/flows/shops.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import type { Principal } from '#shared/http/principal.ts';
import { Problem } from '#shared/http/problem.ts';

/** Whoever holds a proof may ask whose it is, and what it is good for. */
export const getMe = endpoint({
  method: 'GET',
  path: '/v1/me',
  auth: ['operator', 'shop:read', 'driver'],
  handle: async ({ principal }, deps: ServiceDeps) => ({ status: 200, body: await whoIs(principal, deps) }),
});

const NOBODY: Omit<CallerView, 'kind'> = { shop: null, scopes: [], key: null, driver: null };

async function whoIs(principal: Principal, deps: ServiceDeps): Promise<CallerView> {
  if (principal.kind === 'operator') return { ...NOBODY, kind: 'operator' };
  const row = await deps.shops.byId(principal.shopId);
  if (row === null) throw new Problem('not_found');
  const shop = { id: row.id, slug: row.slug, name: row.name };
  if (principal.kind === 'driver') {
    const driver = await readDriver(deps, principal.shopId, principal.driverId);
    return { ...NOBODY, kind: 'driver', shop, driver: driver && { id: driver.id, name: driver.name } };
  }
  const key = (await listKeys(deps, principal.shopId)).find(({ id }) => id === principal.keyId);
  return {
    ...NOBODY,
    kind: 'shop',
    shop,
    scopes: SHOP_SCOPES.filter((scope) => includesScope(principal.scopes, scope)),
    key: key
      ? { id: key.id, name: key.name, expiresAt: key.expires_at && new Date(key.expires_at).toISOString() }
      : null,
  };
}
