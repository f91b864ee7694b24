import { beforeEach, describe, expect, test } from 'vitest';
import { snapToGrid } from '#shared/domain/geo.ts';
import { at, fix, outcomes, type Trial } from './trial.contract.ts';

/** Fixes and heartbeats: which counts, what it changes, and when Postgres is to hear of it. */
export function locatingContract(given: () => Trial): void {
  describe('locating', () => {
    let subject: Trial['subject'];
    let store: Trial['store'];
    let shop: Trial['shop'];
    let project: Trial['project'];
    let found: Trial['found'];
    beforeEach(() => {
      ({ subject, store, shop, project, found } = given());
    });

    test('moves an AVAILABLE driver', async () => {
      await project('a', { position: at(100) });
      await project('b', { position: at(200) });
      expect(outcomes(await store.locate(shop, [fix('a', Date.now(), at(300))]))).toEqual(['OK']);
      expect(await found()).toEqual(['b', 'a']);
    });

    test('a fix off the grid is found again on it', async () => {
      await project('a');
      const position = { lat: 52.500012345, lon: 13.400054321 };
      await store.locate(shop, [fix('a', 1_000, position)]);
      expect((await store.lastPositions(shop, ['a']))[0]?.position).toEqual(snapToGrid(position));
    });

    test('of an unknown driver writes nothing', async () => {
      expect(await store.locate(shop, [fix('a', Date.now())])).toEqual([{ outcome: 'MISS', persist: false }]);
      expect(await store.heartbeat(shop, ['a'])).toEqual([{ outcome: 'MISS', persist: false }]);
      expect(await store.lastPositions(shop, ['a'])).toEqual([null]);
      await project('a', { seenAgeMs: null });
      expect(await found()).toEqual([]);
    });

    test('keeps the newer position, and still counts an older fix as contact', async () => {
      const nowMs = Date.now();
      await project('a');
      await store.locate(shop, [fix('a', nowMs, at(100))]);
      expect(outcomes(await store.locate(shop, [fix('a', nowMs - 1, at(900))]))).toEqual(['OLD']);
      expect(await store.lastPositions(shop, ['a'])).toEqual([{ position: at(100), recordedAtMs: nowMs }]);
      expect(outcomes(await store.locate(shop, [fix('a', nowMs, at(900))]))).toEqual(['OK']);
      expect(await store.lastPositions(shop, ['a'])).toEqual([{ position: at(100), recordedAtMs: nowMs }]);
      expect(await found()).toEqual(['a']);
    });

    test('takes the newest of a batch, whatever its order', async () => {
      const nowMs = Date.now();
      await project('a');
      await project('b');
      const replies = await store.locate(shop, [
        fix('a', nowMs - 2, at(300)),
        fix('b', nowMs - 9, at(50)),
        fix('a', nowMs, at(100)),
        fix('a', nowMs - 1, at(200)),
        fix('x', nowMs),
      ]);
      expect(outcomes(replies)).toEqual(['OLD', 'OK', 'OK', 'OLD', 'MISS']);
      expect(await store.lastPositions(shop, ['a', 'b'])).toMatchObject([{ position: at(100) }, { position: at(50) }]);
    });

    test('a phone whose clock is a day ahead does not shut out the fixes that follow', async () => {
      const nowMs = Date.now();
      await project('a');
      await store.locate(shop, [fix('a', nowMs + 86_400_000)]);
      const [last] = await store.lastPositions(shop, ['a']);
      expect(last?.recordedAtMs).toBeLessThan(nowMs + 10_000);
      expect(outcomes(await store.locate(shop, [fix('a', nowMs + 6_000, at(400))]))).not.toEqual(['MISS']);
      await subject.silence(shop, ['a']);
      expect(outcomes(await store.locate(shop, [fix('a', nowMs, at(400))]))).toEqual(['OK']);
    });

    test('a phone whose clock is a day behind: its newest fix is the newest all the same', async () => {
      const behindMs = Date.now() - 86_400_000;
      await project('a', { position: at(900) });
      expect(outcomes(await store.locate(shop, [fix('a', behindMs, at(100))]))).toEqual(['OK']);
      expect(outcomes(await store.locate(shop, [fix('a', behindMs + 1, at(200))]))).toEqual(['OK']);
      expect(outcomes(await store.locate(shop, [fix('a', behindMs, at(300))]))).toEqual(['OLD']);
      expect(await store.lastPositions(shop, ['a'])).toEqual([{ position: at(200), recordedAtMs: behindMs + 1 }]);
    });

    test('a fix without a time is from now, and newer than those it came with', async () => {
      const nowMs = Date.now();
      await project('a');
      const batch = [fix('a', null, at(200)), fix('a', nowMs - 5_000, at(300))];
      expect(outcomes(await store.locate(shop, batch))).toEqual(['OK', 'OLD']);
      const [last] = await store.lastPositions(shop, ['a']);
      expect(last?.position).toEqual(at(200));
      expect(Math.abs((last?.recordedAtMs ?? 0) - nowMs)).toBeLessThan(5_000);
      expect(outcomes(await store.locate(shop, [fix('a', nowMs - 5_000, at(400))]))).toEqual(['OLD']);
    });

    test('asks for the thinned write once, then not for a while', async () => {
      await project('a', { seenAgeMs: 30_000 });
      const nowMs = Date.now();
      expect(await store.locate(shop, [fix('a', nowMs)])).toEqual([{ outcome: 'OK', persist: 'now' }]);
      expect(await store.locate(shop, [fix('a', nowMs + 1)])).toEqual([{ outcome: 'OK', persist: false }]);
      expect(await store.heartbeat(shop, ['a'])).toEqual([{ outcome: 'OK', persist: false }]);
    });

    test('the thinned write can wait a moment while Postgres would not yet take the driver for silent', async () => {
      await project('a', { seenAgeMs: 15_000 });
      await project('b', { seenAgeMs: 45_000 });
      expect(await store.locate(shop, [fix('a', Date.now()), fix('b', Date.now())])).toEqual([
        { outcome: 'OK', persist: 'soon' },
        { outcome: 'OK', persist: 'now' },
      ]);
      await project('c', { seenAgeMs: 15_000 });
      await project('d', { seenAgeMs: 45_000 });
      expect(await store.heartbeat(shop, ['c', 'd'])).toMatchObject([{ persist: 'soon' }, { persist: 'now' }]);
    });

    test('a contact that Postgres just had is not written again', async () => {
      await project('a', { seenAgeMs: 1_000 });
      expect(await store.heartbeat(shop, ['a'])).toEqual([{ outcome: 'OK', persist: false }]);
    });

    test('brings back a driver who was dropped for silence', async () => {
      await project('a');
      await subject.silence(shop, ['a']);
      expect(await found()).toEqual([]);
      await store.locate(shop, [fix('a', Date.now())]);
      expect(await found()).toEqual(['a']);
    });

    test('a heartbeat brings back nobody without a position, and says so', async () => {
      await project('a');
      await subject.silence(shop, ['a']);
      expect(await found()).toEqual([]);
      expect(outcomes(await store.heartbeat(shop, ['a']))).toEqual(['MISS']);
      await project('a', { position: at(70) });
      expect(await found()).toEqual(['a']);
      expect(outcomes(await store.heartbeat(shop, ['a']))).toEqual(['OK']);
      expect(await store.lastPositions(shop, ['a'])).toEqual([{ position: at(70), recordedAtMs: 0 }]);
    });
  });
}
