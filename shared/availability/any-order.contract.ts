import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DRIVER_STATUSES, type DriverStatus } from '#shared/domain/driver.ts';
import type { Availability } from './availability.ts';
import { CENTER, projection, type Subject, type Trial } from './trial.contract.ts';

/** The same promise for every order of projections, fixes, heartbeats and silences: held against a small model. */
export function anyOrderContract(given: () => Trial): void {
  test('whatever comes in whatever order, only AVAILABLE drivers heard from are found, and all of those', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const { subject, store } = given();
        const one = randomUUID();
        await store.markWarm(one);
        await follow(subject, one, steps);
      }),
      { numRuns: 60 },
    );
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
      if (one.kind === 'heartbeat') await store.heartbeat(shop, [{ driverId: one.driver }]);
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
