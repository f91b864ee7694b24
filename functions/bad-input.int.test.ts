import { describe, expect, test } from 'vitest';
import { givenAskingShop, key, order, rowCounts } from '#shared/testing/asking-shop.ts';
import { HERE } from '#shared/testing/builders.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

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
    const counts = await rowCounts(given.deps.db);
    const at = path.replace(':driver', driverId).replace(':delivery', delivery.id);
    const answer = await ask(method, at, { ...(body !== undefined && { body }), ...key('bad') });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect((answer.body.errors ?? []).map((error: { pointer: string }) => error.pointer)).toEqual(pointers);
    expect(await rowCounts(given.deps.db)).toEqual(counts);
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
