import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { anyOrderContract } from './any-order.contract.ts';
import { locatingContract } from './locating.contract.ts';
import { projectingContract } from './projecting.contract.ts';
import { searchingContract } from './searching.contract.ts';
import { openTrial, projection, type Subject, type Trial } from './trial.contract.ts';

/** What every Availability must do: run against the fake and against Redis. */
export function availabilityContract(name: string, open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject;
    let trial: Trial;
    let store: Trial['store'];
    let shop: Trial['shop'];
    let project: Trial['project'];
    let found: Trial['found'];
    beforeAll(async () => {
      subject = await open();
    });
    beforeEach(async () => {
      trial = await openTrial(subject);
      ({ store, shop, project, found } = trial);
    });
    afterAll(() => subject.availability.close());

    const given = () => trial;
    projectingContract(given);
    locatingContract(given);
    searchingContract(given);

    test('forgotten drivers leave no trace', async () => {
      await project('a');
      await project('b');
      await store.forget(shop, ['a', 'nobody']);
      expect(await store.statuses(shop, ['a'])).toEqual([null]);
      expect(await store.lastPositions(shop, ['a'])).toEqual([null]);
      expect(await found()).toEqual(['b']);
    });

    test('all projected ids come page by page', async () => {
      const ids = Array.from({ length: 1_500 }, (_, i) => `d${i}`);
      await store.project(
        shop,
        ids.map((id) => projection(id, { status: 'OFFLINE' })),
      );
      const seen = new Set<string>();
      let cursor = '0';
      do {
        const page = await store.projectedIds(shop, cursor, 200);
        for (const id of page.ids) seen.add(id);
        cursor = page.cursor;
      } while (cursor !== '0');
      expect([...seen].sort()).toEqual([...ids].sort());
    });

    test('nobody asked for, nobody answered', async () => {
      const answers = [store.project(shop, []), store.locate(shop, []), store.heartbeat(shop, [])];
      expect(await Promise.all([...answers, store.statuses(shop, []), store.lastPositions(shop, [])])).toEqual(
        Array(5).fill([]),
      );
      expect((await store.ping()).latencyMs).toBeGreaterThanOrEqual(0);
      expect(store.breakerState()).toBe('closed');
    });

    anyOrderContract(given);
  });
}
