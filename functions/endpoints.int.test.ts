import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { allowedNext, DELIVERY_STATUSES, type DeliveryStatus, isActive } from '#shared/domain/delivery.ts';
import type { DriverPrincipal, ShopPrincipal } from '#shared/http/principal.ts';
import { type Ask, openAsk } from '#shared/testing/ask.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { driverState, openTestDeps, project, type TestDeps } from '#shared/testing/flow-deps.ts';
import { endpoints } from './server.ts';

let deps: TestDeps;
let shop: ShopPrincipal;
let ask: Ask;

beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());
beforeEach(async () => {
  shop = { kind: 'shop', shopId: await buildShop(deps.db), keyId: 'k', scopes: ['dispatch', 'read'] };
  await deps.availability.markWarm(shop.shopId);
  ask = openAsk(endpoints, deps, shop);
});

const key = (value: string) => ({ headers: { 'idempotency-key': value } });
const order = { pickup: HERE, dropoff: north(300) };
async function driverAt(position = HERE): Promise<DriverPrincipal> {
  const [driverId] = await buildDrivers(deps.db, shop.shopId, [position]);
  await project(deps, shop.shopId, [driverId!]);
  return { kind: 'driver', shopId: shop.shopId, driverId: driverId! };
}
async function rowCounts(): Promise<Record<string, number>> {
  const [row] = await deps.db.run<{ counts: Record<string, number> }>(
    `SELECT json_build_object('delivery', (SELECT count(*) FROM dispatch.delivery), 'event', (SELECT count(*) FROM dispatch.delivery_event),
      'driver', (SELECT count(*) FROM dispatch.driver), 'driver_event', (SELECT count(*) FROM dispatch.driver_event),
      'shop', (SELECT count(*) FROM dispatch.shop), 'location', (SELECT count(*) FROM dispatch.driver_location),
      'outbox', (SELECT count(*) FROM dispatch.outbox), 'idempotency', (SELECT count(*) FROM dispatch.idempotency),
      'versions', (SELECT sum(version) FROM dispatch.delivery), 'loads', (SELECT sum(load) FROM dispatch.driver)) AS counts`,
  );
  return row!.counts;
}

describe('the state machine, over HTTP', () => {
  const REPORTED = ['PICKED_UP', 'IN_TRANSIT', 'DELIVERED', 'FAILED', 'RETURNED'] as const;
  const PATHS: Record<DeliveryStatus, readonly (typeof REPORTED)[number][] | 'cancel' | 'wait'> = {
    PENDING: 'wait',
    ASSIGNED: [],
    PICKED_UP: ['PICKED_UP'],
    IN_TRANSIT: ['PICKED_UP', 'IN_TRANSIT'],
    DELIVERED: ['PICKED_UP', 'DELIVERED'],
    FAILED: ['FAILED'],
    RETURNED: ['FAILED', 'RETURNED'],
    CANCELLED: 'cancel',
  };
  async function bring(status: DeliveryStatus): Promise<{ id: string; driver: DriverPrincipal }> {
    const path = PATHS[status];
    const driver = await driverAt();
    if (path === 'wait') await ask('PUT', `/v1/drivers/${driver.driverId}/status`, { body: { status: 'BUSY' } });
    const { body } = await ask('POST', '/v1/deliveries', { body: order });
    if (path === 'cancel') await ask('POST', `/v1/deliveries/${body.id}/cancel`);
    else if (path !== 'wait')
      for (const to of path) await ask('POST', `/v1/deliveries/${body.id}/status`, { body: step(to) });
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
      expect(after.body.events).toHaveLength(before.body.events.length + 1);
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
    expect((await driverState(deps.db, driver.driverId)).load).toBe(isActive(after.body.status) ? 1 : 0);
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
    ['years behind', '1999-01-01T00:00:00.000Z'],
  ])('a phone with a clock %s is believed in the event alone', async (_, occurredAt) => {
    const { id, driver } = await bring('PICKED_UP');
    const body = { status: 'DELIVERED', occurredAt };
    const { body: delivery } = await ask('POST', `/v1/deliveries/${id}/status`, { body, as: driver });
    const { body: read } = await ask('GET', `/v1/deliveries/${id}`);
    expect(read.events.at(-1)).toMatchObject({ occurredAt });
    const ended = Date.parse(delivery.endedAt);
    expect(ended).toBeGreaterThanOrEqual(Date.parse(read.createdAt));
    expect(ended).toBeLessThanOrEqual(Date.parse(read.events.at(-1).recordedAt));
  });

  test('the pincode: asked of the driver, never shown to him', async () => {
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

describe('idempotency', () => {
  test.each([
    ['POST', '/v1/drivers', { name: 'Asha' }],
    ['POST', '/v1/deliveries', order],
  ])('%s %s: the same bytes again, once done', async (method, path, body) => {
    const first = await ask(method, path, { body, ...key('once') });
    const again = await ask(method, path, { body, ...key('once') });
    expect(again).toMatchObject({ status: first.status, text: first.text, headers: { 'idempotent-replayed': 'true' } });
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    const counts = await rowCounts();
    expect(await ask(method, path, { body: { ...body, notes: 'other', name: 'Other' }, ...key('once') })).toMatchObject(
      {
        status: 422,
        body: { type: 'urn:problem:key_reused' },
      },
    );
    expect(await rowCounts()).toEqual(counts);
  });

  test('every mutation of a driver’s and a delivery’s life', async () => {
    const { driverId } = await driverAt();
    const { body: delivery } = await ask('POST', '/v1/deliveries', { body: order });
    const commands: [string, string, object | undefined][] = [
      ['PATCH', `/v1/drivers/${driverId}`, { name: 'New name' }],
      ['POST', `/v1/drivers/${driverId}/tokens`, { revokePrevious: true }],
      ['PUT', `/v1/drivers/${driverId}/status`, { status: 'BUSY' }],
      ['POST', `/v1/deliveries/${delivery.id}/unassign`, { reason: 'TIMEOUT' }],
      ['PATCH', `/v1/deliveries/${delivery.id}`, { notes: 'ring twice' }],
      ['POST', `/v1/deliveries/${delivery.id}/assign`, undefined],
      ['POST', `/v1/deliveries/${delivery.id}/cancel`, {}],
      ['PUT', `/v1/shops/${shop.shopId}/webhook`, { url: null }],
      ['DELETE', `/v1/drivers/${driverId}`, undefined],
    ];
    for (const [n, [method, path, body]] of commands.entries()) {
      const options = { ...(body && { body }), ...key(`k${n}`) };
      const first = await ask(method, path, options);
      expect([method, path, first.status < 300]).toEqual([method, path, true]);
      const counts = await rowCounts();
      const again = await ask(method, path, options);
      expect([path, again.status, again.text, again.headers['idempotent-replayed']]).toEqual([
        path,
        first.status,
        first.text,
        'true',
      ]);
      expect(await rowCounts()).toEqual(counts);
    }
  });

  test('a shop’s key is shown again by a repeated request, and only its hash is stored', async () => {
    const operator = { kind: 'operator' } as const;
    const { body: made } = await ask('POST', '/v1/shops', {
      body: { slug: `s${Date.now()}`, name: 'S' },
      as: operator,
    });
    const first = await ask('POST', `/v1/shops/${made.id}/keys`, {
      body: { scopes: ['read'] },
      as: operator,
      ...key('key'),
    });
    const again = await ask('POST', `/v1/shops/${made.id}/keys`, {
      body: { scopes: ['read'] },
      as: operator,
      ...key('key'),
    });
    expect(first).toMatchObject({
      status: 201,
      body: { key: expect.stringMatching(/^dk_[0-9a-f]{24}_[\w-]{43}$/), scopes: ['read'] },
    });
    expect(again.text).toBe(first.text);
    const secret = first.body.key.split('_').slice(2).join('_');
    const stored = await deps.db.run(
      'SELECT to_json(k)::text AS k, (SELECT json_agg(i)::text FROM dispatch.idempotency i) AS i FROM dispatch.api_key k',
    );
    expect(JSON.stringify(stored)).not.toContain(secret);
  });
});

describe('who may ask', () => {
  test('another shop’s driver and delivery are unknown, whatever is tried', async () => {
    const { driverId } = await driverAt();
    const { body: delivery } = await ask('POST', '/v1/deliveries', { body: order });
    const stranger: ShopPrincipal = { ...shop, shopId: await buildShop(deps.db) };
    const tries: [string, string, object?][] = [
      ['GET', `/v1/drivers/${driverId}`],
      ['PATCH', `/v1/drivers/${driverId}`, { name: 'x' }],
      ['DELETE', `/v1/drivers/${driverId}`],
      ['POST', `/v1/drivers/${driverId}/tokens`, {}],
      ['PUT', `/v1/drivers/${driverId}/status`, { status: 'OFFLINE' }],
      ['GET', `/v1/drivers/${driverId}/status`],
      ['POST', `/v1/drivers/${driverId}/location`, HERE],
      ['POST', `/v1/drivers/${driverId}/heartbeat`],
      ['GET', `/v1/deliveries/${delivery.id}`],
      ['POST', `/v1/deliveries/${delivery.id}/status`, { status: 'PICKED_UP' }],
      ['POST', `/v1/deliveries/${delivery.id}/assign`, {}],
      ['POST', `/v1/deliveries/${delivery.id}/unassign`, {}],
      ['POST', `/v1/deliveries/${delivery.id}/cancel`, {}],
      ['PATCH', `/v1/deliveries/${delivery.id}`, { notes: 'x' }],
      ['PUT', `/v1/shops/${shop.shopId}/webhook`, { url: null }],
    ];
    const counts = await rowCounts();
    for (const [method, path, body] of tries) {
      const answer = await ask(method, path, { ...(body && { body }), as: stranger });
      expect([method, path, answer.status]).toEqual([method, path, 404]);
    }
    expect(await rowCounts()).toEqual(counts);
    expect((await ask('GET', '/v1/deliveries', { as: stranger })).body.items).toEqual([]);
    expect((await ask('GET', '/v1/drivers', { as: stranger })).body.items).toEqual([]);
    expect((await ask('GET', '/v1/drivers/nearest?lat=52.5291&lon=13.4013', { as: stranger })).body.drivers).toEqual(
      [],
    );
  });

  test('a driver: himself and what he carries, nothing else', async () => {
    const [mine, other] = [await driverAt(), await driverAt(north(5_000))];
    const { body: delivery } = await ask('POST', '/v1/deliveries', { body: order });
    expect(delivery.driverId).toBe(mine.driverId);
    expect((await ask('GET', `/v1/deliveries/${delivery.id}`, { as: mine })).status).toBe(200);
    expect((await ask('GET', `/v1/deliveries/${delivery.id}`, { as: other })).status).toBe(404);
    expect((await ask('GET', '/v1/deliveries', { as: other })).body.items).toEqual([]);
    expect(
      (await ask('POST', `/v1/deliveries/${delivery.id}/status`, { body: { status: 'PICKED_UP' }, as: other })).status,
    ).toBe(404);
    expect(
      (await ask('PUT', `/v1/drivers/${mine.driverId}/status`, { body: { status: 'BUSY' }, as: other })).status,
    ).toBe(404);
    expect((await ask('GET', '/v1/drivers', { as: mine })).status).toBe(403);
    expect((await ask('POST', '/v1/deliveries', { body: order, as: mine })).status).toBe(403);
  });

  test('reading scope reads; nobody gets 401; a shop makes no shops; the operator sees no drivers', async () => {
    const reader: ShopPrincipal = { ...shop, scopes: ['read'] };
    expect((await ask('GET', '/v1/drivers', { as: reader })).status).toBe(200);
    expect((await ask('POST', '/v1/drivers', { body: { name: 'x' }, as: reader })).status).toBe(403);
    expect((await ask('GET', '/v1/drivers', { as: null })).status).toBe(401);
    expect((await ask('POST', '/v1/shops', { body: { slug: 'x', name: 'x' } })).status).toBe(403);
    expect((await ask('GET', '/v1/drivers', { as: { kind: 'operator' } })).status).toBe(403);
  });
});

describe('bad input has no effect', () => {
  const cases: [string, string, string, unknown, number, string[]][] = [
    ['latitude 91', 'POST', '/v1/deliveries', { ...order, dropoff: { lat: 91, lon: 0 } }, 422, ['/dropoff/lat']],
    [
      'texts for numbers',
      'POST',
      '/v1/deliveries',
      { ...order, pickup: { lat: '1', lon: '2' } },
      422,
      ['/pickup/lat', '/pickup/lon'],
    ],
    ['half a position', 'POST', '/v1/deliveries', { dropoff: { lat: 1 } }, 422, ['/dropoff']],
    ['no dropoff', 'POST', '/v1/deliveries', {}, 422, ['/dropoff']],
    ['unknown driver status', 'PUT', '/v1/drivers/:driver/status', { status: 'ASLEEP' }, 422, ['/status']],
    ['unknown delivery status', 'POST', '/v1/deliveries/:delivery/status', { status: 'LOST' }, 422, ['/status']],
    ['failed without a code', 'POST', '/v1/deliveries/:delivery/status', { status: 'FAILED' }, 422, ['/failureCode']],
    [
      'a proof that is no URL',
      'POST',
      '/v1/deliveries/:delivery/status',
      { status: 'PICKED_UP', proof: { photoUrl: 'javascript:1' } },
      422,
      ['/proof/photoUrl'],
    ],
    [
      '1,001 fixes',
      'POST',
      '/v1/locations',
      { fixes: Array.from({ length: 1_001 }, () => ({ driverId: '01a205a1-8b18-7352-8761-b07d38212328', ...HERE })) },
      422,
      ['/fixes'],
    ],
    ['capacity 0 and no name', 'POST', '/v1/drivers', { capacity: 0 }, 422, ['/name', '/capacity']],
    ['a control character', 'POST', '/v1/drivers', { name: 'a\u0007b' }, 422, ['/name']],
    ['a page of 201', 'GET', '/v1/drivers?limit=201', undefined, 422, ['/query/limit']],
    ['nearest to nowhere', 'GET', '/v1/drivers/nearest?lat=NaN', undefined, 422, ['/query/lat', '/query/lon']],
    ['an id that is none', 'GET', '/v1/drivers/1%27%20OR%201=1', undefined, 404, []],
  ];
  test.each(cases)('%s', async (_, method, path, body, status, pointers) => {
    const { driverId } = await driverAt();
    const { body: delivery } = await ask('POST', '/v1/deliveries', { body: order });
    const counts = await rowCounts();
    const at = path.replace(':driver', driverId).replace(':delivery', delivery.id);
    const answer = await ask(method, at, { ...(body !== undefined && { body }), ...key('bad') });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect((answer.body.errors ?? []).map((error: { pointer: string }) => error.pointer)).toEqual(pointers);
    expect(await rowCounts()).toEqual(counts);
  });

  test('a number no double can hold', async () => {
    expect(await ask('POST', '/v1/deliveries', { raw: '{"dropoff":{"lat":1e999,"lon":0}}' })).toMatchObject({
      status: 422,
    });
    expect(await ask('POST', '/v1/deliveries', { raw: '{"dropoff":{"lat":NaN,"lon":0}}' })).toMatchObject({
      status: 400,
    });
  });

  test('__proto__, SQL, Lua and line breaks are texts like any other', async () => {
    const name = `'; DROP TABLE dispatch.driver; -- redis.call('FLUSHALL') \n $1`;
    const made = await ask('POST', '/v1/drivers', {
      raw: JSON.stringify({ name, __proto__: 1 }).replace('{', '{"__proto__":{"admin":true},'),
    });
    expect(made).toMatchObject({ status: 201, body: { name: name.trim() } });
    expect((await ask('GET', `/v1/drivers/${made.body.id}`)).body.name).toBe(name.trim());
  });
});

describe('a driver', () => {
  test('is not retired while he carries something, and unknown to search and tokens afterwards', async () => {
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
    // A late ping of his phone is of no consequence: nobody finds him.
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

  test('named: assigned if he can be, 409 if not; taken over from another before pickup', async () => {
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
