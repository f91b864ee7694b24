import { describe, expect, test } from 'vitest';
import { readKey } from '#shared/domain/key-text.ts';
import { givenAskingShop, key, order, rowCounts } from '#shared/testing/asking-shop.ts';
import { endpoints } from './server.ts';

const given = givenAskingShop(endpoints);
const { ask, driverAt } = given;

describe('idempotency', () => {
  test.each([
    ['POST', '/v1/drivers', { name: 'Asha' }],
    ['POST', '/v1/deliveries', order],
  ])('%s %s: the same bytes again, once done', async (method, path, body) => {
    const first = await ask(method, path, { body, ...key('once') });
    const again = await ask(method, path, { body, ...key('once') });
    expect(again).toMatchObject({ status: first.status, text: first.text, headers: { 'idempotent-replayed': 'true' } });
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    const counts = await rowCounts(given.deps.db);
    expect(await ask(method, path, { body: { ...body, notes: 'other', name: 'Other' }, ...key('once') })).toMatchObject(
      {
        status: 422,
        body: { type: 'urn:problem:key_reused' },
      },
    );
    expect(await rowCounts(given.deps.db)).toEqual(counts);
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
      ['PUT', `/v1/shops/${given.shop.shopId}/webhook`, { url: null }],
      ['DELETE', `/v1/drivers/${driverId}`, undefined],
    ];
    for (const [n, [method, path, body]] of commands.entries()) {
      const options = { ...(body && { body }), ...key(`k${n}`) };
      const first = await ask(method, path, options);
      expect([method, path, first.status < 300]).toEqual([method, path, true]);
      const counts = await rowCounts(given.deps.db);
      const again = await ask(method, path, options);
      expect([path, again.status, again.text, again.headers['idempotent-replayed']]).toEqual([
        path,
        first.status,
        first.text,
        'true',
      ]);
      expect(await rowCounts(given.deps.db)).toEqual(counts);
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
      body: { key: expect.stringMatching(/^dk_[0-9a-f]{24}-[0-9a-f]{12}_[\w-]{43}$/), scopes: ['read'] },
    });
    expect(again.text).toBe(first.text);
    const { secret } = readKey(first.body.key)!;
    const stored = await given.deps.db.run(
      'SELECT to_json(k)::text AS k, (SELECT json_agg(i)::text FROM dispatch.kept_result i) AS i FROM dispatch.api_key k',
    );
    expect(JSON.stringify(stored)).not.toContain(secret);
  });
});
