import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DependencyAway } from '#shared/domain/away.ts';
import { openObjects } from '#shared/objects/open-objects.ts';
import { openAsk } from '#shared/testing/ask.ts';
import { givenAskingShop } from '#shared/testing/asking-shop.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { offersOfShop } from '#shared/testing/offers-of-shop.ts';
import { endpoints as proofs } from './proofs/index.ts';
import { endpoints } from './server.ts';

const DAY_MS = 24 * 3_600_000;
const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex');
const order = {
  pickup: HERE,
  dropoff: { ...north(300), name: 'Kim Kunde', address: 'Rosenstrasse 2', phone: '+49 170 1', notes: 'ring twice' },
  notes: 'fragile',
};
const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

let photos: string;
beforeAll(async () => {
  photos = await mkdtemp(path.join(tmpdir(), 'photos-'));
});
afterAll(() => rm(photos, { recursive: true }));

/** The endpoints of photographs, `laterMs` from now. */
const photoAsk = () => {
  const deps = { ...given.deps, map: null, publicUrl: null, objects: openObjects({ directory: photos, s3: null }) };
  return openAsk(proofs as never, deps, given.shop);
};
const later = (ms: number) => openAsk(endpoints, given.deps, given.shop, () => Date.now() + ms);

test('what is over for a day has no people in it any more, for its driver; the shop sees them', async () => {
  const driver = await driverAt();
  const { body } = await ask('POST', '/v1/deliveries', { body: order });
  const at = `/v1/deliveries/${body.id}`;
  const told = { status: 'DELIVERED', position: HERE, proof: { receivedBy: 'Kim' } };
  for (const move of [{ status: 'PICKED_UP' }, told]) await ask('POST', `${at}/status`, { body: move, as: driver });
  const seen = await later(DAY_MS - 60_000)('GET', at, { as: driver });
  expect(seen.body).toMatchObject({ dropoff: { name: 'Kim Kunde', phone: '+49 170 1' }, notes: 'fragile' });
  for (const answer of [
    await later(DAY_MS + 60_000)('GET', at, { as: driver }),
    await later(DAY_MS + 60_000)('GET', '/v1/deliveries', { as: driver }),
  ]) {
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(body.id);
    expect(answer.text).not.toMatch(/Kim|Rosenstr|\+49|ring twice|fragile|52\.5/);
  }
  expect((await later(DAY_MS + 60_000)('GET', at)).body).toMatchObject({ dropoff: { name: 'Kim Kunde' } });
});

test('a parcel that failed is its driver’s until it is back, however long that takes', async () => {
  const driver = await driverAt();
  const { body } = await ask('POST', '/v1/deliveries', { body: order });
  const at = `/v1/deliveries/${body.id}`;
  for (const move of [{ status: 'PICKED_UP' }, { status: 'FAILED', failureCode: 'REFUSED' }])
    await ask('POST', `${at}/status`, { body: move, as: driver });
  expect((await later(3 * DAY_MS)('GET', at, { as: driver })).body.dropoff.name).toBe('Kim Kunde');
});

test('whoever gave it up sees it no more; the next one sees neither their notes nor their photograph', async () => {
  const first = await driverAt();
  const { body } = await ask('POST', '/v1/deliveries', { body: order });
  const at = `/v1/deliveries/${body.id}`;
  expect((await photoAsk()('POST', `${at}/proof`, { raw: JPEG, as: first })).status).toBe(201);
  const givenUp = await ask('POST', `${at}/unassign`, { body: { note: 'the dog bites' }, as: first });
  expect(givenUp.text).not.toMatch(/Kim|Rosenstr|\+49/);
  const next = await driverAt();
  await ask('POST', `${at}/assign`, { body: { driverId: next.driverId } });
  expect((await ask('GET', at, { as: first })).status).toBe(404);
  expect((await photoAsk()('GET', `${at}/proof`, { as: first })).status).toBe(404);
  const seen = await ask('GET', at, { as: next });
  expect(seen.body).toMatchObject({ driverId: next.driverId, dropoff: { name: 'Kim Kunde' }, failureNote: null });
  expect(seen.text).not.toContain('the dog bites');
  expect(seen.text).not.toContain(first.driverId);
  expect((await photoAsk()('GET', `${at}/proof`, { as: next })).status).toBe(404);
  expect((await photoAsk()('GET', `${at}/proof`)).status).toBe(200);
  expect((await ask('GET', at)).text).toContain('the dog bites');
  expect((await photoAsk()('POST', `${at}/proof`, { raw: JPEG, as: next })).status).toBe(201);
  expect((await photoAsk()('GET', `${at}/proof`, { as: next })).status).toBe(200);
});

test('where there is no photograph the store is not asked: one that may not list its keys refuses what it does not have', async () => {
  const refuse = () => Promise.reject(new DependencyAway('objects', new Error('403')));
  const objects = { put: refuse, get: refuse, remove: refuse };
  const deps = { ...given.deps, map: null, publicUrl: null, objects };
  const photoless = openAsk(proofs as never, deps, given.shop);
  const driver = await driverAt();
  const { body } = await ask('POST', '/v1/deliveries', { body: order });
  const at = `/v1/deliveries/${body.id}`;
  const proof = { photoUrl: 'https://photos.example/1.jpg' };
  for (const move of [{ status: 'PICKED_UP' }, { status: 'DELIVERED', position: HERE, proof }])
    await ask('POST', `${at}/status`, { body: move, as: driver });
  const { body: link } = await ask('GET', `${at}/tracking`);
  for (const path of [`${at}/proof`, `/v1${link.path}/photo`]) expect((await photoless('GET', path)).status).toBe(404);
  expect((await photoless('GET', `${at}/proof`, { as: driver })).status).toBe(404);
});

test('a yes said again shows nobody what is somebody else’s by now, nor what a driver before noted', async () => {
  const { asking, plan, only, accept } = offersOfShop(given);
  await asking('offer');
  const first = await driverAt();
  const { body } = await ask('POST', '/v1/deliveries', { body: order });
  const at = `/v1/deliveries/${body.id}`;
  const offer = await only(first);
  expect((await accept(first, offer.id)).body.deliveries).toMatchObject([
    { id: body.id, dropoff: { name: 'Kim Kunde' } },
  ]);
  await ask('POST', `${at}/unassign`, { body: { note: 'the dog bites' }, as: first });
  const next = await driverAt();
  await plan();
  const accepted = await accept(next, (await only(next)).id);
  expect(accepted.body.deliveries).toMatchObject([{ id: body.id, failureNote: null }]);
  expect(accepted.text).not.toContain('the dog bites');
  const again = await accept(first, offer.id);
  expect(again).toMatchObject({ status: 200, body: { offer: { state: 'accepted' }, deliveries: [] } });
  expect(again.text).not.toMatch(/Kim|Rosenstr|\+49/);
});
