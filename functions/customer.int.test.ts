import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';

/*
 * What whoever was sent a tracking link may do with it, as a customer does: without any other proof.
 */

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const SHOP = { lat: 52.5291, lon: 13.4013 };
const DOOR = { lat: 52.5212, lon: 13.4105 };

async function ordered(order: object = {}) {
  const { id } = await stage.api('POST', '/v1/deliveries', { dropoff: DOOR, ...order });
  const { path } = await stage.api('GET', `/v1/deliveries/${id}/tracking`);
  return { id, link: `/v1${path}` };
}

/** Asks without a key. */
async function customer(method: string, path: string, body?: unknown) {
  const response = await fetch(stage.url + path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape
  return { status: response.status, body: (await response.json()) as any };
}

async function driverOf(id: string) {
  const { id: driver } = await stage.api('POST', '/v1/drivers', { name: 'Asha Rao', capacity: 20 });
  const { token } = await stage.api('POST', `/v1/drivers/${driver}/tokens`, {});
  await stage.api('POST', `/v1/drivers/${driver}/location`, SHOP);
  await stage.api('PUT', `/v1/drivers/${driver}/status`, { status: 'AVAILABLE' });
  if ((await stage.api('GET', `/v1/deliveries/${id}`)).driverId !== driver)
    await stage.api('POST', `/v1/deliveries/${id}/assign`, { driverId: driver });
  return { driver, token };
}
const say = (id: string, status: string, more: object = {}) =>
  stage.api('POST', `/v1/deliveries/${id}/status`, { status, ...more });

test('notes for the door and a safe place reach the driver, may be changed and taken away until it is handed over', async () => {
  const { id, link } = await ordered({ dropoff: { ...DOOR, notes: 'from the shop' } });
  const { driver, token } = await driverOf(id);
  const nothing = { doorNotes: null, safePlace: null };
  expect((await customer('GET', link)).body.instructions).toEqual({ ...nothing, changeable: true });
  const asked = { doorNotes: 'Second yard', safePlace: 'Behind the bench' };
  const left = await customer('PUT', `${link}/instructions`, asked);
  expect(left).toMatchObject({ status: 200, body: { instructions: { ...asked, changeable: true } } });
  const seen = await stage.api('GET', `/v1/deliveries/${id}`, undefined, token);
  expect(seen.dropoff).toMatchObject({ ...asked, notes: 'from the shop' });
  expect(seen.events.at(-1)).toMatchObject({
    type: 'CHANGED',
    actor: 'customer',
    driverId: driver,
    data: { fields: ['dropoff.doorNotes', 'dropoff.safePlace'] },
  });
  const { stops } = await stage.api('GET', `/v1/drivers/${driver}/route`, undefined, token);
  expect(stops.find((stop: { kind: string }) => stop.kind === 'dropoff')).toMatchObject(asked);

  await say(id, 'PICKED_UP');
  const { version } = await stage.api('GET', `/v1/deliveries/${id}`);
  expect((await customer('PUT', `${link}/instructions`, asked)).status).toBe(200);
  expect((await stage.api('GET', `/v1/deliveries/${id}`)).version).toBe(version);
  const fewer = await customer('PUT', `${link}/instructions`, { doorNotes: 'Second yard' });
  expect(fewer.body.instructions).toEqual({ doorNotes: 'Second yard', safePlace: null, changeable: true });
  expect((await stage.api('GET', `/v1/deliveries/${id}`)).dropoff).not.toHaveProperty('safePlace');

  await say(id, 'DELIVERED');
  expect((await customer('GET', link)).body.instructions.changeable).toBe(false);
  const late = await customer('PUT', `${link}/instructions`, asked);
  expect(late).toMatchObject({ status: 409, body: { type: 'urn:problem:too_late' } });
});

test('what is too long, and a link that is not genuine or is another’s, change nothing', async () => {
  const [one, other] = [await ordered(), await ordered()];
  const long = await customer('PUT', `${one.link}/instructions`, { doorNotes: 'x'.repeat(501) });
  expect(long).toMatchObject({ status: 422, body: { errors: [{ pointer: '/doorNotes' }] } });
  const forged = `/v1/track/${one.link.slice(-43, -20)}${other.link.slice(-20)}`;
  expect((await customer('PUT', `${forged}/instructions`, { doorNotes: 'x' })).status).toBe(404);
  for (const { id } of [one, other]) {
    expect((await stage.api('GET', `/v1/deliveries/${id}`)).dropoff).not.toHaveProperty('doorNotes');
  }
});

test('whoever changes them for ever is told to stop, and the links of others go on', async () => {
  const [one, other] = [await ordered(), await ordered()];
  const statuses: number[] = [];
  for (let n = 0; n < 31; n += 1) {
    statuses.push((await customer('PUT', `${one.link}/instructions`, { doorNotes: `Yard ${n}` })).status);
  }
  expect(statuses).toEqual([...Array.from({ length: 30 }, () => 200), 429]);
  expect((await customer('PUT', `${other.link}/instructions`, { doorNotes: 'Yard' })).status).toBe(200);
});
