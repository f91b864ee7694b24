import { beforeEach, describe, expect, test } from 'vitest';
import { at, CENTER, fix, projection, type Trial } from './trial.contract.ts';

/** Who is shown after what Postgres told, and what comes too late to count. */
export function projectingContract(given: () => Trial): void {
  describe('projecting', () => {
    let subject: Trial['subject'];
    let store: Trial['store'];
    let shop: Trial['shop'];
    let project: Trial['project'];
    let found: Trial['found'];
    beforeEach(() => {
      ({ subject, store, shop, project, found } = given());
    });

    test('shows an AVAILABLE driver who was heard from, with where and since when idle', async () => {
      expect(await project('a', { position: at(300), idleSinceMs: 42 })).toBe('OK');
      expect(await store.search(shop, { center: CENTER, radiusM: 5_000, limit: 1 })).toEqual([
        { driverId: 'a', position: at(300), idleSinceMs: 42 },
      ]);
    });

    test.each([null, 60_000])('does not show a driver last heard from %s ms ago', async (seenAgeMs) => {
      expect(await project('a', { seenAgeMs })).toBe('OK');
      expect(await store.statuses(shop, ['a'])).toMatchObject([{ version: 1, status: 'AVAILABLE', inGeo: false }]);
      expect(await found()).toEqual([]);
    });

    test.each(['BUSY', 'OFFLINE'] as const)('%s takes the driver out of the search at once', async (status) => {
      await project('a');
      expect(await project('a', { version: 2, status })).toBe('OK');
      expect(await store.statuses(shop, ['a'])).toMatchObject([{ version: 2, status, inGeo: false }]);
      expect(await store.heartbeat(shop, [{ driverId: 'a' }])).toMatchObject([{ outcome: 'OK' }]);
      expect(await store.locate(shop, [fix('a', Date.now())])).toMatchObject([{ outcome: 'OK' }]);
      expect(await store.statuses(shop, ['a'])).toMatchObject([{ version: 2, status, inGeo: false }]);
      expect(await found()).toEqual([]);
    });

    test('an older version that comes late changes nothing', async () => {
      await project('a', { version: 3, status: 'BUSY' });
      expect(await project('a', { version: 2 })).toBe('STALE');
      expect(await found()).toEqual([]);
      expect(await store.statuses(shop, ['a', 'b'])).toMatchObject([
        { version: 3, status: 'BUSY', inGeo: false },
        null,
      ]);
    });

    test('versions are compared as numbers', async () => {
      await project('a', { version: 10, status: 'BUSY' });
      expect(await project('a', { version: 9 })).toBe('STALE');
    });

    test('the same version with another status is a conflict and changes nothing', async () => {
      await project('a', { status: 'BUSY' });
      expect(await project('a')).toBe('CONFLICT');
      expect(await found()).toEqual([]);
    });

    test('the same version again shows a driver who was dropped for silence', async () => {
      await project('a');
      await subject.silence(shop, ['a']);
      expect(await found()).toEqual([]);
      expect(await project('a')).toBe('OK');
      expect(await found()).toEqual(['a']);
    });

    test('a fix that came to the projection beats the position Postgres knows', async () => {
      await project('a', { status: 'BUSY' });
      await store.locate(shop, [fix('a', Date.now(), at(800))]);
      await project('a', { version: 2, position: at(100) });
      expect(await store.search(shop, { center: CENTER, radiusM: 5_000, limit: 1 })).toMatchObject([
        { position: at(800) },
      ]);
    });

    test('a later contact that Postgres knows of counts, an earlier one does not', async () => {
      const heardAgeS = async () => Math.round((await store.statuses(shop, ['a']))[0]!.heardAgeMs! / 1_000);
      await project('a', { seenAgeMs: 50_000 });
      expect(await heardAgeS()).toBe(50);
      await store.locate(shop, [{ ...fix('a', Date.now(), at(800)), heardAtMs: performance.now() - 40_000 }]);
      expect(await heardAgeS()).toBe(40);
      await project('a', { version: 2, seenAgeMs: 10_000 });
      expect(await heardAgeS()).toBe(10);
      await project('a', { version: 3, seenAgeMs: 30_000 });
      expect(await heardAgeS()).toBe(10);
      expect(await store.lastPositions(shop, ['a'])).toMatchObject([{ position: at(800) }]);
      await subject.silence(shop, ['a']);
      expect(await store.statuses(shop, ['a'])).toMatchObject([{ heardAgeMs: null }]);
    });

    test('answers each of many in order', async () => {
      await project('stale', { version: 5 });
      const many = Array.from({ length: 1_200 }, (_, i) => projection(`d${i}`));
      const replies = await store.project(shop, [projection('stale'), ...many]);
      expect([replies[0], new Set(replies.slice(1)), replies.length]).toEqual(['STALE', new Set(['OK']), 1_201]);
    });
  });
}
