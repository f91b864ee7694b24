import { describe, expect, test } from 'vitest';
import { allowedNext, DELIVERY_STATUSES, type DeliveryStatus, isActive } from '#shared/domain/delivery.ts';
import type { DriverPrincipal } from '#shared/http/principal.ts';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { north } from '#shared/testing/builders.ts';
import { driverState } from '#shared/testing/flow-deps.ts';
import { stepsTo } from '#shared/testing/steps-to.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

describe('the state machine, over HTTP', () => {
  async function bring(status: DeliveryStatus): Promise<{ id: string; driver: DriverPrincipal }> {
    const driver = await driverAt();
    if (status === 'PENDING') await ask('PUT', `/v1/drivers/${driver.driverId}/status`, { body: { status: 'BUSY' } });
    const { body } = await ask('POST', '/v1/deliveries', { body: order });
    for (const to of status === 'PENDING' ? [] : stepsTo(status)) await request(body.id, to);
    const read = await ask('GET', `/v1/deliveries/${body.id}`);
    if (read.body.status !== status) throw new Error(`brought to ${read.body.status}, not ${status}`);
    return { id: body.id as string, driver };
  }
  const step = (status: string) => ({ status, ...(status === 'FAILED' && { failureCode: 'REFUSED' }) });
  const request = (id: string, to: DeliveryStatus) => {
    if (to === 'CANCELLED') return ask('POST', `/v1/deliveries/${id}/cancel`);
    if (to === 'PENDING') return ask('POST', `/v1/deliveries/${id}/unassign`);
    if (to === 'ASSIGNED') return ask('POST', `/v1/deliveries/${id}/assign`);
    return ask('POST', `/v1/deliveries/${id}/status`, { body: step(to) });
  };
  const pairs = DELIVERY_STATUSES.flatMap((from) =>
    DELIVERY_STATUSES.filter((to) => to !== 'ASSIGNED').map((to) => [from, to] as const),
  );

  test.each(pairs)('%s → %s', async (from, to) => {
    const { id, driver } = await bring(from);
    const before = await ask('GET', `/v1/deliveries/${id}`);
    const answer = await request(id, to);
    const after = await ask('GET', `/v1/deliveries/${id}`);
    const legal = allowedNext(from).includes(to);
    if (legal) {
      expect(answer).toMatchObject({ status: 200, body: { status: to, version: before.body.version + 1 } });
      // What is taken back is looked for again, which may be told before it is read here.
      const added: { type: string }[] = after.body.events.slice(before.body.events.length);
      expect(added.filter(({ type }, n) => n === 0 || type !== 'SEARCHING')).toHaveLength(1);
    } else if (from === to) {
      expect(answer.status).toBe(200);
      expect(after.text).toBe(before.text);
    } else {
      expect(answer).toMatchObject({ status: 409, body: { deliveryStatus: from, allowed: allowedNext(from) } });
      expect(after.text).toBe(before.text);
    }
    expect(after.body.events.map((event: { sequence: number }) => event.sequence)).toEqual(
      Array.from({ length: after.body.version }, (_, n) => n + 1),
    );
    // What failed on its way is still aboard, and goes back.
    const isAboard = after.body.status === 'FAILED' && after.body.pickedUpAt !== null;
    const load = isActive(after.body.status) || isAboard ? 1 : 0;
    expect((await driverState(given.deps.db, driver.driverId)).load).toBe(load);
  });

  test.each(DELIVERY_STATUSES.filter((status) => status !== 'PENDING'))(
    '%s cannot be assigned to the nearest',
    async (from) => {
      const { id } = await bring(from);
      expect(await request(id, 'ASSIGNED')).toMatchObject({
        status: 409,
        body: { type: 'urn:problem:delivery_not_pending' },
      });
    },
  );

  test('proof of delivery is kept and shown', async () => {
    const { id, driver } = await bring('PICKED_UP');
    const proof = {
      photoUrl: 'https://photos.example/1.jpg',
      signatureUrl: 'https://photos.example/1.svg',
      receivedBy: 'Asha',
      note: 'at the door',
    };
    const occurredAt = new Date().toISOString();
    const body = { status: 'DELIVERED', proof, position: north(300), occurredAt };
    expect(await ask('POST', `/v1/deliveries/${id}/status`, { body, as: driver })).toMatchObject({
      status: 200,
      body: { proof, endedAt: occurredAt },
    });
    const { body: read } = await ask('GET', `/v1/deliveries/${id}`);
    expect(read.events.at(-1)).toMatchObject({
      type: 'DELIVERED',
      position: north(300),
      actor: `driver:${driver.driverId}`,
      data: { proof },
    });
  });

  test.each([
    ['years ahead', '2099-01-01T00:00:00.000Z'],
    ['five hours ahead', new Date(Date.now() + 5 * 3_600_000).toISOString()],
    ['years behind', '1999-01-01T00:00:00.000Z'],
    ['five hours behind', new Date(Date.now() - 5 * 3_600_000).toISOString()],
  ])('what a phone with a clock %s says stands in the event’s data alone', async (_, occurredAt) => {
    const { id, driver } = await bring('PICKED_UP');
    const body = { status: 'DELIVERED', occurredAt };
    const { body: delivery } = await ask('POST', `/v1/deliveries/${id}/status`, { body, as: driver });
    const { body: read } = await ask('GET', `/v1/deliveries/${id}`);
    const event = read.events.at(-1);
    expect(event).toMatchObject({ occurredAt: delivery.endedAt, data: { occurredAt } });
    const [sent] = await given.deps.db.run<{ body: string }>(
      `SELECT body FROM dispatch.outbox WHERE delivery_id = $1 AND event = 'DELIVERY_DELIVERED_V1'`,
      [id],
    );
    expect(JSON.parse(sent!.body)).toMatchObject({ occurredAt: delivery.endedAt, data: { occurredAt } });
    // Of when it came: a clock that is wrong makes no way shorter or longer.
    expect(delivery.endedAt).toBe(event.recordedAt);
    expect(Date.parse(delivery.endedAt)).toBeGreaterThan(Date.parse(delivery.pickedUpAt));
  });

  test('the pincode: asked of the driver, never shown to them', async () => {
    const driver = await driverAt();
    const { body } = await ask('POST', '/v1/deliveries', { body: { ...order, pincode: '4711' } });
    expect(body.pincode).toBe('4711');
    const move = (status: string, pincode?: string) =>
      ask('POST', `/v1/deliveries/${body.id}/status`, { body: { status, pincode }, as: driver });
    const picked = await move('PICKED_UP');
    expect(picked.body).toMatchObject({ pincodeRequired: true });
    expect(picked.text).not.toContain('4711');
    expect(await move('DELIVERED')).toMatchObject({ status: 422, body: { errors: [{ pointer: '/pincode' }] } });
    expect(await move('DELIVERED', '1234')).toMatchObject({ status: 422 });
    expect(await move('DELIVERED', '4711')).toMatchObject({ status: 200, body: { status: 'DELIVERED' } });
  });
});
