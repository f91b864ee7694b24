import { expect, test } from 'vitest';
import { givenAskingShop, key, order } from '#shared/testing/asking-shop.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

/** A delivery with the code 4711 in the hands of a driver, who stands at the door. */
async function atTheDoor() {
  const driver = await driverAt();
  const { body: delivery } = await ask('POST', '/v1/deliveries', { body: { ...order, pincode: '4711' } });
  const path = `/v1/deliveries/${delivery.id}`;
  await ask('POST', `${path}/status`, { body: { status: 'PICKED_UP' }, as: driver });
  const guess = (pincode: string | undefined, headers?: Record<string, string>) =>
    ask('POST', `${path}/status`, { body: { status: 'DELIVERED', pincode }, as: driver, ...(headers && { headers }) });
  const eventsOf = async () =>
    (await ask('GET', path)).body.events.map(({ type }: { type: string }) => type).slice(3) as string[];
  return { path, guess, eventsOf, driver };
}
const codes = (count: number) => Array.from({ length: count }, (_, n) => String(n).padStart(4, '0'));

test('a wrong code says how many are left; after five it is locked, also for the right one', async () => {
  const { path, guess, eventsOf } = await atTheDoor();
  const left = [];
  for (const code of codes(4)) left.push((await guess(code)).body);
  expect(left.map(({ status, triesLeft }) => [status, triesLeft])).toEqual([
    [422, 4],
    [422, 3],
    [422, 2],
    [422, 1],
  ]);
  expect(left[0]).toMatchObject({ type: 'urn:problem:wrong_pincode', detail: 'Wrong code, 4 tries left' });
  expect((await guess(undefined)).body).toMatchObject({ type: 'urn:problem:wrong_pincode', triesLeft: 1 });
  for (const code of ['9999', '4711']) {
    expect((await guess(code)).body).toMatchObject({ type: 'urn:problem:pincode_locked', status: 409, triesLeft: 0 });
  }
  expect(await eventsOf()).toEqual([...Array(4).fill('PIN_MISSED'), 'PIN_LOCKED']);
  expect((await ask('GET', path)).body).toMatchObject({ status: 'PICKED_UP', pincodeTriesLeft: 0 });
});

test('sixteen codes at once: five are tried', async () => {
  const { guess, eventsOf } = await atTheDoor();
  const answers = await Promise.all(codes(16).map((code) => guess(code)));
  const tried = answers.filter(({ body }) => body.type === 'urn:problem:wrong_pincode').length;
  expect(tried).toBe(4);
  expect(answers.every(({ body }) => /wrong_pincode|pincode_locked/.test(body.type))).toBe(true);
  expect((await eventsOf()).sort()).toEqual(['PIN_LOCKED', ...Array(4).fill('PIN_MISSED')]);
});

test('the same request sent again is not another try', async () => {
  const { guess, eventsOf } = await atTheDoor();
  const answers = [];
  for (let n = 0; n < 8; n += 1) answers.push(await guess('0000', key('once').headers));
  expect(answers.map(({ body }) => body.triesLeft)).toEqual(Array(8).fill(4));
  expect(answers.at(-1)?.headers['idempotent-replayed']).toBe('true');
  expect(await eventsOf()).toEqual(['PIN_MISSED']);
});

test('the shop sets another code, or lets it be handed over without', async () => {
  const [first, second] = [await atTheDoor(), await atTheDoor()];
  for (const code of codes(5)) await Promise.all([first.guess(code), second.guess(code)]);
  const other = await ask('PUT', `${first.path}/pincode`, { body: { pincode: '123456' } });
  expect(other.body).toMatchObject({ pincode: '123456', pincodeTriesLeft: 5 });
  expect((await first.guess('4711')).body.triesLeft).toBe(4);
  expect((await first.guess('123456')).status).toBe(200);
  const without = await ask('PUT', `${second.path}/pincode`, { body: { pincode: null } });
  expect(without.body).toMatchObject({ pincode: null, pincodeRequired: false, pincodeTriesLeft: null });
  expect((await second.guess(undefined)).status).toBe(200);
  const late = await ask('PUT', `${second.path}/pincode`, { body: { pincode: null } });
  expect(late.body).toMatchObject({ type: 'urn:problem:conflict_state', deliveryStatus: 'DELIVERED' });
  expect((await ask('PUT', `${first.path}/pincode`, { body: { pincode: null }, as: first.driver })).status).toBe(403);
});

test('misses outlive another driver: only another code forgets them', async () => {
  const { path, guess } = await atTheDoor();
  for (const code of codes(3)) await guess(code);
  await ask('POST', `${path}/status`, { body: { status: 'FAILED', failureCode: 'REFUSED' } });
  expect((await ask('GET', path)).body.pincodeTriesLeft).toBe(2);
});

test('the lock is sent to the shop’s endpoint, the misses before it are not', async () => {
  const webhook = { url: 'https://shop.example/hook', secrets: [`whsec_${'A'.repeat(32)}`] };
  expect((await ask('PUT', `/v1/shops/${given.shop.shopId}/webhook`, { body: webhook })).status).toBe(200);
  const { guess } = await atTheDoor();
  for (const code of codes(5)) await guess(code);
  const rows = await given.deps.db.run<{ event: string }>('SELECT event FROM dispatch.outbox WHERE shop_id = $1', [
    given.shop.shopId,
  ]);
  const sent = rows.map(({ event }) => event).filter((event) => event.includes('PIN'));
  expect(sent).toEqual(['DELIVERY_PIN_LOCKED_V1']);
});
