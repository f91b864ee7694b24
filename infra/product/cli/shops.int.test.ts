import { expect, test } from 'vitest';
import { DISPATCH_SETTINGS } from '#shared/contract/dispatch-settings.ts';
import { readKey } from '#shared/domain/key-text.ts';
import { givenCli } from './cli.testing.ts';

const given = givenCli();
const { cli, json } = given;

test('shops and their keys, from making to revoking', async () => {
  expect(await cli('shops', 'create', 'berlin', '--name', 'Bakery Berlin')).toMatchObject({ code: 0, err: '' });
  expect(await cli('shops', 'create', 'berlin')).toMatchObject({ code: 1, err: 'Another shop is called berlin\n' });
  expect(await cli('shops', 'create', 'No Slug')).toMatchObject({
    code: 2,
    err: expect.stringContaining('slug must be'),
  });
  const [shop] = await json('shops', 'list');
  expect(shop).toMatchObject({ slug: 'berlin', name: 'Bakery Berlin', maxRadiusM: 10_000 });
  const { key } = await json('keys', 'create', 'berlin', '--scopes', 'read', '--name', 'reports');
  const { keyId, secret } = readKey(key)!;
  expect(await json('keys', 'list', shop.id)).toMatchObject([
    { id: keyId, name: 'reports', scopes: ['read'], revoked_at: null },
  ]);
  expect((await cli('keys', 'list', 'berlin')).out).not.toContain(secret);
  expect(await cli('keys', 'revoke', keyId)).toMatchObject({ code: 0 });
  expect(await json('keys', 'list', 'berlin')).toMatchObject([{ revoked_at: expect.any(String) }]);
  expect(await cli('keys', 'revoke', 'nobody')).toMatchObject({ code: 1 });
  expect(await cli('keys', 'list', 'munich')).toMatchObject({ code: 1, err: 'There is no shop munich\n' });
});

test('how a shop dispatches is shown and changed', async () => {
  const { id } = await json('shops', 'create', 'pizza');
  expect(await json('shops', 'settings', 'pizza')).toMatchObject({
    policy: 'planned',
    maxAboardS: null,
    takeBack: true,
  });
  const wanted = ['--maxAboardS', '1200', '--takeBack', 'false', '--economy', '0.5', '--policy', 'nearest'];
  const changed = { policy: 'nearest', maxAboardS: 1_200, takeBack: false, economy: 0.5, maxRadiusM: 10_000 };
  expect(await json('shops', 'settings', id, ...wanted)).toMatchObject(changed);
  expect(await json('shops', 'settings', 'pizza', '--maxAboardS', 'null')).toMatchObject({ maxAboardS: null });
  const shown = await cli('shops', 'settings', 'pizza');
  expect(shown.out).toMatch(/^economy +0\.5 +0 to 1$/m);
  expect(shown.out).toMatch(/^maxAboardS +null +60 to 86400 s, or null for no limit$/m);
  expect(shown.err).toBe('');

  for (const [option, value, why] of [
    ['--economy', '2', 'economy must be at most 1'],
    ['--economy', 'much', 'economy must be a number'],
    ['--policy', '1', 'policy must be one of planned, nearest'],
    ['--colour', 'red', "Unknown option '--colour'"],
  ] as const) {
    const wrong = await cli('shops', 'settings', 'pizza', option, value);
    expect(wrong, value).toMatchObject({ code: 2, err: expect.stringContaining(`${why}\n`) });
  }
  expect(await cli('shops', 'settings', 'munich')).toMatchObject({ code: 1, err: 'There is no shop munich\n' });
  const { out } = await cli('shops', 'settings', '--help');
  for (const [name, { does }] of Object.entries(DISPATCH_SETTINGS)) {
    expect(out).toContain(`--${name} `);
    expect(out).toContain(does);
  }
});

test('what a shop’s drivers have to bring is shown and changed', async () => {
  await json('shops', 'create', 'wine');
  expect(await json('shops', 'proof', 'wine')).toEqual({ delivered: [], failed: [] });
  const asked = { delivered: ['name', 'age18'], failed: [] };
  expect(await json('shops', 'proof', 'wine', '--delivered', 'name,age18')).toEqual(asked);
  expect(await json('shops', 'proof', 'wine', '--failed', 'note')).toEqual({ ...asked, failed: ['note'] });
  expect(await json('shops', 'proof', 'wine', '--delivered', 'none')).toEqual({ delivered: [], failed: ['note'] });
  const wrong = await cli('shops', 'proof', 'wine', '--delivered', 'iris');
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('must be one of photo, signature') });
});

test('what customers see of a shop is shown, changed and taken away', async () => {
  await json('shops', 'create', 'bakery');
  const nothing = { color: null, logoUrl: null, phone: null, callDriver: false };
  expect(await json('shops', 'page', 'bakery')).toEqual({ name: 'bakery', ...nothing });
  const wanted = ['--name', 'Bakery Berlin', '--color', '#0B6E4F', '--phone', '+49 30 1234567', '--callDriver', 'true'];
  const page = { name: 'Bakery Berlin', color: '#0b6e4f', logoUrl: null, phone: '+49 30 1234567', callDriver: true };
  expect(await json('shops', 'page', 'bakery', ...wanted)).toEqual(page);
  expect(await json('shops', 'page', 'bakery', '--phone', 'none')).toEqual({ ...page, phone: null });
  const wrong = await cli('shops', 'page', 'bakery', '--color', 'red');
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('must be a colour such as #0b6e4f') });
});

test('what the callers of a shop may ask is shown, changed one by one, and given back to the environment', async () => {
  const { id } = await json('shops', 'create', 'busy');
  expect(await json('shops', 'limits', 'busy')).toEqual({});
  expect(await json('shops', 'limits', id, '--keyPerMinute', '120000')).toEqual({ keyPerMinute: 120_000 });
  const both = { keyPerMinute: 120_000, streamsPerShop: 0 };
  expect(await json('shops', 'limits', 'busy', '--streamsPerShop', '0')).toEqual(both);
  expect((await cli('shops', 'limits', 'busy')).out).toMatch(/^driverPerMinute +as the environment has it$/m);
  for (const wrong of ['', '-1', 'many', '1e12'])
    expect(await cli('shops', 'limits', 'busy', `--keyPerMinute=${wrong}`), wrong).toMatchObject({ code: 2 });
  expect(await json('shops', 'limits', 'busy')).toEqual(both);
  expect(await json('shops', 'limits', 'busy', '--keyPerMinute', 'null')).toEqual({ streamsPerShop: 0 });
  expect(await cli('shops', 'limits', 'munich')).toMatchObject({ code: 1, err: 'There is no shop munich\n' });
});

test('what a shop’s orders come with is said when it is made, and changed later', async () => {
  const [first, second] = ['one', 'two'].map(
    (word) => `whsec_${Buffer.from(`${word} of the command line’s`).toString('base64')}`,
  );
  const none = { secrets: 0, staticSecret: false, pickup: null };
  await json('shops', 'create', 'hamburg');
  expect(await json('shops', 'inbound', 'hamburg')).toEqual(none);
  const pickup = { lat: 48.14, lon: 11.58, address: 'Marienplatz 1' };
  const where = ['--pickup', '48.14, 11.58', '--address', 'Marienplatz 1'];
  expect(await json('shops', 'inbound', 'hamburg', '--secrets', `${first},${second}`, ...where)).toEqual({
    ...{ secrets: 2, staticSecret: false, pickup },
  });
  const last = ['--secrets', second!, '--staticSecret', 'sixteen-letters!'];
  expect(await json('shops', 'inbound', 'hamburg', ...last)).toEqual({ secrets: 1, staticSecret: true, pickup });
  const away = ['--secrets', 'none', '--staticSecret', 'none', '--pickup', 'none'];
  expect(await json('shops', 'inbound', 'hamburg', ...away)).toEqual(none);
  await json('shops', 'create', 'cologne', '--secrets', first!, '--pickup', '50.94,6.96');
  expect(await json('shops', 'inbound', 'cologne')).toMatchObject({ secrets: 1, pickup: { lat: 50.94, lon: 6.96 } });
  for (const wrong of [
    ['--pickup', '48'],
    ['--pickup', ','],
    ['--pickup', '91,0'],
    ['--address', 'x'],
    ['--secrets', 'secret'],
  ])
    expect(await cli('shops', 'inbound', 'hamburg', ...wrong), wrong.join(' ')).toMatchObject({ code: 2 });
});
