import { beforeEach, describe, expect, test } from 'vitest';
import { snapToGrid } from '#shared/domain/geo.ts';
import type { Fix } from './availability.ts';
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

    const heardNow = async () => {
      const page = await store.unsaved(shop, '0', true);
      return [...(page?.heard ?? [])].sort((a, b) => (a.driverId < b.driverId ? -1 : 1));
    };

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
      expect(await store.heartbeat(shop, [{ driverId: 'a' }])).toEqual([{ outcome: 'MISS', persist: false }]);
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

    test('a phone whose clock goes back: after half a minute of older fixes alone they count again, in their order', async () => {
      const [nowMs, backMs] = [Date.now(), Date.now() - 5 * 3_600_000];
      const agoMs = (ms: number) => ({ heardAtMs: performance.now() - ms });
      await project('a', { seenAgeMs: null });
      const say = async (one: Fix) => outcomes(await store.locate(shop, [one]));
      expect(await say({ ...fix('a', nowMs - 50_000, at(100)), ...agoMs(50_000) })).toEqual(['OK']);
      expect(await say({ ...fix('a', backMs - 45_000, at(200)), ...agoMs(45_000) })).toEqual(['OLD']);
      expect(await say({ ...fix('a', backMs - 20_000, at(300)), ...agoMs(20_000) })).toEqual(['OLD']);
      expect(await say({ ...fix('a', backMs - 8_000, at(400)), ...agoMs(8_000) })).toEqual(['OK']);
      expect(await say({ ...fix('a', backMs, at(600)), ...agoMs(0) })).toEqual(['OK']);
      expect(await say({ ...fix('a', backMs - 4_000, at(500)), ...agoMs(0) })).toEqual(['OLD']);
      const [last] = await store.lastPositions(shop, ['a']);
      expect(last?.position).toEqual(at(600));
      expect(Math.abs((last?.recordedAtMs ?? 0) - nowMs)).toBeLessThan(5_000);
      // The clock is set right again.
      expect(await say(fix('a', Date.now() + 3_000, at(700)))).toEqual(['OK']);
    });

    test('older fixes that lay in a queue are no clock that goes back, while newer ones come', async () => {
      const nowMs = Date.now();
      const heardAtMs = performance.now() - 50_000;
      await project('a', { seenAgeMs: null });
      const say = async (one: Fix) => outcomes(await store.locate(shop, [one]));
      await say({ ...fix('a', nowMs - 50_000, at(100)), heardAtMs });
      expect(await say({ ...fix('a', nowMs - 900_000, at(900)), heardAtMs })).toEqual(['OLD']);
      await say(fix('a', nowMs, at(200)));
      expect(await say({ ...fix('a', nowMs - 800_000, at(900)), heardAtMs })).toEqual(['OLD']);
      expect(await say(fix('a', nowMs - 700_000, at(900)))).toEqual(['OLD']);
      expect((await store.lastPositions(shop, ['a']))[0]?.position).toEqual(at(200));
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

    test('while Postgres is told by somebody, only whom it would take for silent has to be told at once', async () => {
      await project('a', { seenAgeMs: 1_000 });
      await project('b', { seenAgeMs: 45_000 });
      await project('c', { seenAgeMs: null });
      expect(await store.heartbeat(shop, [{ driverId: 'a' }])).toEqual([{ outcome: 'OK', persist: true }]);
      await store.saved(shop, [], true);
      const nowMs = Date.now();
      const all = ['a', 'b', 'c'].map((id) => fix(id, nowMs));
      expect((await store.locate(shop, all)).map(({ persist }) => persist)).toEqual([false, true, true]);
      expect((await store.locate(shop, all)).map(({ persist }) => persist)).toEqual([false, false, false]);
      await subject.silence(shop, ['a']);
      expect(await store.heartbeat(shop, [{ driverId: 'a' }, { driverId: 'b' }])).toMatchObject([
        { persist: true },
        { persist: false },
      ]);
    });

    test('what was heard is kept until Postgres was told, and what was heard meanwhile after that', async () => {
      await project('a');
      await project('b');
      const nowMs = Date.now();
      await store.locate(shop, [fix('a', nowMs, at(100)), fix('b', nowMs, at(200))]);
      const first = await heardNow();
      expect(first.map(({ driverId, fix: last }) => [driverId, last])).toEqual([
        ['a', { position: at(100), recordedAtMs: nowMs }],
        ['b', { position: at(200), recordedAtMs: nowMs }],
      ]);
      for (const { heardAtMs } of first) expect(Math.abs(performance.now() - heardAtMs)).toBeLessThan(5_000);
      await store.locate(shop, [fix('a', nowMs + 1, at(300))]);
      await store.saved(shop, first, true);
      expect((await heardNow()).map(({ driverId, fix: last }) => [driverId, last?.position])).toEqual([['a', at(300)]]);
      await subject.silence(shop, ['a']);
      expect(await heardNow()).toHaveLength(1);
    });

    test('a heartbeat does not take the place of the position: Postgres is told both', async () => {
      await project('a', { seenAgeMs: null });
      const recordedAtMs = Date.now() - 5_000;
      await store.locate(shop, [fix('a', recordedAtMs, at(100))]);
      const [before] = await heardNow();
      await store.heartbeat(shop, [{ driverId: 'a' }]);
      const [after] = await heardNow();
      expect(after?.fix).toEqual({ position: at(100), recordedAtMs });
      expect(after?.heardAtMs).toBeGreaterThanOrEqual((before?.heardAtMs ?? 0) - 5);
      await project('b', { position: at(1) });
      await store.heartbeat(shop, [{ driverId: 'b' }]);
      expect((await heardNow()).find(({ driverId }) => driverId === 'b')?.fix).toBeNull();
    });

    test('one tells Postgres at a time, and after it nobody for a while, unless it must be', async () => {
      expect(await store.unsaved(shop, '0')).toEqual({ cursor: '0', heard: [] });
      await store.saved(shop, [], true);
      expect(await store.unsaved(shop, '0')).toBeNull();
      expect(await store.unsaved(shop, '0', true)).not.toBeNull();
    });

    test('a contact counts from its receipt: one that waited for a minute makes nobody live, nor anybody older', async () => {
      const lateMs = performance.now() - 70_000;
      await project('a', { seenAgeMs: null });
      await project('b');
      const late = { position: at(100), recordedAtMs: null, heardAtMs: lateMs };
      const replies = await store.locate(shop, [
        { driverId: 'a', ...late },
        { driverId: 'b', ...late },
      ]);
      await store.heartbeat(shop, [{ driverId: 'a', heardAtMs: lateMs }]);
      expect(outcomes(replies)).toEqual(['OK', 'OK']);
      expect(await found()).toEqual(['b']);
      const [last] = await store.lastPositions(shop, ['a']);
      expect(last).toBeNull();
      const heard = await heardNow();
      const ages = heard.map(({ driverId, heardAtMs }) => [
        driverId,
        Math.round((performance.now() - heardAtMs) / 10_000),
      ]);
      expect(ages).toEqual([
        ['a', 7],
        ['b', 0],
      ]);
    });

    test('a contact that waited for a while is live for the rest of its minute', async () => {
      await project('a', { seenAgeMs: null });
      await store.locate(shop, [
        { driverId: 'a', position: at(1), recordedAtMs: null, heardAtMs: performance.now() - 59_000 },
      ]);
      expect(await found()).toEqual(['a']);
      await expect.poll(() => found(), { timeout: 5_000 }).toEqual([]);
    });

    test('what Postgres said of a contact grows older on its way', async () => {
      await project('a', { seenAgeMs: 1_000, asOfMs: performance.now() - 59_000 });
      expect(await found()).toEqual([]);
      await project('b', { seenAgeMs: 1_000, asOfMs: performance.now() - 10_000 });
      expect(await found()).toEqual(['b']);
    });

    test('a fix without a time is from when it was received: one that waited does not overwrite a newer one', async () => {
      await project('a');
      await store.locate(shop, [fix('a', null, at(200))]);
      const late = { driverId: 'a', position: at(900), recordedAtMs: null, heardAtMs: performance.now() - 20_000 };
      expect(outcomes(await store.locate(shop, [late]))).toEqual(['OLD']);
      expect(await store.lastPositions(shop, ['a'])).toMatchObject([{ position: at(200) }]);
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
      expect(outcomes(await store.heartbeat(shop, [{ driverId: 'a' }]))).toEqual(['MISS']);
      await project('a', { position: at(70) });
      expect(await found()).toEqual(['a']);
      expect(outcomes(await store.heartbeat(shop, [{ driverId: 'a' }]))).toEqual(['OK']);
      expect(await store.lastPositions(shop, ['a'])).toEqual([{ position: at(70), recordedAtMs: 0 }]);
    });
  });
}
