import gql from 'graphql-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DRIVER_DISPATCH_OPTIONS } from '../src/constants';
import type { ResolvedOptions } from '../src/options';
import { eventually } from './support/eventually';
import type { Json } from './support/json';
import { type Loop, notes, openLoop } from './support/loop';
import { checkout, fill, guest, orderOf } from './support/shop';

let loop: Loop;
let service: Loop['service'];
let shop: Loop['shop'];
let driver: Loop['driver'];
let deliveryWith: Loop['deliveryWith'];
let deliveryShown: Loop['deliveryShown'];

beforeAll(async () => {
  loop = await openLoop('settings');
  ({ service, shop, driver, deliveryWith, deliveryShown } = loop);
});
afterAll(() => loop?.close());

const FIELDS = `service { policy mode offerS offerTo maxRadiusM bundle promiseS } serviceChangeable serviceProblem
  shop { deliveryRadiusM preparationMinutes hours windows windowDays windowCapacity tellCustomer }
  pickupPoints { stockLocationId name latitude longitude address phone } mapTileUrl mapAttribution`;
const settings = async (): Promise<Json> =>
  (await shop.adminClient.query(gql(`{ driverDispatchSettings { ${FIELDS} } }`))).driverDispatchSettings;
const change = async (input: object): Promise<Json> =>
  (
    await shop.adminClient.query(
      gql(
        `mutation ($input: UpdateDriverDispatchSettingsInput!) { updateDriverDispatchSettings(input: $input) { ${FIELDS} } }`,
      ),
      { input },
    )
  ).updateDriverDispatchSettings;
const UNSET = {
  deliveryRadiusM: null,
  preparationMinutes: null,
  hours: null,
  windows: null,
  windowDays: null,
  windowCapacity: null,
  tellCustomer: null,
};
afterEach(async () => {
  await loop.clear();
  await change({ service: { mode: 'assign' }, shop: UNSET });
});

/** As the service keeps them. */
const kept = async (): Promise<Json> => {
  const { body: me } = await service.ask('GET', '/v1/me');
  return (await service.ask('GET', `/v1/shops/${me.shop.id}`)).body.dispatch;
};

describe('how the service dispatches', () => {
  it('is changed in the admin, kept by the service, and followed by the next order', async () => {
    expect(await settings()).toMatchObject({
      service: { mode: 'assign' },
      serviceChangeable: true,
      serviceProblem: null,
    });
    const nora = await driver('Nora');
    expect((await change({ service: { mode: 'offer', offerS: 120 } })).service).toMatchObject({
      mode: 'offer',
      offerS: 120,
    });
    expect(await kept()).toMatchObject({ mode: 'offer', offerS: 120, policy: 'planned' });
    const { code } = await checkout(shop);
    const { id } = await deliveryWith(code, { status: 'PENDING', dispatch: 'offered' });
    const { body } = await service.ask('GET', `/v1/drivers/${nora.id}/offers`);
    expect(body.items).toMatchObject([{ state: 'open', deliveryIds: [id] }]);
  });

  it('is refused in the words of the service, and then the shop has changed nothing either', async () => {
    const wrong = { service: { offerS: 1 }, shop: { deliveryRadiusM: 4_000 } };
    await expect(change(wrong)).rejects.toThrow(/offerS must be .*5/);
    expect((await settings()).shop.deliveryRadiusM).toBeNull();
  });

  it('is shown and not changed where the key may not, and the answer says what it lacks', async () => {
    const { body: me } = await service.ask('GET', '/v1/me');
    const made = await service.ask('POST', `/v1/shops/${me.shop.id}/keys`, { scopes: ['dispatch', 'read'] });
    const options = shop.server.app.get<ResolvedOptions>(DRIVER_DISPATCH_OPTIONS);
    const { apiKey } = options;
    Object.assign(options, { apiKey: made.body.key });
    expect(await settings()).toMatchObject({
      service: { mode: 'assign' },
      serviceChangeable: false,
      serviceProblem: expect.stringContaining('`admin`'),
    });
    await expect(change({ service: { mode: 'offer' } })).rejects.toThrow(/lacks the scope `admin`/);
    Object.assign(options, { apiKey: 'dk_e2e_wrongwrongwrongwrong' });
    expect(await settings()).toMatchObject({ service: null, serviceProblem: expect.stringContaining('apiKey') });
    Object.assign(options, { apiKey });
    expect(await kept()).toMatchObject({ mode: 'assign' });
  });
});

describe('what belongs to the shop', () => {
  it('the pickup point of a stock location is where the next order is collected', async () => {
    const [point] = (await settings()).pickupPoints;
    const { stockLocationId, latitude, longitude } = point;
    const moved = { stockLocationId, latitude: 52.51, longitude: 13.39, address: 'Hausvogteiplatz 2' };
    expect((await change({ pickupPoints: [moved] })).pickupPoints).toMatchObject([{ ...moved, phone: point.phone }]);
    const { code } = await checkout(shop);
    const { pickup } = await deliveryWith(code, { status: 'PENDING' });
    expect(pickup).toMatchObject({ lat: 52.51, lon: 13.39, address: 'Hausvogteiplatz 2' });
    await expect(change({ pickupPoints: [{ stockLocationId, latitude: null }] })).rejects.toThrow(/longitude/);
    await expect(change({ pickupPoints: [{ stockLocationId, latitude: 91 }] })).rejects.toThrow(/in degrees/);
    await change({ pickupPoints: [{ stockLocationId, latitude, longitude, address: point.address }] });
  });

  it('the delivery radius decides who is offered a driver, over what the shipping method says', async () => {
    const ours = async () => {
      const { client } = guest(shop);
      await fill(client, shop, {});
      const { eligibleShippingMethods } = await client(`{ eligibleShippingMethods { code } }`);
      return eligibleShippingMethods.map(({ code }: Json) => code).includes('driver');
    };
    expect(await ours()).toBe(true);
    await change({ shop: { deliveryRadiusM: 500 } });
    // The customer's door is a mile away, and the method would go fifteen kilometres.
    await expect(ours()).rejects.toThrow('IneligibleShippingMethodError');
    await change({ shop: { deliveryRadiusM: null } });
    expect(await ours()).toBe(true);
  });

  it('outside its hours nothing is collected before it opens, and then once it is prepared', async () => {
    // The day that is now in the customers' zone, and the one after it, are closed: whatever the clock says.
    const today = new Date(Date.now() + 5.5 * 3_600_000);
    const hours = Array.from({ length: 7 }, (_, day) => (day === (today.getUTCDay() + 1) % 7 ? '10-12' : ''));
    await change({ shop: { hours, preparationMinutes: 15 } });
    const { code } = await checkout(shop);
    const { pickup } = await deliveryWith(code, { status: 'PENDING' });
    today.setUTCDate(today.getUTCDate() + 2);
    // A quarter past ten in Kolkata.
    expect(pickup.readyAt).toBe(`${today.toISOString().slice(0, 10)}T04:45:00.000Z`);
    await expect(change({ shop: { hours: ['10-12'] } })).rejects.toThrow(/seven/);
  });

  it('windows are offered by the methods that name none, with so many orders for each', async () => {
    const free = async (method: string) => {
      const { deliverySlots } = await guest(shop).client(
        `query ($id: ID!) { deliverySlots(shippingMethodId: $id) { after before } }`,
        { id: method },
      );
      return deliverySlots;
    };
    const { driver: ours, windows: own, post } = shop.methods as Record<'driver' | 'windows' | 'post', string>;
    const before = await free(own);
    expect(await free(ours)).toEqual([]);
    await change({ shop: { windows: '9-10', windowDays: 3, windowCapacity: 1 } });
    const slots = await free(ours);
    expect(slots.length).toBeGreaterThanOrEqual(2);
    expect(new Date(slots[0].after).toISOString()).toContain('T03:30:00');
    expect(await free(own)).toEqual(before);
    expect(await free(post)).toEqual([]);
    const { client } = guest(shop);
    await fill(client, shop, {});
    const { after } = slots[1];
    await client(`mutation { transitionOrderToState(state: "AddingItems") { __typename } }`);
    await client(`mutation ($after: DateTime) { setDeliverySlot(after: $after) { id } }`, { after });
    expect((await free(ours)).map((slot: Json) => slot.after)).not.toContain(after);
  });

  it('the customer is told of what the shop wants them to be told of', async () => {
    await change({ shop: { tellCustomer: ['DELIVERED'] } });
    await driver('Olga');
    const { id } = await checkout(shop);
    await deliveryShown(id, { status: 'ASSIGNED' });
    await eventually(async () =>
      expect(notes(await orderOf(shop, id), false)).toEqual([expect.stringContaining('is with Olga')]),
    );
    expect(notes(await orderOf(shop, id), true)).toEqual([]);
  });

  it('needs the permission to change settings', async () => {
    await shop.adminClient.asAnonymousUser();
    await expect(settings()).rejects.toThrow(/not currently authorized/);
    await expect(change({ shop: {} })).rejects.toThrow(/not currently authorized/);
    await shop.adminClient.asSuperAdmin();
  });
});
