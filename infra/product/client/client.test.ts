import { expect, test } from 'vitest';
import { type ClientOptions, openClient, ProblemError } from './client.ts';

type Sent = { url: string; method: string; headers: Record<string, string>; body: string | null };

/** A client whose answers are given here, in order; the last one stays. */
function clientOf(...answers: (Response | Error)[]) {
  const sent: Sent[] = [];
  const ask = (async (url: string, init: RequestInit) => {
    sent.push({
      url,
      method: String(init.method),
      headers: init.headers as Record<string, string>,
      body: (init.body ?? null) as string | null,
    });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return answer?.clone();
  }) as unknown as NonNullable<ClientOptions['fetch']>;
  return { sent, client: openClient({ baseUrl: 'http://s.example/base/', token: 't', fetch: ask }) };
}
const json = (status: number, body: unknown, type = 'application/json') =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': type, 'idempotent-replayed': 'true' } });
const away = () =>
  json(503, { type: 'urn:problem:unavailable', title: 'x', status: 503, instance: '' }, 'application/problem+json');

test('fills the path, the query and the body', async () => {
  const { sent, client } = clientOf(json(200, { items: [], next: null }));
  await client.call('listDeliveries', { query: { status: 'PENDING', limit: 5 } });
  await client.call('changeDelivery', { params: { id: 'a/b' }, body: { notes: 'n' }, idempotencyKey: 'k' });
  expect(sent).toMatchObject([
    { url: 'http://s.example/base/v1/deliveries?status=PENDING&limit=5', method: 'GET', body: null },
    {
      url: 'http://s.example/base/v1/deliveries/a%2Fb',
      method: 'PATCH',
      body: '{"notes":"n"}',
      headers: { 'idempotency-key': 'k', authorization: 'Bearer t' },
    },
  ]);
});

test('answers by status; a 503 with a body of its own is one, a problem is thrown', async () => {
  const answer = await clientOf(json(201, { id: 'd' })).client.call('createDelivery', { body: { dropoff: {} } });
  expect(answer).toMatchObject({ status: 201, body: { id: 'd' }, replayed: true });
  const health = { status: 'down', checks: {} };
  expect(await clientOf(json(503, health)).client.call('getHealth', {})).toMatchObject({ status: 503, body: health });
  const problem = {
    type: 'urn:problem:not_found',
    title: 'There is no such thing',
    status: 404,
    instance: 'urn:request:1',
  };
  const refused = clientOf(json(404, problem, 'application/problem+json')).client.call('getDriver', {
    params: { id: 'x' },
  });
  await expect(refused).rejects.toEqual(
    expect.objectContaining({ name: 'ProblemError', status: 404, type: 'not_found', problem }),
  );
});

test.each([
  ['a page of a proxy', new Response('<p>gateway</p>', { status: 502 }), 502],
  ['JSON of a gateway, which knows no problems', json(404, { message: 'Not Found' }), 404],
])('%s is thrown, and is no problem of the service', async (_, response, status) => {
  const refused = clientOf(response).client.call('listShops', {});
  await expect(refused).rejects.toBeInstanceOf(ProblemError);
  await expect(refused).rejects.toMatchObject({ status, type: null, problem: null });
});

test('health says for itself that it is down: it is not asked again', async () => {
  const { sent, client } = clientOf(json(503, { status: 'down', checks: {} }));
  await client.call('getHealth', {});
  expect(sent).toHaveLength(1);
});

test('a call may be by somebody else, and signed over the bytes that are sent', async () => {
  const { sent, client } = clientOf(json(202, {}));
  const body = { type: 'delivery.cancelled', sellerOrderId: 'o1' } as const;
  const sign = (bytes: string) => ({ 'webhook-signature': `v1,${bytes.length}` });
  await client.call('receiveShopMessage', { params: { shop: 'default' }, body, sign, token: 'other' });
  const [{ headers, body: bytes } = { headers: {}, body: '' }] = sent;
  expect(headers).toMatchObject({ authorization: 'Bearer other', 'webhook-signature': `v1,${bytes?.length}` });
  expect(bytes).toBe(JSON.stringify(body));
});

test('repeats only what is safe to repeat', async () => {
  const read = clientOf(away(), new TypeError('reset'), json(200, { items: [], next: null }));
  await read.client.call('listDrivers', {});
  expect(read.sent).toHaveLength(3);
  const keyed = clientOf(new TypeError('reset'), json(201, {}));
  await keyed.client.call('createDriver', { body: { name: 'A' }, idempotencyKey: 'k' });
  expect(keyed.sent.map(({ headers }) => headers['idempotency-key'])).toEqual(['k', 'k']);
  const bare = clientOf(new TypeError('reset'));
  await expect(bare.client.call('createDriver', { body: { name: 'A' } })).rejects.toThrow('reset');
  expect(bare.sent).toHaveLength(1);
});
