import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { distanceM } from '#shared/domain/geo.ts';
import type { Projection } from './availability.ts';
import { at, fix, outcomes, projection, type Trial } from './trial.contract.ts';

/** Who is found, in what order, and by whom. */
export function searchingContract(given: () => Trial): void {
  describe('searching', () => {
    let subject: Trial['subject'];
    let store: Trial['store'];
    let shop: Trial['shop'];
    let project: Trial['project'];
    let found: Trial['found'];
    beforeEach(() => {
      ({ subject, store, shop, project, found } = given());
    });

    test('is cold until marked warm, and after a flush', async () => {
      await project('a');
      expect([await store.isWarm(shop), await found()]).toEqual([true, ['a']]);
      await subject.flush(shop);
      expect([await store.isWarm(shop), await found()]).toEqual([false, 'COLD']);
      expect(outcomes(await store.locate(shop, [fix('a', Date.now())]))).toEqual(['MISS']);
    });

    test('answers by distance, then id, within the radius and the limit', async () => {
      const metres = { far: 5_100, d: 4_900, c: 20, b2: 10, b1: 10, a: 0 };
      for (const [id, away] of Object.entries(metres)) await project(id, { position: at(away) });
      expect(await found()).toEqual(['a', 'b1', 'b2', 'c', 'd']);
      expect(await found(2)).toEqual(['a', 'b1']);
    });

    test('passes over the excluded without removing them', async () => {
      for (const id of ['a', 'b', 'c']) await project(id);
      expect(await found(1, ['a', 'b'])).toEqual(['c']);
      expect(await found(5, ['a', 'a', 'nobody'])).toEqual(['b', 'c']);
      expect(await found(3)).toEqual(['a', 'b', 'c']);
    });

    test('200 silent phones do not hide a live one behind them', async () => {
      const silent = Array.from({ length: 200 }, (_, i) => projection(`s${i}`, { position: at(i) }));
      await store.project(shop, [...silent, projection('live', { position: at(240) })]);
      await subject.silence(
        shop,
        silent.map(({ driverId }) => driverId),
      );
      expect(await found(1)).toEqual(['live']);
      const [gone] = await store.statuses(shop, ['s0']);
      expect(gone).toMatchObject({ version: 1, status: 'AVAILABLE', inGeo: false });
    });

    test('in a crowd: the nearest of hundreds, the living behind the silent, and nobody outside a small radius', async () => {
      // 600 m from end to end, so that whatever cell the middle lies in is full.
      const crowd = Array.from({ length: 1_201 }, (_, i) => projection(`c${i}`, { position: at(i / 2) }));
      const center = at(300);
      const awayM = ({ position }: Projection) => distanceM(center, position ?? center);
      const byDistance = [...crowd].sort((a, b) => awayM(a) - awayM(b) || (a.driverId < b.driverId ? -1 : 1));
      const idsOf = (drivers: readonly { driverId: string }[]) => drivers.map(({ driverId }) => driverId);
      const search = async (radiusM: number, limit: number) => {
        const answer = await store.search(shop, { center, radiusM, limit });
        return answer === 'COLD' ? answer : idsOf(answer);
      };
      await store.project(shop, crowd);
      expect(await search(5_000, 6)).toEqual(idsOf(byDistance.slice(0, 6)));
      expect(await search(2.9, 20)).toEqual(idsOf(byDistance.filter((driver) => awayM(driver) <= 2.9)));
      await subject.silence(shop, idsOf(byDistance.slice(0, 1_199)));
      expect(await search(5_000, 6)).toEqual(idsOf(byDistance.slice(1_199)));
    });

    test("finds no other shop's drivers", async () => {
      const other = randomUUID();
      await store.markWarm(other);
      await store.project(other, [projection('a')]);
      expect(await found()).toEqual([]);
    });
  });
}
