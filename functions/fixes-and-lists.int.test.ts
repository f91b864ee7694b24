import { describe, expect, test } from 'vitest';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { project } from '#shared/testing/flow-deps.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

describe('fixes and lists', () => {
  test('a batch: newest wins, outdated and unknown are counted, results on request', async () => {
    const [a, b] = [await driverAt(), await driverAt()];
    const now = Date.now();
    const at = (ms: number) => new Date(now + ms).toISOString();
    const fixes = [
      { driverId: a.driverId, ...north(100), recordedAt: at(-1_000) },
      { driverId: a.driverId, ...north(900), recordedAt: at(-9_000) },
      { driverId: b.driverId, ...north(200), recordedAt: at(0) },
      { driverId: '01a205a1-8b18-7352-8761-b07d38212328', ...north(1) },
    ];
    const answer = await ask('POST', '/v1/locations', { body: { fixes, details: true } });
    expect(answer).toMatchObject({ status: 200, body: { accepted: 2, outdated: 1, unknown: 1 } });
    expect(answer.body.results.map((result: { outcome: string }) => result.outcome)).toEqual([
      'accepted',
      'outdated',
      'accepted',
      'unknown',
    ]);
    const { body } = await ask('GET', `/v1/drivers/nearest?lat=${HERE.lat}&lon=${HERE.lon}`);
    expect(body.drivers).toMatchObject([
      { driverId: a.driverId, distanceM: expect.closeTo(100, 0) },
      { driverId: b.driverId, distanceM: expect.closeTo(200, 0) },
    ]);
  });

  test('a fix far too vague counts as contact only', async () => {
    const me = await driverAt();
    await ask('POST', `/v1/drivers/${me.driverId}/location`, { body: { ...north(800), accuracyM: 5_000 }, as: me });
    const { body } = await ask('GET', `/v1/drivers/nearest?lat=${HERE.lat}&lon=${HERE.lon}`);
    expect(body.drivers[0].distanceM).toBeLessThan(1);
  });

  test('one that is wrong refuses none beside it; where all are, it says why', async () => {
    const me = await driverAt();
    const good = { driverId: me.driverId, ...north(100) };
    const fixes = [good, { ...good, lat: 91 }, { lat: 1, lon: 1 }, null];
    expect(await ask('POST', '/v1/locations', { body: { fixes, details: true } })).toMatchObject({
      status: 200,
      body: {
        accepted: 1,
        invalid: 3,
        results: [
          { driverId: me.driverId, outcome: 'accepted' },
          { driverId: null, outcome: 'invalid' },
          { driverId: null, outcome: 'invalid' },
          { driverId: null, outcome: 'invalid' },
        ],
      },
    });
    expect(await ask('POST', '/v1/locations', { body: { fixes: [{ ...good, lat: 91 }] } })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/fixes/0/lat' }] },
    });
  });

  test.each([
    ['nowhere', { lat: 0, lon: 0 }],
    ['of no known accuracy', { ...north(800), accuracyM: -1 }],
    ['of an accuracy that the phone does not know', { ...north(800), accuracyM: null }],
  ])('a fix %s is contact only', async (_, body) => {
    const me = await driverAt();
    const before = (await ask('GET', `/v1/drivers/${me.driverId}/status`)).body;
    expect((await ask('POST', `/v1/drivers/${me.driverId}/location`, { body, as: me })).status).toBe(200);
    const after = (await ask('GET', `/v1/drivers/${me.driverId}/status`)).body;
    expect(after).toMatchObject({ position: before.position, positionAt: before.positionAt });
  });

  test('a phone that counts from another year is taken at its arrival; one whose clock went back shows how old its place is', async () => {
    const me = await driverAt();
    const status = async () => (await ask('GET', `/v1/drivers/${me.driverId}/status`)).body;
    const report = (metres: number, recordedAt: number) =>
      ask('POST', `/v1/drivers/${me.driverId}/location`, {
        body: { ...north(metres), recordedAt: new Date(recordedAt).toISOString() },
        as: me,
      });
    // Seconds since 2001.
    expect((await report(100, Date.now() / 1_000 - 978_307_200)).body).toEqual({ outcome: 'accepted' });
    const taken = await status();
    expect(Date.now() - Date.parse(taken.positionAt)).toBeLessThan(10_000);
    expect((await report(500, Date.now() - 3_600_000)).body).toEqual({ outcome: 'outdated' });
    expect(await status()).toMatchObject({ position: taken.position, positionAt: taken.positionAt });
  });

  test.each([
    ['one by one', 'location'],
    ['in batches of a driver', 'locations'],
    ['in batches of a shop', '/v1/locations'],
  ])('a phone whose clock goes back while it reports %s and beats: it stands where it is again', async (_, where) => {
    const me = await driverAt();
    await given.deps.db.run(
      "UPDATE dispatch.driver_location SET seen_at = now() - interval '5 min' WHERE driver_id = $1",
      [me.driverId],
    );
    await given.deps.availability.forget(me.shopId, [me.driverId]);
    await project(given.deps, me.shopId, [me.driverId]);
    const own = `/v1/drivers/${me.driverId}`;
    const status = async () => (await ask('GET', `${own}/status`)).body;
    const isOfShop = where.startsWith('/');
    const report = (metres: number, agoMs: number, lacksMs: number) => {
      const recordedAt = new Date(Date.now() - agoMs - lacksMs).toISOString();
      const fix = { ...north(metres), recordedAt, ...(isOfShop && { driverId: me.driverId }) };
      return ask('POST', isOfShop ? where : `${own}/${where}`, {
        body: where === 'location' ? fix : { fixes: [fix] },
        receivedAtMs: performance.now() - agoMs,
        ...(!isOfShop && { as: me }),
      });
    };
    const taken = where === 'location' ? { outcome: 'accepted' } : { accepted: 1 };
    const backMs = 5 * 3_600_000;
    expect((await report(100, 50_000, 0)).body).toMatchObject(taken);
    expect((await report(200, 45_000, backMs)).body).not.toMatchObject(taken);
    await ask('POST', `${own}/heartbeat`, { as: me });
    const stands = await status();
    expect(stands.position).toMatchObject({ lat: expect.closeTo(north(100).lat, 4) });
    expect(Date.now() - Date.parse(stands.positionAt)).toBeGreaterThan(45_000);
    expect((await report(300, 4_000, backMs)).body).toMatchObject(taken);
    expect((await report(400, 1_000, backMs)).body).toMatchObject(taken);
    const moved = await status();
    expect(moved.position).toMatchObject({ lat: expect.closeTo(north(400).lat, 4) });
    expect(Date.now() - Date.parse(moved.positionAt)).toBeLessThan(20_000);
  });

  test.each([
    ['POST', 'location', { ...north(1) }],
    ['POST', 'heartbeat', undefined],
    ['PUT', 'status', { status: 'AVAILABLE' }],
  ])('a contact counts from its receipt: %s …/%s', async (method, what, body) => {
    const { db } = given.deps;
    const me = await driverAt();
    const silence = "UPDATE dispatch.driver_location SET seen_at = now() - interval '5 min' WHERE driver_id = $1";
    await db.run(silence, [me.driverId]);
    await given.deps.availability.forget(me.shopId, [me.driverId]);
    const seenS = async () => {
      const [row] = await db.run<{ s: number }>(
        'SELECT extract(epoch from now() - seen_at)::float8 AS s FROM dispatch.driver_location WHERE driver_id = $1',
        [me.driverId],
      );
      return row!.s;
    };
    const nearest = async () => (await ask('GET', `/v1/drivers/nearest?lat=${HERE.lat}&lon=${HERE.lon}`)).body.drivers;
    const path = `/v1/drivers/${me.driverId}/${what}`;
    const late = await ask(method, path, { body, as: me, receivedAtMs: performance.now() - 70_000 });
    expect(late.status).toBe(200);
    expect(await seenS()).toBeGreaterThan(69);
    expect(await nearest()).toEqual([]);
    await ask(method, path, { body, as: me });
    expect(await seenS()).toBeLessThan(30);
  });

  test('pages follow each other without gap or repetition', async () => {
    for (let n = 0; n < 5; n += 1) await ask('POST', '/v1/deliveries', { body: { ...order, sellerOrderId: `P${n}` } });
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await ask('GET', `/v1/deliveries?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map((item: { sellerOrderId: string }) => item.sellerOrderId));
      cursor = body.next;
    } while (cursor);
    expect(seen).toEqual(['P4', 'P3', 'P2', 'P1', 'P0']);
  });
});
