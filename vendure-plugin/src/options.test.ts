import { expect, it } from 'vitest';
import { resolveOptions } from './options';

const good = {
  serviceUrl: 'https://dispatch.example.com/',
  apiKey: 'dk_shop_0123456789abcdef',
  signingSecret: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
};

it('needs three settings, and has a default for every other', () => {
  expect(resolveOptions(good)).toMatchObject({
    serviceUrl: 'https://dispatch.example.com',
    shop: 'default',
    autoFulfill: true,
    retries: 1_000,
  });
});

it('names what is wrong, and never shows a secret', () => {
  expect(() => resolveOptions({ ...good, serviceUrl: '' })).toThrow(/serviceUrl/);
  expect(() => resolveOptions({ ...good, apiKey: 'hunter2' })).toThrow(/apiKey/);
  expect(() => resolveOptions({ ...good, signingSecret: 'whsec_c2hvcnQ=' })).toThrow(/^(?!.*c2hvcnQ).*signingSecret/);
});

it('never retries less than ten times', () => {
  expect(resolveOptions({ ...good, retries: 0 }).retries).toBe(10);
});
