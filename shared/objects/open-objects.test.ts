import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openObjects } from './open-objects.ts';

test('what is put is got, the newest counts, and no key leads out of the directory', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'objects-'));
  const objects = openObjects({ directory: path.join(directory, 'new'), s3: null });
  expect(await objects.get('shop/a')).toBeNull();
  await objects.put('shop/a', Buffer.from('one'));
  await objects.put('shop/a', Buffer.from('two'));
  expect(String(await objects.get('shop/a'))).toBe('two');
  for (const key of ['../a', 'shop/../../a', '/a', 'shop//a', '.a', '']) {
    await expect(objects.get(key)).rejects.toThrow(RangeError);
    await expect(objects.put(key, Buffer.from(''))).rejects.toThrow(RangeError);
  }
  await rm(directory, { recursive: true });
});
