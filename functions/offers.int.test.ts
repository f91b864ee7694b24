import { beforeEach, describe, expect, test } from 'vitest';
import type { DriverPrincipal } from '#shared/http/principal.ts';
import { givenAskingShop, key } from '#shared/testing/asking-shop.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { offersOfShop } from '#shared/testing/offers-of-shop.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;
const { shop, plan, asking, placed, delivery, typesOf, offersOf, only, accept, decline, kept, later, over } =
  offersOfShop(given);

describe('one driver at a time', () => {
  let near: DriverPrincipal;
  let far: DriverPrincipal;
  beforeEach(async () => {
    await asking('offer');
    near = await driverAt(north(100));
    far = await driverAt(north(2_000));
  });

  test('is asked, has their place kept, and has it with their yes', async () => {
    const id = await placed();
    expect(await delivery(id)).toMatchObject({ status: 'PENDING', dispatch: 'offered', driverId: null });
    expect(await offersOf(far)).toEqual([]);
    expect(await kept(near)).toEqual({ load: 0, reserved: 1 });
    const offer = await only(near);
    expect(offer).toMatchObject({ state: 'open', exclusive: true, wave: 1, size: 1, deliveryIds: [id] });
    expect(offer.expiresInS).toBeGreaterThan(30);
    expect(offer.deliveries).toMatchObject([{ deliveryId: id, plannedPickupAt: expect.stringMatching(/Z$/) }]);
    const accepted = await accept(near, offer.id);
    expect(accepted).toMatchObject({
      status: 200,
      body: { offer: { state: 'accepted' }, deliveries: [{ id, status: 'ASSIGNED', driverId: near.driverId }] },
    });
    expect(await kept(near)).toEqual({ load: 1, reserved: 0 });
    expect(await offersOf(near)).toEqual([]);
    const { body: exported } = await ask('GET', `/v1/drivers/${near.driverId}/export`, { as: near });
    expect(exported.offers).toMatchObject([{ id: offer.id, state: 'accepted', deliveryIds: [id], exclusive: true }]);
    expect(await typesOf(id)).toEqual(expect.arrayContaining(['CREATED', 'OFFERED', 'ASSIGNED']));
    expect((await ask('GET', `/v1/deliveries/${id}/decisions`)).body.items.at(-1)).toMatchObject({
      outcome: 'offered',
      sentence: expect.stringContaining('Offered to'),
    });
  });

  test('says yes twice, with the same key or another, and has it once', async () => {
    const id = await placed();
    const offer = await only(near);
    const path = `/v1/offers/${offer.id}/accept`;
    const first = await ask('POST', path, { as: near, ...key('yes') });
    const again = await ask('POST', path, { as: near, ...key('yes') });
    expect(again.body).toEqual(first.body);
    const other = await ask('POST', path, { as: near, ...key('other') });
    expect(other).toMatchObject({ status: 200 });
    await ask('POST', `/v1/deliveries/${id}/status`, { as: near, body: { status: 'PICKED_UP' } });
    // What was answered under a key is answered again, whatever has become of it.
    expect((await ask('POST', path, { as: near, ...key('other') })).body).toEqual(other.body);
    expect((await typesOf(id)).filter((type) => type === 'ASSIGNED')).toHaveLength(1);
    expect(await kept(near)).toEqual({ load: 1, reserved: 0 });
  });

  test('says no, and the next one is asked; a no twice is a no', async () => {
    const id = await placed();
    const offer = await only(near);
    expect(await decline(near, offer.id)).toMatchObject({
      status: 200,
      body: { state: 'declined', reason: 'too_far' },
    });
    expect(await decline(near, offer.id)).toMatchObject({ status: 200 });
    expect(await accept(near, offer.id)).toMatchObject(over('declined'));
    expect(await kept(near)).toEqual({ load: 0, reserved: 0 });
    expect(await offersOf(near)).toEqual([]);
    expect(await only(far)).toMatchObject({ wave: 2, deliveryIds: [id] });
    const said = (await delivery(id)).events.find(({ type }: { type: string }) => type === 'OFFER_DECLINED');
    expect(said).toMatchObject({ data: { driverId: near.driverId, reason: 'too_far' } });
  });

  test('says nothing: a yes after the time is too late, and the next one is asked', async () => {
    const id = await placed();
    const offer = await only(near);
    await later(61);
    expect(await accept(near, offer.id)).toMatchObject(over('expired'));
    expect(await offersOf(near)).toEqual([]);
    await plan();
    expect(await accept(near, offer.id)).toMatchObject(over('expired'));
    expect(await kept(near)).toEqual({ load: 0, reserved: 0 });
    expect(await only(far)).toMatchObject({ wave: 2, deliveryIds: [id] });
    expect(await typesOf(id)).toContain('OFFER_EXPIRED');
  });

  test('an order that is cancelled or held back meanwhile is no longer there, and the place is free', async () => {
    for (const [step, why] of [
      ['cancel', 'cancelled'],
      ['hold', 'withdrawn'],
    ] as const) {
      const id = await placed();
      const offer = await only(near);
      expect(await ask('POST', `/v1/deliveries/${id}/${step}`)).toMatchObject({ status: 200 });
      expect((await accept(near, offer.id)).body).toMatchObject({ type: 'urn:problem:offer_over' });
      expect((await accept(near, offer.id)).body.why).toMatch(new RegExp(`${why}|withdrawn`));
      expect(await offersOf(near)).toEqual([]);
      expect(await kept(near)).toEqual({ load: 0, reserved: 0 });
    }
  });

  test('an order that becomes another one is offered as it is now; what no trip goes by changes no offer', async () => {
    const id = await placed();
    const offer = await only(near);
    for (const change of [{ notes: 'Ring twice' }, { dropoff: { phone: '+4930123' } }, { priority: 1 }]) {
      expect(await ask('PATCH', `/v1/deliveries/${id}`, { body: change })).toMatchObject({ status: 200 });
      await plan();
      expect(await only(near)).toMatchObject({ id: offer.id });
    }
    const place = north(1_500);
    const changed = await ask('PATCH', `/v1/deliveries/${id}`, { body: { dropoff: place } });
    expect(changed).toMatchObject({ status: 200, body: { dispatch: 'searching', plannedDropoffAt: null } });
    expect(await accept(near, offer.id)).toMatchObject(over('withdrawn'));
    await plan();
    const anew = await only(near);
    expect(anew.id).not.toBe(offer.id);
    expect(anew.deliveries).toMatchObject([{ deliveryId: id, dropoff: place }]);
    expect(await kept(near)).toEqual({ load: 0, reserved: 1 });
    expect(await accept(near, anew.id)).toMatchObject({ status: 200 });
    expect(await kept(near)).toEqual({ load: 1, reserved: 0 });
  });

  test('who goes off duty is no longer asked', async () => {
    const id = await placed();
    const offer = await only(near);
    await ask('PUT', `/v1/drivers/${near.driverId}/status`, { as: near, body: { status: 'OFFLINE' } });
    await plan();
    expect(await kept(near)).toEqual({ load: 0, reserved: 0 });
    expect((await accept(near, offer.id)).status).toBe(409);
    expect(await only(far)).toMatchObject({ deliveryIds: [id] });
  });

  test('a person may give it to the driver who is just being asked, who has no other place', async () => {
    const id = await placed();
    await only(near);
    const given = await ask('POST', `/v1/deliveries/${id}/assign`, { body: { driverId: near.driverId } });
    expect(given).toMatchObject({ status: 200, body: { status: 'ASSIGNED', driverId: near.driverId } });
    expect(await kept(near)).toEqual({ load: 1, reserved: 0 });
  });

  test('nobody answers for somebody else, but their shop may', async () => {
    await placed();
    const offer = await only(near);
    expect(await accept(far, offer.id)).toMatchObject({ status: 404 });
    expect(await decline(far, offer.id)).toMatchObject({ status: 404 });
    expect(await ask('GET', `/v1/drivers/${near.driverId}/offers`, { as: far })).toMatchObject({ status: 404 });
    expect(await ask('POST', `/v1/offers/${offer.id}/accept`)).toMatchObject({
      status: 200,
      body: { offer: { driverId: near.driverId } },
    });
  });

  test('offered as often as the shop wants, it is left to a person, and the shop is told', async () => {
    await asking('offer', { offerWaves: 1 });
    const id = await placed();
    await decline(near, (await only(near)).id, 'no_time');
    await plan();
    expect(await delivery(id)).toMatchObject({ status: 'PENDING', dispatch: 'exhausted' });
    expect(await offersOf(far)).toEqual([]);
    expect((await typesOf(id)).filter((type) => type === 'EXHAUSTED')).toHaveLength(1);
    expect(await ask('POST', `/v1/deliveries/${id}/assign`)).toMatchObject({
      status: 200,
      body: { status: 'ASSIGNED' },
    });
  });

  test('held and released after that, all are asked anew', async () => {
    await asking('offer', { offerWaves: 1 });
    const id = await placed();
    await decline(near, (await only(near)).id, 'no_time');
    await plan();
    expect(await delivery(id)).toMatchObject({ dispatch: 'exhausted' });
    for (const step of ['hold', 'release']) await ask('POST', `/v1/deliveries/${id}/${step}`);
    await plan();
    expect(await delivery(id)).toMatchObject({ status: 'PENDING', dispatch: 'offered' });
  });

  test('a reason that is none is told which there are', async () => {
    await placed();
    const offer = await only(near);
    expect(await decline(near, offer.id, 'bored')).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/reason', detail: expect.stringContaining('too_far') }] },
    });
  });
});

test('the shop hears of offers where its webhook asks for it', async () => {
  const names = async (id: string) =>
    (
      await given.deps.db.run<{ event: string }>(
        'SELECT event FROM dispatch.outbox WHERE delivery_id = $1 ORDER BY seq',
        [id],
      )
    ).map(({ event }) => event);
  await asking('offer');
  const driver = await driverAt(HERE);
  const quiet = await placed();
  await decline(driver, (await only(driver)).id);
  expect(await names(quiet)).toEqual(['DELIVERY_CREATED_V1']);
  await ask('PUT', `${shop()}/webhook`, { body: { url: 'http://127.0.0.1:9/none', offers: true } });
  const told = await placed();
  const [offer] = await offersOf(driver);
  await decline(driver, offer.id);
  expect(await names(told)).toEqual(['DELIVERY_CREATED_V1', 'DELIVERY_OFFERED_V1', 'DELIVERY_OFFER_DECLINED_V1']);
});
