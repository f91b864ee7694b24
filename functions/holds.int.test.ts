import { describe, expect, test } from 'vitest';
import { givenAskingShop, key, order } from '#shared/testing/asking-shop.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

const LATER = '2040-01-01T12:00:00.000Z';

async function waiting(): Promise<string> {
  return (await ask('POST', '/v1/deliveries', { body: order })).body.id;
}

describe('hold and release', () => {
  test('a held delivery goes to nobody; released, it is planned at once', async () => {
    const id = await waiting();
    const held = await ask('POST', `/v1/deliveries/${id}/hold`, { body: { until: LATER, note: 'call first' } });
    expect(held).toMatchObject({
      status: 200,
      body: { status: 'PENDING', dispatch: 'paused', heldUntil: LATER, heldReason: 'by_hand' },
    });
    const driver = await driverAt();
    await given.deps.dispatch.plan(given.shop.shopId, true);
    expect((await ask('GET', `/v1/deliveries/${id}`)).body).toMatchObject({ status: 'PENDING', dispatch: 'paused' });
    expect((await ask('GET', '/v1/deliveries?dispatch=paused')).body.items).toMatchObject([{ id }]);
    expect((await ask('POST', `/v1/deliveries/${id}/release`)).body).toMatchObject({ heldUntil: null });
    const { body } = await ask('GET', `/v1/deliveries/${id}`);
    expect(body).toMatchObject({ status: 'ASSIGNED', driverId: driver.driverId });
    expect(body.events.map((event: { type: string }) => event.type)).toEqual([
      'CREATED',
      'SEARCHING',
      'HELD',
      'RELEASED',
      'ASSIGNED',
    ]);
    expect(body.events[2]).toMatchObject({ data: { state: 'paused', reason: 'by_hand', note: 'call first' } });
  });

  test('without a body until somebody releases it', async () => {
    const id = await waiting();
    expect(await ask('POST', `/v1/deliveries/${id}/hold`)).toMatchObject({ status: 200, body: { heldUntil: null } });
  });

  test('what nobody holds is released already', async () => {
    const id = await waiting();
    const { version } = (await ask('GET', `/v1/deliveries/${id}`)).body;
    expect(await ask('POST', `/v1/deliveries/${id}/release`)).toMatchObject({ status: 200, body: { version } });
  });

  test('what a driver has has to be taken back first', async () => {
    await driverAt();
    const id = await waiting();
    for (const step of ['hold', 'release']) {
      expect(await ask('POST', `/v1/deliveries/${id}/${step}`)).toMatchObject({
        status: 409,
        body: { type: 'urn:problem:delivery_not_pending', detail: expect.stringContaining('unassign it first') },
      });
    }
  });

  test('wrong values, other shops, repeated requests', async () => {
    const id = await waiting();
    const path = `/v1/deliveries/${id}/hold`;
    expect(await ask('POST', path, { body: { until: 'tomorrow' } })).toMatchObject({
      status: 422,
      body: { errors: expect.arrayContaining([expect.objectContaining({ pointer: '/until' })]) },
    });
    const { body: before } = await ask('GET', `/v1/deliveries/${id}`);
    expect(await ask('POST', path, { body: { until: '2020-01-01T12:00:00Z' } })).toMatchObject({
      status: 422,
      body: { type: 'urn:problem:time_past', errors: [{ pointer: '/until', detail: 'is not in the future' }] },
    });
    expect((await ask('GET', `/v1/deliveries/${id}`)).body).toEqual(before);
    const elsewhere = { ...given.shop, shopId: '01a21805-1dc3-714e-853d-b13fef2c118b' };
    expect(await ask('POST', path, { as: elsewhere })).toMatchObject({ status: 404 });
    expect(await ask('POST', path, { as: { ...given.shop, scopes: ['read'] } })).toMatchObject({ status: 403 });
    const first = await ask('POST', path, { body: { until: LATER }, ...key('hold-it') });
    await ask('POST', `/v1/deliveries/${id}/release`);
    const second = await ask('POST', path, { body: { until: LATER }, ...key('hold-it') });
    expect(second).toMatchObject({ text: first.text, headers: { 'idempotent-replayed': 'true' } });
    expect((await ask('GET', `/v1/deliveries/${id}`)).body.dispatch).not.toBe('paused');
  });
});
