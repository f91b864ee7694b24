import { beforeEach, expect, test, vi } from 'vitest';
import type { Db } from '../db/open-db.ts';
import { openApiKeys } from '../secrets/api-key.ts';
import { openFindKey } from './find-keys.ts';

const apiKeys = openApiKeys({ secret: 'a secret for the tests, long enough', previousSecret: null });

let asked: number;
let stored: { id: string; shop_id: string; secret_sha256: string; scopes: string[] }[];
let find: ReturnType<typeof openFindKey>;

/** As Postgres answers: to a list with all, to a question for one id with that one. */
const db = {
  run: async (_text: string, [what]: readonly unknown[]) => {
    asked += 1;
    return typeof what === 'number' ? stored : stored.filter(({ id }) => id === what);
  },
} as unknown as Db;
const key = (id: string) => ({ id, shop_id: 's', secret_sha256: 'x', scopes: ['read'] });

beforeEach(() => {
  asked = 0;
  stored = [key('old')];
  find = openFindKey(db, apiKeys);
});

test('a thousand invented keys cost one question', async () => {
  const marked = apiKeys.make().keyId;
  for (let n = 0; n < 500; n += 1) {
    expect(await find(`invented${n}`)).toBeNull();
    expect(await find(`${String(n).padStart(24, '0')}${marked.slice(24)}`)).toBeNull();
  }
  expect(asked).toBe(1);
});

test('a key from before the check values is found, and no question more is asked than for an invented one', async () => {
  await find('invented');
  expect(await find('old')).toMatchObject({ id: 'old' });
  expect(asked).toBe(1);
});

test('a key that is made after it was asked for in vain works five seconds later', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    find = openFindKey(db, apiKeys);
    const { keyId } = apiKeys.make();
    expect([await find(keyId), await find('unmarked')]).toEqual([null, null]);
    stored.push(key(keyId), key('unmarked'));
    vi.advanceTimersByTime(5_000);
    for (const id of [keyId, 'unmarked']) expect(await find(id)).toMatchObject({ id });
  } finally {
    vi.useRealTimers();
  }
});

test('a withdrawn key is not good for ten seconds more', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    find = openFindKey(db, apiKeys);
    await find('invented');
    vi.advanceTimersByTime(4_999);
    expect(await find('old')).not.toBeNull();
    stored = [];
    vi.advanceTimersByTime(5_000);
    expect(await find('old')).toBeNull();
  } finally {
    vi.useRealTimers();
  }
});
