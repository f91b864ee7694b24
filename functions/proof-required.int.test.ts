import { expect, test } from 'vitest';
import type { DriverPrincipal } from '#shared/http/principal.ts';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

const asks = (proof: { delivered?: readonly string[]; failed?: readonly string[] }) =>
  ask('PATCH', `/v1/shops/${given.shop.shopId}`, { body: { proof } });

/** A delivery aboard: its driver stands at the door. */
async function atTheDoor(rest: Record<string, unknown> = {}) {
  const driver = await driverAt();
  const { body: delivery } = await ask('POST', '/v1/deliveries', { body: { ...order, ...rest } });
  const path = `/v1/deliveries/${delivery.id}`;
  const step = (body: Record<string, unknown>, as: DriverPrincipal | undefined = driver) =>
    ask('POST', `${path}/status`, { body, ...(as && { as }) });
  await step({ status: 'PICKED_UP' });
  return { id: delivery.id as string, path, driver, step, read: async () => (await ask('GET', path)).body };
}

const SIGNATURE = 'M10 20L30 40L50 20M60 20L60 60';
const ALL = {
  photoUrl: 'https://photos.example/1.jpg',
  signature: SIGNATURE,
  receivedBy: 'A neighbour',
  ageChecked: 18,
} as const;

test('what is asked for and missing is named, and nothing has changed; with it the parcel is delivered', async () => {
  await asks({ delivered: ['photo', 'signature', 'name', 'age18'] });
  const { step, read } = await atTheDoor();
  const before = await read();
  expect(before.proofAsked).toEqual({ delivered: ['photo', 'signature', 'name', 'age18'], failed: [] });
  const refused = await step({ status: 'DELIVERED' });
  expect(refused).toMatchObject({
    status: 422,
    body: {
      type: 'urn:problem:proof_missing',
      missing: ['photo', 'signature', 'name', 'age18'],
      detail: expect.stringContaining('a photograph, a signature'),
    },
  });
  expect((await step({ status: 'DELIVERED', proof: { receivedBy: 'Ada', ageChecked: 16 } })).body.missing).toEqual([
    'photo',
    'signature',
    'age18',
  ]);
  expect(await read()).toEqual(before);
  expect((await step({ status: 'DELIVERED', proof: ALL })).body).toMatchObject({ status: 'DELIVERED', proof: ALL });
});

test.each([
  ['photo', { photoUrl: 'https://photos.example/1.jpg' }],
  ['signature', { signature: SIGNATURE }],
  ['signature', { signatureUrl: 'https://photos.example/1.svg' }],
  ['name', { receivedBy: 'Ada' }],
  ['age16', { ageChecked: 21 }],
  ['age21', { ageChecked: 21 }],
])('%s is brought by %o, and by nothing else', async (part, proof) => {
  await asks({ delivered: [part] });
  const { step } = await atTheDoor();
  const { [Object.keys(proof)[0]!]: _, ...others } = { ...ALL, signatureUrl: 'https://photos.example/1.svg' } as Record<
    string,
    unknown
  >;
  const without = part === 'signature' ? { receivedBy: 'Ada' } : others;
  expect((await step({ status: 'DELIVERED', proof: without })).body.missing).toEqual([part]);
  expect((await step({ status: 'DELIVERED', proof })).status).toBe(200);
});

test('a photograph that this service keeps has to be there, and to be this delivery’s', async () => {
  await asks({ delivered: ['photo'] });
  const [one, other] = [await atTheDoor(), await atTheDoor()];
  const note = 'INSERT INTO dispatch.proof_photo (delivery_id, shop_id) VALUES ($1, $2)';
  await given.deps.db.run(note, [other.id, given.shop.shopId]);
  for (const photoUrl of [`${one.path}/proof`, `${other.path}/proof`, `https://d.example${one.path}/proof`])
    expect((await one.step({ status: 'DELIVERED', proof: { photoUrl } })).body.missing).toEqual(['photo']);
  expect((await other.step({ status: 'DELIVERED', proof: { photoUrl: `${other.path}/proof` } })).status).toBe(200);
});

test('a delivery’s own list counts instead of the shop’s, and may change until it is handed over', async () => {
  await asks({ delivered: ['signature'] });
  const [contactless, strict] = [await atTheDoor({ proofRequired: [] }), await atTheDoor()];
  expect((await contactless.step({ status: 'DELIVERED' })).status).toBe(200);
  const changed = await ask('PATCH', strict.path, { body: { proofRequired: ['name', 'age16'] } });
  expect(changed.body).toMatchObject({ status: 'PICKED_UP', proofRequired: ['name', 'age16'] });
  expect((await strict.read()).events.at(-1)).toMatchObject({ type: 'CHANGED', data: { fields: ['proofRequired'] } });
  expect((await strict.step({ status: 'DELIVERED', proof: { signature: SIGNATURE } })).body.missing).toEqual([
    'name',
    'age16',
  ]);
  expect((await strict.step({ status: 'DELIVERED', proof: ALL })).status).toBe(200);
  expect((await ask('PATCH', strict.path, { body: { proofRequired: ['name'] } })).status).toBe(409);
});

test('what the shop asks when the step comes counts, and not what it asked when the order came', async () => {
  const [early, late] = [await atTheDoor(), await atTheDoor()];
  await asks({ delivered: ['name'] });
  expect((await early.step({ status: 'DELIVERED' })).body.missing).toEqual(['name']);
  await asks({ delivered: [] });
  expect((await late.step({ status: 'DELIVERED' })).status).toBe(200);
  expect((await early.step({ status: 'DELIVERED' })).status).toBe(200);
});

test('the shop itself is asked for nothing', async () => {
  await asks({ delivered: ['photo', 'pin'], failed: ['note'] });
  const { path } = await atTheDoor();
  expect((await ask('POST', `${path}/status`, { body: { status: 'DELIVERED' } })).status).toBe(200);
});

test('a failure brings what the shop asks of one; what an attempt before left is no proof', async () => {
  await asks({ delivered: ['photo'], failed: ['note', 'photo'] });
  const { step, path } = await atTheDoor();
  const failed = { status: 'FAILED', failureCode: 'REFUSED' };
  expect((await step(failed)).body.missing).toEqual(['note', 'photo']);
  expect((await step({ ...failed, note: 'Nobody opens' })).body.missing).toEqual(['photo']);
  const proof = { photoUrl: 'https://photos.example/door.jpg' };
  expect((await step({ ...failed, note: 'Nobody opens', proof })).body).toMatchObject({ status: 'FAILED', proof });
  await ask('POST', `${path}/redeliver`, { body: {} });
  expect((await step({ status: 'DELIVERED' })).body.missing).toEqual(['photo']);
});

test('a parcel that is brought back next is the next stop, and fixed there; kept, it may wait, and the shop is told', async () => {
  const [back, kept] = [await atTheDoor(), await atTheDoor()];
  const failed = { status: 'FAILED', failureCode: 'REFUSED' };
  expect((await back.step({ ...failed, parcel: 'return' })).status).toBe(200);
  expect((await kept.step({ ...failed, parcel: 'keep' })).status).toBe(200);
  const firstOf = async ({ driver: { driverId } }: typeof back) =>
    (await ask('GET', `/v1/drivers/${driverId}/route`)).body.stops[0];
  expect(await firstOf(back)).toMatchObject({ deliveryId: back.id, kind: 'return', pinned: true });
  expect(await firstOf(kept)).toMatchObject({ deliveryId: kept.id, kind: 'return', pinned: false });
  expect((await kept.read()).events.at(-1)).toMatchObject({ type: 'FAILED', data: { parcel: 'keep' } });
  // Tried again it is a dropoff, perhaps for much later: other stops may come first.
  expect((await ask('POST', `${back.path}/redeliver`, { body: {} })).status).toBe(200);
  expect(await firstOf(back)).toMatchObject({ deliveryId: back.id, kind: 'dropoff', pinned: false });
  const other = await atTheDoor();
  expect((await other.step({ status: 'DELIVERED', parcel: 'keep' })).status).toBe(422);
});

test('where the shop asks for a code, an order that comes without one is given one', async () => {
  await asks({ delivered: ['pin', 'name'] });
  const { step, read } = await atTheDoor();
  const { pincode, proofAsked } = await read();
  expect([pincode, proofAsked.delivered]).toEqual([expect.stringMatching(/^\d{4}$/), ['name']]);
  // Named with the rest, and not tried before it: a code that is guessed without the rest costs no try.
  expect((await step({ status: 'DELIVERED' })).body.missing).toEqual(['name', 'pin']);
  expect((await step({ status: 'DELIVERED', pincode: '99999' })).body.missing).toEqual(['name']);
  expect((await read()).pincodeTriesLeft).toBe(5);
  const proof = { receivedBy: 'Ada' };
  expect((await step({ status: 'DELIVERED', proof, pincode })).status).toBe(200);
});

test('the settings are shown as they are, and what is not named stays', async () => {
  expect((await asks({ delivered: ['photo'], failed: ['note'] })).body.proof).toEqual({
    delivered: ['photo'],
    failed: ['note'],
  });
  const both = { dispatch: { economy: 0.5 }, proof: { delivered: ['pin'] } };
  const { body } = await ask('PATCH', `/v1/shops/${given.shop.shopId}`, { body: both });
  expect(body).toMatchObject({ dispatch: { economy: 0.5 }, proof: { delivered: ['pin'], failed: ['note'] } });
  expect((await asks({ delivered: ['iris'] })).status).toBe(422);
});
