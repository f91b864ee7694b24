import { describe, expect, test } from 'vitest';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { endpoints } from './server.ts';

const { ask, driverAt } = givenAskingShop(endpoints);

describe('a driver', () => {
  test('is not retired while they carry something, and unknown to search and tokens afterwards', async () => {
    const { driverId } = await driverAt();
    const { body: delivery } = await ask('POST', '/v1/deliveries', { body: order });
    expect(await ask('DELETE', `/v1/drivers/${driverId}`)).toMatchObject({
      status: 409,
      body: { type: 'urn:problem:driver_busy', load: 1 },
    });
    await ask('POST', `/v1/deliveries/${delivery.id}/cancel`);
    expect((await ask('DELETE', `/v1/drivers/${driverId}`)).status).toBe(204);
    expect((await ask('GET', '/v1/drivers')).body.items).toEqual([]);
    expect((await ask('GET', '/v1/drivers?retired=true')).body.items).toHaveLength(1);
    // A late ping of their phone is of no consequence: nobody finds them.
    await ask('POST', `/v1/drivers/${driverId}/location`, { body: HERE });
    expect((await ask('GET', `/v1/drivers/nearest?lat=${HERE.lat}&lon=${HERE.lon}`)).body.drivers).toEqual([]);
  });

  test('who goes OFFLINE with a delivery in hand is OFFLINE when it ends', async () => {
    const me = await driverAt();
    const { body: delivery } = await ask('POST', '/v1/deliveries', { body: order });
    const put = await ask('PUT', `/v1/drivers/${me.driverId}/status`, { body: { status: 'OFFLINE' }, as: me });
    expect(put.body.status).toBe('BUSY');
    await ask('POST', `/v1/deliveries/${delivery.id}/status`, { body: { status: 'PICKED_UP' }, as: me });
    await ask('POST', `/v1/deliveries/${delivery.id}/status`, { body: { status: 'DELIVERED' }, as: me });
    expect((await ask('GET', `/v1/drivers/${me.driverId}/status`, { as: me })).body).toMatchObject({
      status: 'OFFLINE',
      load: 0,
      position: expect.anything(),
    });
  });

  test('named: assigned if they can be, 409 if not; taken over from another before pickup', async () => {
    const far = await driverAt(north(4_000));
    const near = await driverAt(north(10));
    const { body: delivery } = await ask('POST', '/v1/deliveries', { body: order });
    expect(delivery.driverId).toBe(near.driverId);
    const assign = (driverId: string) => ask('POST', `/v1/deliveries/${delivery.id}/assign`, { body: { driverId } });
    expect(await assign(far.driverId)).toMatchObject({ status: 200, body: { driverId: far.driverId, attempt: 2 } });
    await ask('PUT', `/v1/drivers/${near.driverId}/status`, { body: { status: 'OFFLINE' } });
    expect(await assign(near.driverId)).toMatchObject({
      status: 409,
      body: { type: 'urn:problem:driver_unavailable' },
    });
  });
});
