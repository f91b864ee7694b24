import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ShopChange } from '#shared/contract/shops.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openTestDeps, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { openReceiver } from '#shared/testing/receiver.ts';
import { relayDeps } from '#shared/testing/relay-deps.ts';
import { commitWithdrawal } from '../db/statements/withdraw-everything.ts';
import { readConfig } from '../runtime/config.ts';
import { openSecretBox } from '../secrets/secret-box.ts';
import { signatureHeaders } from '../webhooks/sign.ts';
import { createDelivery } from './create-delivery.ts';
import { dutiesOf } from './relay/duties.ts';
import { openDuePlans } from './relay/plan-due.ts';
import { openSender } from './relay/send-events.ts';
import { sealSecrets } from './seal-secrets.ts';
import { changeShop, ensureDefaultShop, readShop, registerShop, setWebhook } from './shops.ts';
import { verifyShop } from './verify-shop.ts';

const INBOUND = `whsec_${Buffer.from('what the shop signs with').toString('base64')}`;
const OUTBOUND = `whsec_${Buffer.from('what we sign with, for it').toString('base64')}`;
const STATIC = 'a static secret of the shop';
let deps: TestDeps;
beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());

async function newShop(slug: string, url: string): Promise<string> {
  const shop = { slug, name: slug, maxRadiusM: 1_000, dispatch: {}, proof: {}, pickup: null };
  const ran = await registerShop(deps, somebody(`make-${slug}`), {
    ...shop,
    inboundSecrets: [INBOUND],
    inboundStaticSecret: STATIC,
  });
  if (ran.kind !== 'done' || ran.result.outcome !== 'created') throw new Error(JSON.stringify(ran));
  const { id } = ran.result.shop;
  const settings = { url, secrets: [OUTBOUND], staticSecret: STATIC };
  const told = { inTransit: false, etaChanged: false, offers: false, ratings: false, insecure: false };
  await setWebhook(deps, somebody(`hook-${slug}`), id, { ...settings, ...told });
  return id;
}
const stored = async () =>
  (
    await deps.db.run<{ text: string }>(
      `SELECT concat((SELECT json_agg(s) FROM dispatch.shop s), (SELECT json_agg(i) FROM dispatch.kept_result i)) AS text`,
    )
  )[0]!.text;
const isOurs = (slug: string, secret = INBOUND) => {
  const body = Buffer.from('{}');
  const headers = signatureHeaders({ id: 'm', timestampS: Math.floor(Date.now() / 1000), body, secrets: [secret] });
  return verifyShop(deps, slug, { headers: { ...headers }, body, nowMs: Date.now() });
};

test('neither tables nor kept results say a secret; it goes on being signed with and verified by', async () => {
  const receiver = await openReceiver();
  const id = await newShop('sealed', receiver.url);
  const text = await stored();
  for (const secret of [INBOUND, OUTBOUND, STATIC]) expect(text).not.toContain(secret);
  expect(await isOurs('sealed')).toMatchObject({ shop: { id } });
  await createDelivery(deps, somebody(), await shopOf(deps, id), { dropoff: {} });
  const sender = openSender(relayDeps(deps));
  await sender.begin();
  await sender.idle();
  const [sent] = receiver.accepted;
  expect(sent?.headers['x-webhook-secret']).toBe(STATIC);
  const timestampS = Number(sent?.headers['webhook-timestamp']);
  const expected = signatureHeaders({
    id: String(sent?.headers['webhook-id']),
    timestampS,
    body: sent?.body ?? '',
    secrets: [OUTBOUND],
  });
  expect(sent?.headers['webhook-signature']).toBe(expected['webhook-signature']);
  await receiver.close();
});

test('what was stored as it was said is read, and sealed; so is what an older TOKEN_SECRET has sealed', async () => {
  const id = await newShop('older', 'https://shop.example/hook');
  const plain = `UPDATE dispatch.shop SET inbound_secrets = ARRAY[$2], webhook_secrets = ARRAY[$3] WHERE id = $1`;
  await deps.db.run(plain, [id, INBOUND, OUTBOUND]);
  expect(await isOurs('older')).not.toBeNull();
  expect(await sealSecrets(deps)).toBe(1);
  expect(await stored()).not.toContain(OUTBOUND);
  expect(await sealSecrets(deps)).toBe(0);
  deps.shops.forget({ id, slug: 'older' });
  expect(await isOurs('older')).not.toBeNull();
  const rotated = { secret: 'another token secret for the tests', previousSecret: 'a token secret for the tests, 32+' };
  const later = { ...deps, secretBox: openSecretBox(rotated) };
  expect(await sealSecrets(later)).toBeGreaterThan(0);
  expect(await sealSecrets({ ...deps, secretBox: openSecretBox({ ...rotated, previousSecret: null }) })).toBe(0);
  // Back to the secret of the other tests, as a rotation that is taken back.
  const back = { secret: rotated.previousSecret, previousSecret: rotated.secret };
  expect(await sealSecrets({ ...deps, secretBox: openSecretBox(back) })).toBeGreaterThan(0);
});

test('the relay seals soon after it may, within any shift that lasts so long', async () => {
  const id = await newShop('by-relay', 'https://shop.example/hook');
  await deps.db.run('UPDATE dispatch.shop SET webhook_secrets = ARRAY[$2] WHERE id = $1', [id, OUTBOUND]);
  const relay = { ...relayDeps(deps), sealAfterMs: 300 };
  const seal = dutiesOf(relay, openDuePlans(relay), 250).find(({ name }) => name === 'seal')!;
  const run = () => seal.run(new AbortController().signal);
  await run();
  expect(await stored()).toContain(OUTBOUND);
  await eventually(async () => {
    await run();
    expect(await stored()).not.toContain(OUTBOUND);
  });
  // On Lambda it may after 40 s of 65.
  expect(seal.everyMs).toBeLessThanOrEqual(10_000);
});

test('an event whose secret cannot be read waits, and is not sent unsigned', async () => {
  const receiver = await openReceiver();
  const id = await newShop('lost', receiver.url);
  const lost = openSecretBox({ secret: 'a secret that nobody has any more', previousSecret: null });
  await deps.db.run('UPDATE dispatch.shop SET webhook_secrets = ARRAY[$2] WHERE id = $1', [id, lost.seal(OUTBOUND)]);
  await createDelivery(deps, somebody(), await shopOf(deps, id), { dropoff: {} });
  const told: unknown[] = [];
  const sender = openSender({ ...relayDeps(deps), report: (_, fields) => told.push(fields) });
  await sender.begin();
  await sender.idle();
  expect(told).toContainEqual(expect.objectContaining({ outcome: 'retry', detail: 'secret_lost' }));
  expect(receiver.accepted).toEqual([]);
  await receiver.close();
});

test('secrets from the environment are sealed, and left where they are the same', async () => {
  const config = readConfig({
    DATABASE_URL: 'postgres://nobody@nowhere/none',
    TOKEN_SECRET: 'a token secret for the tests, 32+',
    DEFAULT_SHOP_SECRET: INBOUND,
    DEFAULT_SHOP_WEBHOOK_URL: 'https://shop.example/hook',
    DEFAULT_SHOP_WEBHOOK_SECRET: OUTBOUND,
  });
  await ensureDefaultShop(deps, config);
  const secrets = () =>
    deps.db.run(`SELECT inbound_secrets, webhook_secrets FROM dispatch.shop WHERE slug = 'default'`);
  const first = await secrets();
  expect(JSON.stringify(first)).not.toContain('whsec');
  await ensureDefaultShop(deps, config);
  expect(await secrets()).toEqual(first);
  expect(await isOurs('default')).not.toBeNull();
});

test('a restart neither ends a rotation of secrets, nor revives a key that was withdrawn, nor keeps an old 410', async () => {
  const said = (more: object = {}) =>
    ensureDefaultShop(
      deps,
      readConfig({
        DATABASE_URL: 'postgres://nobody@nowhere/none',
        TOKEN_SECRET: 'a token secret for the tests, 32+',
        DEFAULT_SHOP_SECRET: INBOUND,
        DEFAULT_SHOP_WEBHOOK_URL: 'https://shop.example/hook',
        DEFAULT_SHOP_WEBHOOK_SECRET: OUTBOUND,
        DEFAULT_SHOP_KEY: `dk_shop_${'a'.repeat(48)}`,
        ...more,
      }),
    );
  const id = await said();
  const next = `whsec_${Buffer.from('what it signs with next, then').toString('base64')}`;
  await changeShop(deps, somebody(), id, { inboundSecrets: [next, INBOUND] });
  await deps.db.run(
    `UPDATE dispatch.shop SET webhook_secrets = webhook_secrets || ARRAY['another'], webhook_disabled_at = now() WHERE id = $1`,
    [id],
  );
  await commitWithdrawal(deps.db, id);
  await said();
  const [state] = await deps.db.run(
    `SELECT cardinality(inbound_secrets) AS inbound, cardinality(webhook_secrets) AS outbound, webhook_disabled_at IS NOT NULL AS disabled,
       (SELECT revoked_at IS NOT NULL FROM dispatch.api_key WHERE id = 'shop') AS revoked FROM dispatch.shop WHERE id = $1`,
    [id],
  );
  expect(state).toEqual({ inbound: 2, outbound: 2, disabled: true, revoked: true });
  const other = {
    DEFAULT_SHOP_WEBHOOK_URL: 'https://shop.example/hook2',
    DEFAULT_SHOP_KEY: `dk_shop_${'b'.repeat(48)}`,
  };
  await said(other);
  const [after] = await deps.db.run(
    `SELECT webhook_disabled_at, (SELECT revoked_at FROM dispatch.api_key WHERE id = 'shop') AS revoked_at FROM dispatch.shop WHERE id = $1`,
    [id],
  );
  expect(after).toEqual({ webhook_disabled_at: null, revoked_at: null });
});

test('what a shop signs with is changed: both count meanwhile, then the new one alone; so are its static secret and pickup', async () => {
  const id = await newShop('rotated', 'http://127.0.0.1:9/none');
  const next = `whsec_${Buffer.from('what it signs with next, then').toString('base64')}`;
  const change = (wanted: ShopChange) => changeShop(deps, somebody(), id, wanted);
  const counts = async () => [await isOurs('rotated'), await isOurs('rotated', next)].map((proved) => proved !== null);
  expect(await counts()).toEqual([true, false]);
  await change({ inboundSecrets: [next, INBOUND] });
  expect(await counts()).toEqual([true, true]);
  await change({
    inboundSecrets: [next],
    inboundStaticSecret: null,
    pickup: { lat: 52.5, lon: 13.4, address: 'Torstraße 1' },
  });
  expect(await counts()).toEqual([false, true]);
  expect(await stored()).not.toContain(next);
  const read = async () => (await readShop(deps, id))!;
  expect(await read()).toMatchObject({
    inbound_static_sha256: null,
    pickup_lat: 52.5,
    pickup_address: { address: 'Torstraße 1' },
  });
  await change({ name: 'Renamed' });
  expect(await read()).toMatchObject({ name: 'Renamed', pickup_lat: 52.5, inbound_secrets: [expect.any(String)] });
  await change({ pickup: null });
  expect(await read()).toMatchObject({ pickup_lat: null, pickup_lon: null, pickup_address: null });
});
