import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DRIVER_STATUSES, type DriverStatus } from '#shared/domain/driver.ts';
import { distanceM, type Position, snapToGrid } from '#shared/domain/geo.ts';
import type { Availability, FixReply, Projection } from './availability.ts';

export interface Subject {
  availability: Availability;
  /** As if 60 s had passed without a word from these drivers. */
  silence(shopId: string, driverIds: readonly string[]): Promise<void>;
  /** As if Redis had been emptied. */
  flush(shopId: string): Promise<void>;
}

const CENTER = at(0);

/** A place `metres` north of the centre. */
export function at(metres: number): Position {
  return snapToGrid({ lat: 52.5 + metres / 111_226, lon: 13.4 });
}

/** A driver as Postgres tells it: AVAILABLE at the centre, heard from a second ago, unless said otherwise. */
export function projection(driverId: string, more: Partial<Projection> = {}): Projection {
  return { driverId, version: 1, status: 'AVAILABLE', position: CENTER, idleSinceMs: 7, seenAgeMs: 1_000, ...more };
}

/** What every Availability must do: run against the fake and against Redis. */
export function availabilityContract(name: string, open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject;
    let store: Availability;
    let shop: string;
    beforeAll(async () => {
      subject = await open();
      store = subject.availability;
    });
    beforeEach(async () => {
      shop = randomUUID();
      await store.markWarm(shop);
    });
    afterAll(() => subject.availability.close());

    const project = async (id: string, more?: Partial<Projection>) =>
      (await store.project(shop, [projection(id, more)]))[0];
    const fix = (driverId: string, recordedAtMs: number | null, position = CENTER) => ({
      driverId,
      recordedAtMs,
      position,
    });
    const found = async (limit = 10, exclude: string[] = []) => {
      const answer = await store.search(shop, { center: CENTER, radiusM: 5_000, limit, exclude });
      return answer === 'COLD' ? answer : answer.map(({ driverId }) => driverId);
    };
    const outcomes = (replies: readonly FixReply[]) => replies.map(({ outcome }) => outcome);

    describe('projecting', () => {
      test('shows an AVAILABLE driver who was heard from, with where and since when idle', async () => {
        expect(await project('a', { position: at(300), idleSinceMs: 42 })).toBe('OK');
        expect(await store.search(shop, { center: CENTER, radiusM: 5_000, limit: 1 })).toEqual([
          { driverId: 'a', position: at(300), idleSinceMs: 42 },
        ]);
      });

      test.each([null, 60_000])('does not show a driver last heard from %s ms ago', async (seenAgeMs) => {
        expect(await project('a', { seenAgeMs })).toBe('OK');
        expect(await store.statuses(shop, ['a'])).toEqual([{ version: 1, status: 'AVAILABLE', inGeo: false }]);
        expect(await found()).toEqual([]);
      });

      test.each(['BUSY', 'OFFLINE'] as const)('%s takes the driver out of the search at once', async (status) => {
        await project('a');
        expect(await project('a', { version: 2, status })).toBe('OK');
        expect(await store.statuses(shop, ['a'])).toEqual([{ version: 2, status, inGeo: false }]);
        expect(await store.heartbeat(shop, ['a'])).toMatchObject([{ outcome: 'OK' }]);
        expect(await store.locate(shop, [fix('a', Date.now())])).toMatchObject([{ outcome: 'OK' }]);
        expect(await store.statuses(shop, ['a'])).toEqual([{ version: 2, status, inGeo: false }]);
        expect(await found()).toEqual([]);
      });

      test('an older version that comes late changes nothing', async () => {
        await project('a', { version: 3, status: 'BUSY' });
        expect(await project('a', { version: 2 })).toBe('STALE');
        expect(await found()).toEqual([]);
        expect(await store.statuses(shop, ['a', 'b'])).toEqual([{ version: 3, status: 'BUSY', inGeo: false }, null]);
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

      test('answers each of many in order', async () => {
        await project('stale', { version: 5 });
        const many = Array.from({ length: 1_200 }, (_, i) => projection(`d${i}`));
        const replies = await store.project(shop, [projection('stale'), ...many]);
        expect([replies[0], new Set(replies.slice(1)), replies.length]).toEqual(['STALE', new Set(['OK']), 1_201]);
      });
    });

    describe('locating', () => {
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
        expect(await store.lastPositions(shop, ['a', 'b'])).toMatchObject([
          { position: at(100) },
          { position: at(50) },
        ]);
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

    describe('searching', () => {
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
        expect(gone).toEqual({ version: 1, status: 'AVAILABLE', inGeo: false });
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

    test('whatever comes in whatever order, only AVAILABLE drivers heard from are found, and all of those', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
          const one = randomUUID();
          await store.markWarm(one);
          await follow(subject, one, steps);
        }),
        { numRuns: 60 },
      );
    });
  });
}

const DRIVERS = ['a', 'b', 'c'] as const;
const driver = fc.constantFrom(...DRIVERS);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('project'),
      driver,
      version: fc.integer({ min: 1, max: 12 }),
      status: fc.constantFrom(...DRIVER_STATUSES, 'AVAILABLE'),
      seenAgeMs: fc.constantFrom(null, 1_000),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('locate'), driver, ageMs: fc.integer({ min: 0, max: 9_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('heartbeat'), driver }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('silence'), driver }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('search') }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** What must be true of one driver, in as few words as possible. */
interface Expected {
  version: number;
  status: DriverStatus;
  heard: boolean;
  placed: boolean;
}

async function follow({ availability: store, silence }: Subject, shop: string, steps: readonly Step[]): Promise<void> {
  const model = new Map<string, Expected>();
  for (const one of [...steps, { kind: 'search' } as const]) {
    if (one.kind === 'search') await checkSearch(store, shop, model);
    else if (one.kind === 'project') await checkProject(store, shop, model, one);
    else {
      const known = model.get(one.driver);
      if (one.kind === 'silence') await silence(shop, [one.driver]);
      if (one.kind === 'heartbeat') await store.heartbeat(shop, [one.driver]);
      if (one.kind === 'locate') {
        const recordedAtMs = Date.now() - one.ageMs;
        const [reply] = await store.locate(shop, [{ driverId: one.driver, recordedAtMs, position: CENTER }]);
        expect(reply?.outcome === 'MISS').toBe(known === undefined);
        if (known) known.placed = true;
      }
      if (known) known.heard = one.kind !== 'silence';
      if (known && one.kind === 'silence') known.placed = false;
    }
  }
}

async function checkProject(
  store: Availability,
  shop: string,
  model: Map<string, Expected>,
  { driver: id, version, status, seenAgeMs }: Extract<Step, { kind: 'project' }>,
): Promise<void> {
  const old = model.get(id);
  const [reply] = await store.project(shop, [projection(id, { version, status, seenAgeMs })]);
  if (old && version < old.version) return expect(reply).toBe('STALE');
  if (old && version === old.version && status !== old.status) return expect(reply).toBe('CONFLICT');
  expect(reply).toBe('OK');
  const shown = status === 'AVAILABLE' && ((old?.heard ?? false) || seenAgeMs !== null);
  model.set(id, {
    version,
    status,
    heard: shown || (old?.heard ?? false),
    placed: shown || (old?.placed ?? false),
  });
}

async function checkSearch(store: Availability, shop: string, model: Map<string, Expected>): Promise<void> {
  const answer = await store.search(shop, { center: CENTER, radiusM: 1_000, limit: DRIVERS.length });
  if (answer === 'COLD') throw new Error('cold');
  const ids = answer.map(({ driverId }) => driverId);
  for (const id of DRIVERS) {
    const { status = 'OFFLINE', heard = false, placed = false } = model.get(id) ?? {};
    const allowed = status === 'AVAILABLE' && heard;
    if (!allowed) expect(ids).not.toContain(id);
    if (allowed && placed) expect(ids).toContain(id);
  }
}
