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
    concurrency: 4,
  });
});

it('names what is wrong, and never shows a secret', () => {
  expect(() => resolveOptions({ ...good, serviceUrl: '' })).toThrow(/serviceUrl/);
  expect(() => resolveOptions({ ...good, apiKey: 'hunter2' })).toThrow(/apiKey/);
  expect(() => resolveOptions({ ...good, signingSecret: 'whsec_c2hvcnQ=' })).toThrow(/^(?!.*c2hvcnQ).*signingSecret/);
});

it('says it without a stack, which would lead into the plugin and not to the setting', () => {
  let stack: string | undefined;
  try {
    resolveOptions({ ...good, apiKey: 'hunter2' });
  } catch (error) {
    stack = (error as Error).stack;
  }
  expect(stack).toMatch(/^DriverDispatchPlugin: apiKey must look like [^\n]*$/);
});

it('sends at least one message at a time', () => {
  expect(resolveOptions({ ...good, concurrency: 0 }).concurrency).toBe(1);
});
