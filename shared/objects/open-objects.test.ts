import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DependencyAway } from '../domain/away.ts';
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
    await expect(objects.remove(key)).rejects.toThrow(RangeError);
  }
  await rm(directory, { recursive: true });
});

test('what is removed leaves nothing, nor does a write that was broken off', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'objects-'));
  const objects = openObjects({ directory, s3: null });
  await objects.put('shop/a', Buffer.from('one'));
  await objects.put('shop/b', Buffer.from('two'));
  const drafts = path.join(directory, '.unfinished');
  for (const [name, ageS] of [['old', 7_200] as const, ['new', 60] as const]) {
    await writeFile(path.join(drafts, name), 'half a picture');
    await utimes(path.join(drafts, name), Date.now() / 1000 - ageS, Date.now() / 1000 - ageS);
  }
  await objects.remove('shop/a');
  await objects.remove('shop/a');
  expect(await objects.get('shop/a')).toBeNull();
  expect(await readdir(path.join(directory, 'shop'))).toEqual(['b']);
  expect(await readdir(drafts)).toEqual(['new']);
  await rm(directory, { recursive: true });
});

test('from a directory that is not there nothing counts as removed', async () => {
  const objects = openObjects({ directory: path.join(tmpdir(), 'objects-of-nobody'), s3: null });
  await expect(objects.remove('shop/a')).rejects.toBeInstanceOf(DependencyAway);
});
