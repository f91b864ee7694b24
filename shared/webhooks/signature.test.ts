import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { decodeSecret, newSecret, WebhookSecretError } from './secret.ts';
import { signatureHeaders } from './sign.ts';
import { TOLERANCE_S, verifySignature } from './verify.ts';

type Capture = { rawHeaders: string[]; bodyRaw: string };
const capture: Capture = JSON.parse(
  readFileSync(new URL('./fixtures/signed-order-placed.json', import.meta.url), 'utf8'),
);
const CAPTURE_SECRET = `whsec_${Buffer.from('driver-delivery-test-secret').toString('base64')}`;

const secret = newSecret();
const other = newSecret();
const body = JSON.stringify({ event: 'DELIVERY_ASSIGNED_V1', note: 'Straße, 東京' });
const timestampS = 1_800_000_000;
const nowMs = timestampS * 1000;
const signed = signatureHeaders({ id: 'msg_1', timestampS, body, secrets: [secret] });
const verify = (change: Partial<Parameters<typeof verifySignature>[0]> = {}) =>
  verifySignature({ secrets: [secret], headers: { ...signed }, body: Buffer.from(body), nowMs, ...change });

test('the request a real shop sent verifies at its time, and no longer today', () => {
  const headers = Object.fromEntries(capture.rawHeaders.map((line) => line.split(/: (.*)/, 2) as [string, string]));
  const at = Number(headers['webhook-timestamp']) * 1000;
  const request = { secrets: [CAPTURE_SECRET], headers, body: Buffer.from(capture.bodyRaw) };
  expect(verifySignature({ ...request, nowMs: at })).toMatchObject({ ok: true, id: headers['webhook-id'] });
  expect(verifySignature({ ...request, nowMs: at + 301_000 })).toEqual({ ok: false, reason: 'outside_window' });
  expect(verifySignature({ ...request, body: Buffer.from(`${capture.bodyRaw} `), nowMs: at })).toMatchObject({
    ok: false,
  });
});

test('the reference library accepts what we sign, and we what it signs', () => {
  const now = new Date();
  const reference = new Webhook(secret);
  const ours = signatureHeaders({
    id: 'msg_2',
    timestampS: Math.floor(now.getTime() / 1000),
    body,
    secrets: [other, secret],
  });
  expect(reference.verify(body, { ...ours })).toEqual(JSON.parse(body));
  const headers = {
    'webhook-id': 'msg_3',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': reference.sign('msg_3', now, body),
  };
  expect(verify({ headers, nowMs: now.getTime() })).toMatchObject({ ok: true, id: 'msg_3' });
});

test('untouched it verifies, at both ends of the window', () => {
  expect(verify()).toEqual({ ok: true, id: 'msg_1', timestampS });
  for (const sign of [-1, 1]) {
    expect(verify({ nowMs: nowMs + sign * TOLERANCE_S * 1000 }).ok).toBe(true);
    expect(verify({ nowMs: nowMs + sign * (TOLERANCE_S * 1000 + 1) })).toEqual({ ok: false, reason: 'outside_window' });
  }
});

describe('any change breaks it', () => {
  const flipped = signed['webhook-signature'].replace(/,(.)/, (_all, first) => `,${first === 'A' ? 'B' : 'A'}`);
  test.each([
    ['the body', { body: Buffer.from(body.replace('ASSIGNED', 'CREATED')) }, 'no_match'],
    ['an empty body', { body: new Uint8Array() }, 'no_match'],
    ['the id', { headers: { ...signed, 'webhook-id': 'msg_2' } }, 'no_match'],
    ['the time', { headers: { ...signed, 'webhook-timestamp': String(timestampS + 1) } }, 'no_match'],
    ['the signature', { headers: { ...signed, 'webhook-signature': flipped } }, 'no_match'],
    [
      'half the signature',
      { headers: { ...signed, 'webhook-signature': signed['webhook-signature'].slice(0, 20) } },
      'no_match',
    ],
    ['an empty signature', { headers: { ...signed, 'webhook-signature': 'v1,' } }, 'no_match'],
    [
      'another version',
      { headers: { ...signed, 'webhook-signature': signed['webhook-signature'].replace('v1', 'v2') } },
      'no_match',
    ],
    ['another secret', { secrets: [other] }, 'no_match'],
    ['no secret', { secrets: [] }, 'no_secret'],
    ['no id', { headers: { ...signed, 'webhook-id': undefined } }, 'missing_headers'],
    ['a line break in the id', { headers: { ...signed, 'webhook-id': 'a\nb' } }, 'missing_headers'],
    ['no time', { headers: { ...signed, 'webhook-timestamp': '' } }, 'missing_headers'],
    ['no signature', { headers: { ...signed, 'webhook-signature': undefined } }, 'missing_headers'],
    ['a time that is no number', { headers: { ...signed, 'webhook-timestamp': '1.8e9' } }, 'bad_timestamp'],
  ] as const)('%s', (_name, change, reason) => {
    expect(verify(change)).toEqual({ ok: false, reason });
  });
});

test('during a rotation either secret is enough, on either side', () => {
  expect(verify({ secrets: [other, secret] }).ok).toBe(true);
  const both = signatureHeaders({ id: 'msg_1', timestampS, body, secrets: [other, secret] });
  expect(both['webhook-signature'].split(' ')).toHaveLength(2);
  expect(verify({ headers: { ...both } }).ok).toBe(true);
  expect(verify({ headers: { ...both, 'webhook-signature': `v1a,x ${both['webhook-signature']}` } }).ok).toBe(true);
});

test.each([
  ['empty', ''],
  ['only the prefix', 'whsec_'],
  ['too short', `whsec_${Buffer.alloc(23).toString('base64')}`],
  ['not base64', `whsec_${'?'.repeat(40)}`],
])('an %s secret signs nothing and lets nobody in', (_name, weak) => {
  expect(() => decodeSecret(weak)).toThrow(WebhookSecretError);
  expect(() => signatureHeaders({ id: 'a', timestampS, body, secrets: [weak] })).toThrow(WebhookSecretError);
  expect(verify({ secrets: [weak] })).toEqual({ ok: false, reason: 'no_secret' });
  expect(verify({ secrets: [weak, secret] }).ok).toBe(true);
});

test('Svix’s names for the same headers', () => {
  const svix = Object.fromEntries(
    Object.entries(signed).map(([name, value]) => [name.replace('webhook-', 'svix-'), value]),
  );
  expect(verify({ headers: svix })).toEqual({ ok: true, id: 'msg_1', timestampS });
  expect(verify({ headers: { ...svix, 'svix-id': 'msg_2' } })).toEqual({ ok: false, reason: 'no_match' });
  // Never some of each.
  expect(verify({ headers: { ...svix, 'webhook-signature': signed['webhook-signature'] } }).ok).toBe(false);
});
