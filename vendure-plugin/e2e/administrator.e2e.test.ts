import gql from 'graphql-tag';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DRIVER_DISPATCH_OPTIONS } from '../src/constants';
import type { ResolvedOptions } from '../src/options';
import { CANCEL, type Changing, changing, fulfil, linesOf } from './support/changing';
import { eventually } from './support/eventually';
import type { Json } from './support/json';
import { type Loop, notes, openLoop, transition } from './support/loop';
import { CALLBACK_SECRET } from './support/service';
import { checkout, guest, orderOf, stockOf } from './support/shop';

let loop: Loop;
let service: Loop['service'];
let shop: Loop['shop'];
let driver: Loop['driver'];
let deliveryWith: Loop['deliveryWith'];
let orderWith: Loop['orderWith'];
let deliveryShown: Loop['deliveryShown'];
let to: Changing['to'];
let modify: Changing['modify'];
let add: Changing['add'];
let payMore: Changing['payMore'];

beforeAll(async () => {
  loop = await openLoop('administrator');
  ({ service, shop, driver, deliveryWith, orderWith, deliveryShown } = loop);
  ({ to, modify, add, payMore } = changing(shop));
});
afterAll(() => loop?.close());
afterEach(() => loop.clear());

describe('cancelling', () => {
  it('an order before the pickup cancels the delivery and frees the driver', async () => {
    const nora = await driver('Nora');
    const before = await stockOf(shop, 'BREAD');
    const { id, code } = await checkout(shop);
    const { id: deliveryId } = await deliveryWith(code, { status: 'ASSIGNED', driverId: nora.id });
    await shop.adminClient.query(CANCEL, {
      input: { orderId: id, cancelShipping: true, reason: 'changed their mind' },
    });
    await deliveryWith(code, { id: deliveryId, status: 'CANCELLED' });
    await orderWith(id, {
      state: 'Cancelled',
      fulfillments: [{ state: 'Cancelled', delivery: { status: 'CANCELLED' } }],
    });
    expect((await service.ask('GET', `/v1/drivers/${nora.id}/status`)).body).toMatchObject({
      status: 'AVAILABLE',
      load: 0,
    });
    // Booked back once: by the order, and not once more by its fulfillment.
    expect(await stockOf(shop, 'BREAD')).toEqual(before);
  });

  it('one of two pieces, and then the delivery, books back what was taken and keeps what is still wanted', async () => {
    const before = await stockOf(shop, 'BREAD');
    const { id, code } = await checkout(shop, { quantity: 2 });
    const waiting = await deliveryShown(id, { status: 'PENDING' });
    const lines = (await linesOf(shop, id)).map((line) => ({ ...line, quantity: 1 }));
    const input = { orderId: id, lines, cancelShipping: false, reason: 'one is enough' };
    expect((await shop.adminClient.query(CANCEL, { input })).cancelOrder.__typename).toBe('Order');
    await transition(shop, waiting.fulfillments[0].id, 'Cancelled');
    await deliveryWith(code, { status: 'CANCELLED' });
    expect(await stockOf(shop, 'BREAD')).toEqual({ onHand: before.onHand, allocated: before.allocated + 1 });
    await shop.adminClient.query(CANCEL, { input: { orderId: id, cancelShipping: true, reason: 'none at all' } });
    expect(await stockOf(shop, 'BREAD')).toEqual(before);
  });

  it('a fulfillment cancels its delivery; the next one is a delivery of its own', async () => {
    const { id, code } = await checkout(shop);
    const order = await deliveryShown(id, { status: 'PENDING' });
    await transition(shop, order.fulfillments[0].id, 'Cancelled');
    await deliveryWith(code, { status: 'CANCELLED' });
    const lines = await linesOf(shop, id);
    // Three clicks at once are one parcel.
    const clicks = await Promise.all([1, 2, 3].map(() => fulfil(shop, lines)));
    const made = clicks.filter(({ __typename }) => __typename === 'Fulfillment');
    expect(made).toHaveLength(1);
    for (const { message, fulfillmentHandlerError } of clicks.filter((click) => !made.includes(click)))
      expect(fulfillmentHandlerError ?? message).toMatch(/already/);
    await deliveryWith(`${code}/2`, { status: 'PENDING' });
    expect((await orderOf(shop, id)).fulfillments).toHaveLength(2);
  });

  it('and what is added behind the next attempt is sent by itself, once; what came back is not', async () => {
    const { id, code } = await checkout(shop);
    const { fulfillments } = await deliveryShown(id, { status: 'PENDING' });
    await transition(shop, fulfillments[0].id, 'Cancelled');
    await deliveryWith(code, { status: 'CANCELLED' });
    expect((await fulfil(shop, await linesOf(shop, id))).__typename).toBe('Fulfillment');
    const { id: again } = await deliveryWith(`${code}/2`, { status: 'PENDING', notes: '1 x Bread' });
    await add(id, 'BREAD');
    await payMore(id);
    await deliveryWith(`${code}/3`, { status: 'PENDING', notes: '1 x Bread' });
    // The second attempt comes back, too: whether there is a third a person says.
    await service.ask('POST', `/v1/deliveries/${again}/cancel`, {});
    const states = async () => (await orderOf(shop, id)).fulfillments.map((each: Json) => each.state).sort();
    await eventually(async () => expect(await states()).toEqual(['Cancelled', 'Cancelled', 'Pending']));
    await add(id, 'BREAD');
    await payMore(id);
    await deliveryWith(`${code}/4`, { status: 'PENDING', notes: '1 x Bread' });
    expect(await states()).toHaveLength(4);
  });

  it('after the pickup comes too late, and says so to the administrator', async () => {
    await driver('Paula');
    const { id, code } = await checkout(shop);
    const { id: deliveryId } = await deliveryWith(code, { status: 'ASSIGNED' });
    await service.move(deliveryId, 'PICKED_UP');
    await orderWith(id, { state: 'Shipped' });
    await shop.adminClient.query(CANCEL, { input: { orderId: id, cancelShipping: true, reason: 'too late' } });
    await eventually(async () =>
      expect(notes(await orderOf(shop, id), false)).toEqual([expect.stringContaining('could not be cancelled')]),
    );
    expect(await service.deliveryOf(code)).toMatchObject({ status: 'PICKED_UP' });
    await service.move(deliveryId, 'FAILED', { failureCode: 'REFUSED' });
    // Until it is back in the shop Paula comes by there, and would be planned for the orders of the next tests.
    await service.move(deliveryId, 'RETURNED');
  });
});

describe('by hand', () => {
  it('an administrator who ships and delivers tells the service', async () => {
    await driver('Hanna');
    const { id, code } = await checkout(shop);
    const { fulfillments } = await deliveryShown(id, { status: 'ASSIGNED' });
    await transition(shop, fulfillments[0].id, 'Shipped');
    await deliveryWith(code, { status: 'PICKED_UP' });
    await transition(shop, fulfillments[0].id, 'Delivered');
    await deliveryWith(code, { status: 'DELIVERED' });
    await deliveryShown(id, { status: 'DELIVERED' });
  });

  it('calls off a delivery that nobody has, and the goods stay delivered', async () => {
    const { id, code } = await checkout(shop);
    const { fulfillments } = await deliveryShown(id, { status: 'PENDING' });
    await transition(shop, fulfillments[0].id, 'Delivered');
    await deliveryWith(code, { status: 'CANCELLED' });
    await orderWith(id, {
      state: 'Delivered',
      fulfillments: [{ state: 'Delivered', delivery: { status: 'CANCELLED' } }],
    });
  });
});

describe('several parcels of an order that is paid at the door', () => {
  it('have the last one ask for the money, and settle it', async () => {
    await driver('Cora Cash', undefined, 2);
    const { id, code, totalWithTax } = await checkout(shop, { payment: 'cash', quantity: 2 });
    const { fulfillments } = await deliveryShown(id, {});
    await transition(shop, fulfillments[0].id, 'Cancelled');
    const half = (await linesOf(shop, id)).map((line) => ({ ...line, quantity: 1 }));
    for (const _each of [1, 2]) expect((await fulfil(shop, half)).__typename).toBe('Fulfillment');
    const first = await deliveryWith(`${code}/2`, { status: 'ASSIGNED' });
    const last = await deliveryWith(`${code}/3`, { status: 'ASSIGNED' });
    expect(first.dropoff.notes).toBe('Ring twice');
    const collect = `Collect ${(totalWithTax / 100).toFixed(2)} USD at the door. Ring twice`;
    expect(last.dropoff.notes).toBe(collect);
    // Both are told anew, now that both are there: still only one collects.
    await to(id, 'Modifying');
    await modify(id, { updateShippingAddress: { fullName: 'Ada Neighbour' } });
    await to(id, 'PaymentAuthorized');
    const who = (notes: string) => ({ dropoff: expect.objectContaining({ name: 'Ada Neighbour', notes }) });
    await deliveryWith(`${code}/2`, who('Ring twice'));
    await deliveryWith(`${code}/3`, who(collect));
    for (const [parcel, after] of [
      [first, { state: 'PaymentAuthorized', payments: [{ state: 'Authorized' }] }],
      [last, { state: 'Delivered', payments: [{ state: 'Settled' }] }],
    ] as const) {
      await service.move(parcel.id, 'PICKED_UP');
      await service.move(parcel.id, 'DELIVERED');
      await eventually(async () => {
        const order = await orderOf(shop, id);
        const its = order.fulfillments.find((each: Json) => each.delivery.deliveryId === parcel.id);
        expect([order, its]).toMatchObject([after, { state: 'Delivered' }]);
      });
    }
  });
});

describe('the administrator', () => {
  const REASSIGN = gql`mutation ($id: ID!) { reassignDriverDelivery(fulfillmentId: $id) { id delivery { status driverName } } }`;

  it('gives a delivery to another driver', async () => {
    await driver('First', { lat: 52.5201, lon: 13.4051 });
    const { id, code } = await checkout(shop);
    const order = await deliveryShown(id, { status: 'ASSIGNED', driverName: 'First', canReassign: true });
    const second = await driver('Second', { lat: 52.525, lon: 13.41 });
    await shop.adminClient.query(REASSIGN, { id: order.fulfillments[0].id });
    await deliveryWith(code, { status: 'ASSIGNED', driverId: second.id });
    const after = await deliveryShown(id, { status: 'ASSIGNED', driverName: 'Second' });
    expect(notes(after, true)).toHaveLength(2);
  });

  it('is told why nobody else can have it', async () => {
    const { id } = await checkout(shop);
    const { fulfillments } = await deliveryShown(id, { status: 'PENDING' });
    await expect(shop.adminClient.query(REASSIGN, { id: fulfillments[0].id })).rejects.toThrow(/no driver is free/);
  });

  it('sees whether key and secret are right, and when the service was last heard', async () => {
    const health = async () =>
      (
        await shop.adminClient.query(
          gql`{ driverDispatchHealth { reachable keyValid secretMatches callbackWorks lastEventAt waiting problems findings { code value text } } }`,
        )
      ).driverDispatchHealth;
    const well = { reachable: true, keyValid: true, secretMatches: true, callbackWorks: true, problems: [] };
    expect(await health()).toMatchObject({ ...well, lastEventAt: expect.any(String) });
    const options = shop.server.app.get<ResolvedOptions>(DRIVER_DISPATCH_OPTIONS);
    const { apiKey, signingSecrets } = options;
    Object.assign(options, { apiKey: 'dk_e2e_wrongwrongwrongwrong', signingSecrets: [CALLBACK_SECRET] });
    expect(await health()).toMatchObject({ keyValid: false, secretMatches: false });
    const { problems, findings } = await health();
    expect(problems).toEqual([expect.stringContaining('apiKey'), expect.stringContaining('signingSecret')]);
    expect(findings).toEqual([
      { code: 'key', value: null, text: problems[0] },
      { code: 'secret', value: null, text: problems[1] },
    ]);
    Object.assign(options, { apiKey, signingSecrets });
    const { body: me } = await service.ask('GET', '/v1/me');
    const { body: reader } = await service.ask('POST', `/v1/shops/${me.shop.id}/keys`, { scopes: ['read'] });
    Object.assign(options, { apiKey: reader.key });
    expect(await health()).toMatchObject({ keyValid: true, problems: [expect.stringContaining('`dispatch`')] });
    Object.assign(options, { apiKey, shop: 'another' });
    const keyShop = { code: 'key_shop', value: 'default (shop: another)', text: expect.any(String) };
    expect((await health()).findings).toContainEqual(keyShop);
    Object.assign(options, { shop: 'default' });
    // The other way: what the service signs is refused here.
    const { callbackSecrets } = options;
    Object.assign(options, { callbackSecrets: signingSecrets });
    expect(await health()).toMatchObject({
      secretMatches: true,
      callbackWorks: false,
      problems: [expect.stringContaining('callbackSecret')],
    });
    Object.assign(options, { callbackSecrets });
    expect(await health()).toMatchObject(well);
  });

  it('needs the permission to change orders', async () => {
    const { id } = await checkout(shop);
    const order = await deliveryShown(id, { status: 'PENDING' });
    await shop.adminClient.asAnonymousUser();
    await expect(shop.adminClient.query(REASSIGN, { id: order.fulfillments[0].id })).rejects.toThrow(
      /not currently authorized/,
    );
    await shop.adminClient.asSuperAdmin();
  });

  it('need not be one who changes orders, to manage deliveries', async () => {
    const { id } = await checkout(shop);
    const { fulfillments } = await deliveryShown(id, { status: 'PENDING' });
    const { createRole } = await shop.adminClient.query(
      gql`mutation { createRole(input: { code: "dispatcher", description: "", permissions: [ManageDeliveries] }) { id } }`,
    );
    const dispatcher = { emailAddress: 'dispatcher@example.com', password: 'of-a-dispatcher' };
    await shop.adminClient.query(
      gql`mutation ($input: CreateAdministratorInput!) { createAdministrator(input: $input) { id } }`,
      { input: { ...dispatcher, firstName: 'Dee', lastName: 'Dispatcher', roleIds: [createRole.id] } },
    );
    await shop.adminClient.asUserWithCredentials(dispatcher.emailAddress, dispatcher.password);
    await expect(shop.adminClient.query(REASSIGN, { id: fulfillments[0].id })).rejects.toThrow(/no driver is free/);
    const input = { orderId: id, reason: 'not theirs to say' };
    await expect(shop.adminClient.query(CANCEL, { input })).rejects.toThrow(/not currently authorized/);
    await shop.adminClient.asSuperAdmin();
  });

  it('keeps from the customer what is not theirs', async () => {
    await driver('Petra Private');
    const { code } = await checkout(shop);
    await deliveryWith(code, { status: 'ASSIGNED' });
    const { client, errors } = guest(shop);
    const ask = (fields: string) =>
      client(`query ($code: String!) { orderByCode(code: $code) { fulfillments { ${fields} } } }`, { code }).catch(
        () => null,
      );
    await ask('delivery { driverPhone }');
    expect(JSON.stringify(errors)).toContain('Cannot query field');
    expect(await ask('customFields { proof }')).toBeNull();
  });
});
