import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Ask, openAsk } from '#shared/testing/ask.ts';
import { openTestDeps, type TestDeps } from '#shared/testing/flow-deps.ts';
import { type InboundShop, openInboundShop, SECRET, STATIC } from '#shared/testing/inbound-shop.ts';
import { type Behaviour, openReceiver, type Receiver } from '#shared/testing/receiver.ts';
import { signatureHeaders } from '#shared/webhooks/sign.ts';
import { verifySignature } from '#shared/webhooks/verify.ts';
import { endpoints } from './index.ts';

const OUTBOUND = `whsec_${Buffer.from('the-service-signs-with-this').toString('base64')}`;
const receivers: Receiver[] = [];
let deps: TestDeps;
let shop: InboundShop;
let ask: Ask;

beforeAll(async () => {
  deps = await openTestDeps();
  ask = openAsk(endpoints, deps, null);
});
afterAll(() => deps.close());
beforeEach(async () => {
  shop = await openInboundShop(deps);
});
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});

const secret = { 'x-webhook-secret': STATIC };
/** As somebody signs whose clock is six minutes slow. */
const stale = (body: string) =>
  signatureHeaders({ id: 'msg_1', timestampS: Math.floor(Date.now() / 1000) - 360, body, secrets: [SECRET] });
const order = (rest: object = {}) => ({
  order: { code: 'V1', state: 'PaymentSettled', type: 'Regular', shippingAddress: {}, ...rest },
});
const withHandlers = (...codes: string[]) =>
  order({ shippingLines: codes.map((fulfillmentHandlerCode) => ({ shippingMethod: { fulfillmentHandlerCode } })) });

test('a good static secret beside a stale signature is enough, and the sender hears which was used', async () => {
  const raw = JSON.stringify(order());
  expect((await ask('POST', shop.path, { raw, headers: stale(raw) })).status).toBe(401);
  expect((await ask('POST', shop.path, { raw, headers: { ...stale(raw), 'x-webhook-secret': 'no' } })).status).toBe(
    401,
  );
  const taken = await ask('POST', shop.path, { raw, headers: { ...stale(raw), ...secret } });
  expect(taken).toMatchObject({ status: 202, body: { message: expect.stringContaining('by the static secret') } });
  const plain = await ask('POST', shop.path, { raw, headers: secret });
  expect(plain.body.message).not.toContain('static');
  const asked = '{"type":"ping"}';
  const ping = await ask('POST', shop.path, { raw: asked, headers: { ...stale(asked), ...secret } });
  expect(ping.body.message).toContain('by the static secret');
});

test('an order with another fulfillment handler is ignored where the shop says which is for drivers', async () => {
  const path = `${shop.path}?handler=driver-delivery`;
  const post = await ask('POST', path, { body: withHandlers('manual-fulfillment'), headers: secret });
  expect(post).toMatchObject({
    status: 202,
    body: { status: 'IGNORED', message: expect.stringContaining('manual-fulfillment') },
  });
  expect(await shop.deliveries()).toEqual([]);
  const both = withHandlers('manual-fulfillment', 'driver-delivery');
  expect((await ask('POST', path, { body: both, headers: secret })).body.status).toBe('PENDING');
});

test.each([
  ['without a word of the shop every handler is taken', withHandlers('manual-fulfillment'), ''],
  ['an order that names no handler is taken', order({ shippingLines: [{ shippingMethod: null }] }), '?handler=mine'],
])('%s', async (_, body, query) => {
  expect((await ask('POST', shop.path + query, { body, headers: secret })).body.status).toBe('PENDING');
});

test('the default channel is no seller: the other one is', async () => {
  const channels = [
    { id: 1, code: '__default_channel__' },
    { id: 7, code: 'baker' },
  ];
  await ask('POST', shop.path, { body: order({ channels }), headers: secret });
  await ask('POST', shop.path, { body: order({ code: 'V2', channels: channels.slice(0, 1) }), headers: secret });
  expect(await shop.deliveries()).toMatchObject([{ channel_id: '7' }, { channel_id: '1' }]);
});

/** The shop's own endpoint. */
async function listen(behave?: Behaviour): Promise<Receiver> {
  const receiver = await openReceiver(behave);
  receivers.push(receiver);
  await deps.db.run('UPDATE dispatch.shop SET webhook_url = $1, webhook_secrets = array[$2] WHERE id = $3', [
    receiver.url,
    OUTBOUND,
    shop.id,
  ]);
  return receiver;
}
const ping = async () => {
  const raw = '{"type":"ping"}';
  const message = { id: 'ping_1', timestampS: Math.floor(Date.now() / 1000), body: raw };
  return ask('POST', shop.path, { raw, headers: { ...signatureHeaders({ ...message, secrets: [SECRET] }) } });
};

test('a ping goes both ways, signed both ways', async () => {
  const receiver = await listen();
  expect(await ping()).toMatchObject({
    status: 202,
    body: { status: 'IGNORED', deliveryId: null, callback: { taken: true, detail: 'status 200' } },
  });
  const [{ headers, body } = { headers: {}, body: '' }] = receiver.received;
  expect(JSON.parse(body)).toMatchObject({ event: 'PING_V1', version: 1, sellerOrderId: null });
  const signed = { headers: headers as Record<string, string>, body: Buffer.from(body), nowMs: Date.now() };
  expect(verifySignature({ ...signed, secrets: [OUTBOUND] }).ok).toBe(true);
  expect(await shop.deliveries()).toEqual([]);
});

test('a ping whose answer does not come is answered in time, and says so', async () => {
  await listen(() => 'never');
  expect(await ping()).toMatchObject({ status: 202, body: { callback: { taken: false, detail: 'timeout' } } });
});

test('a ping says why the shop is not reached, and nobody without a proof can make the service call', async () => {
  expect((await ping()).body.callback).toEqual({ taken: false, detail: 'no_url' });
  shop = await openInboundShop(deps);
  const receiver = await listen(() => 401);
  expect((await ask('POST', shop.path, { body: { type: 'ping' } })).status).toBe(401);
  expect(receiver.received).toEqual([]);
  expect((await ping()).body.callback).toEqual({ taken: false, detail: 'status 401' });
});
