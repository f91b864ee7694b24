import { expect, it } from 'vitest';
import type { DispatchClient } from '../dispatch/dispatch-client';
import type { ResolvedOptions } from '../options';
import { ServiceSettingsDesk } from './service-settings';

/** The desk of a shop whose key is that of the shop `bakery`; what it changes at the service is in `changed`. */
function deskOf(shop: string) {
  const changed: string[] = [];
  const client = {
    me: async () => ({ status: 200, body: { shop: { id: 'b', slug: 'bakery', name: 'Bakery' }, scopes: ['admin'] } }),
    shop: async () => ({ status: 200, body: { dispatch: { mode: 'assign' } } }),
    changeShop: async (id: string) => {
      changed.push(id);
      return { status: 200, body: {} };
    },
  };
  const options = { shop } as ResolvedOptions;
  return { desk: new ServiceSettingsDesk(client as unknown as DispatchClient, options), changed };
}

it('shows and changes the settings of the shop that the key is of', async () => {
  const { desk, changed } = deskOf('bakery');
  expect(await desk.read()).toEqual({ dispatch: { mode: 'assign' }, changeable: true, problem: null });
  await desk.change({ mode: 'offer' });
  expect(changed).toEqual(['b']);
});

it('neither shows nor changes those of another shop than the option names', async () => {
  const { desk, changed } = deskOf('butcher');
  const problem = expect.stringContaining('bakery (shop: butcher)');
  expect(await desk.read()).toEqual({ dispatch: null, changeable: false, problem });
  await expect(desk.change({ mode: 'offer' })).rejects.toThrow('bakery (shop: butcher)');
  expect(changed).toEqual([]);
});
