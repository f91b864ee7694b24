import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { DriverView } from '#shared/contract/drivers.ts';
import type { ChangesView } from '#shared/contract/live.ts';
import { forgetOld, type Known, nothingKnown, takeChanges, takePositions } from './known.ts';

const IDS = ['a', 'b', 'c'];
const delivery = fc.record({ id: fc.constantFrom(...IDS), version: fc.integer({ min: 1, max: 5 }) });
/** The same version is the same row: a driver retires with an odd one here, or with none. */
const driver = delivery.map(({ id, version }) => ({ id, version, active: version % 2 === 0 || id === 'a' }));
const message = fc.record({
  deliveries: fc.array(delivery, { maxLength: 2 }),
  drivers: fc.array(driver, { maxLength: 2 }),
});
type Message = {
  deliveries: { id: string; version: number }[];
  drivers: { id: string; version: number; active: boolean }[];
};
/** Some of them twice, all in another order. */
const told = fc.array(message, { maxLength: 12 }).chain((once) =>
  fc.tuple(
    fc.constant(once),
    fc.shuffledSubarray([...once, ...once], { minLength: once.length }).map((some) => [...some, ...once.toReversed()]),
  ),
);

const changes = ({ deliveries, drivers }: Message, full = false) =>
  ({
    cursor: '1',
    full,
    deliveries: deliveries as unknown as DeliveryView[],
    drivers: drivers as unknown as DriverView[],
    events: [],
  }) as ChangesView;

function after(messages: readonly Message[], known: Known = nothingKnown()): Known {
  for (const each of messages) takeChanges(known, changes(each));
  return known;
}

const newest = <Row extends { id: string; version: number }>(rows: readonly Row[]) =>
  IDS.flatMap((id) =>
    rows
      .filter((row) => row.id === id)
      .toSorted((a, b) => b.version - a.version)
      .slice(0, 1),
  );
const shown = (rows: Map<string, unknown>) =>
  [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);

test('whatever the order of messages, and however often they come, what is known is the newest', () => {
  fc.assert(
    fc.property(told, ([once, mixed]) => {
      const known = after(mixed);
      expect(shown(known.deliveries)).toEqual(newest(once.flatMap((each) => each.deliveries)));
      const drivers = newest(once.flatMap((each) => each.drivers)).filter(({ active }) => active);
      expect(shown(known.drivers)).toEqual(drivers);
    }),
  );
});

test('what is known already changes nothing', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
      const once = structuredClone(after(messages));
      expect(after(messages, after(messages))).toEqual(once);
    }),
  );
});

test('the whole board takes the place of all that was known', () => {
  const known = after([{ deliveries: [{ id: 'a', version: 1 }], drivers: [{ id: 'a', version: 1, active: true }] }]);
  takeChanges(known, changes({ deliveries: [{ id: 'b', version: 1 }], drivers: [] }, true));
  expect([[...known.deliveries.keys()], [...known.drivers.keys()]]).toEqual([['b'], []]);
});

test('a position that comes twice is no step: neither a trail nor a direction comes of it', () => {
  const place = fc.tuple(
    fc.double({ min: 52.5, max: 52.6, noNaN: true }),
    fc.double({ min: 13.3, max: 13.4, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(place, { minLength: 1, maxLength: 40 }), (places) => {
      const [once, twice] = [nothingKnown(), nothingKnown()];
      for (const [lat, lon] of places) {
        const said = { positions: [['a', lat, lon, 0]] as [string, number, number, number][], silent: [] };
        takePositions(once, said);
        takePositions(twice, said);
        takePositions(twice, said);
      }
      expect(twice.seen).toEqual(once.seen);
      expect(once.seen.get('a')?.trail.length).toBeLessThanOrEqual(24);
    }),
  );
});

test('who is silent is so until they are heard', () => {
  const known = nothingKnown();
  takePositions(known, { positions: [], silent: ['a'] });
  expect(known.seen.size).toBe(0);
  takePositions(known, { positions: [['a', 1, 2, 0]], silent: ['a'] });
  expect(known.seen.get('a')).toMatchObject({ silent: true, heading: null });
  takePositions(known, { positions: [['a', 1.001, 2, 0]], silent: [] });
  expect(known.seen.get('a')).toMatchObject({ silent: false, heading: 0 });
});

test('of what has ended a tab keeps what a new one would be told, and all that is open', () => {
  const nowMs = Date.parse('2026-05-04T12:00:00Z');
  const known = nothingKnown();
  let made = 0;
  const add = (many: number, status: string, endedHoursAgo: number | null) => {
    const ids = Array.from({ length: many }, () => String(made++).padStart(6, '0'));
    for (const [nth, id] of ids.entries()) {
      const endedAt = endedHoursAgo === null ? null : new Date(nowMs - endedHoursAgo * 3_600_000 - nth).toISOString();
      known.deliveries.set(id, { id, status, endedAt, version: 1 } as DeliveryView);
    }
    return ids;
  };
  const kept = (ids: readonly string[]) => ids.filter((id) => known.deliveries.has(id)).length;
  const old = add(20, 'FAILED', 100);
  const [lately, early] = [add(450, 'FAILED', 13), add(60, 'FAILED', 24 * 8)];
  const [now, before, yesterday] = [add(150, 'DELIVERED', 1), add(100, 'CANCELLED', 2), add(10, 'DELIVERED', 13)];
  const open = add(30, 'ASSIGNED', null);
  forgetOld(known, nowMs);
  // 500 of 530 failures are new enough to be looked at, 60 of those are older than a week.
  expect([old, lately, early].map(kept)).toEqual([0, 440, 0]);
  expect([now, before, yesterday, open].map(kept)).toEqual([150, 50, 0, 30]);
  forgetOld(known, nowMs + 12 * 3_600_000);
  expect([now, before, open].map(kept)).toEqual([0, 0, 30]);
});
