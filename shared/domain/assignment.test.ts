import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CandidateDriver, nearest, POLICIES, type PolicyQuestion, type WaitingDelivery } from './assignment.ts';
import { distanceM } from './geo.ts';

const NOW_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;

function delivery(id: string, over: Partial<WaitingDelivery> = {}): WaitingDelivery {
  const times = { waitingSinceMs: NOW_MS - 1_000, readyAtMs: null, dropoffBeforeMs: null };
  return { id, pickup: { lat: 0, lon: 0 }, ...times, excludedDriverIds: [], ...over };
}

function driver(id: string, lon: number, over: Partial<CandidateDriver> = {}): CandidateDriver {
  return { id, position: { lat: 0, lon }, idleSinceMs: NOW_MS - MINUTE_MS, fixAgeMs: 500, ...over };
}

function ask(waiting: WaitingDelivery[], candidates: CandidateDriver[], maxRadiusM = 5_000, windowSize = 10) {
  return nearest({ nowMs: NOW_MS, waiting, candidates, settings: { maxRadiusM, windowSize } });
}

function rankedIds(proposal: { ranked: readonly { driverId: string }[] } | undefined): string[] {
  return proposal?.ranked.map((ranked) => ranked.driverId) ?? [];
}

/** Few ids, places and idle times, so that ties, exclusions and out-of-range drivers are common. */
const lon = fc.constantFrom(-0.06, -0.01, 0, 0.01, 0.02, 0.02, 0.1);
const driverIds = Array.from({ length: 12 }, (_, i) => `driver-${i}`);
const candidates = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(...driverIds),
    position: fc.record({ lat: fc.constant(0), lon }),
    idleSinceMs: fc.integer({ min: -40, max: 1 }).map((minutes) => NOW_MS + minutes * MINUTE_MS),
    fixAgeMs: fc.option(fc.nat(60_000)),
  }),
  { selector: (candidate) => candidate.id },
);
const waiting = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 99 }).map((n) => `delivery-${n}`),
    pickup: fc.record({ lat: fc.constant(0), lon }),
    waitingSinceMs: fc.integer({ min: -3, max: 0 }).map((minutes) => NOW_MS + minutes * MINUTE_MS),
    readyAtMs: fc.constant(null),
    dropoffBeforeMs: fc.constant(null),
    excludedDriverIds: fc.subarray(driverIds, { maxLength: 4 }),
  }),
  { selector: (one) => one.id, maxLength: 8 },
);
const question: fc.Arbitrary<PolicyQuestion> = fc.record({
  nowMs: fc.constant(NOW_MS),
  waiting,
  candidates,
  settings: fc.record({ maxRadiusM: fc.constantFrom(1_000, 3_000, 8_000), windowSize: fc.integer({ min: 1, max: 6 }) }),
});
const shuffled = question.chain((asked) =>
  fc.record({
    asked: fc.constant(asked),
    waiting: fc.shuffledSubarray([...asked.waiting], { minLength: asked.waiting.length }),
    candidates: fc.shuffledSubarray([...asked.candidates], { minLength: asked.candidates.length }),
  }),
);

describe('nearest, any question', () => {
  test('one proposal per delivery, longest waiting first', () => {
    const order = fc.property(question, (asked) => {
      const byAge = [...asked.waiting].sort((a, b) => a.waitingSinceMs - b.waitingSinceMs || (a.id < b.id ? -1 : 1));
      expect(nearest(asked).map((proposal) => proposal.deliveryId)).toEqual(byAge.map(({ id }) => id));
    });
    fc.assert(order);
  });

  test('never proposes an excluded or distant driver, and gives the reason', () => {
    const sifted = fc.property(question, (asked) => {
      for (const proposal of nearest(asked)) {
        const { pickup, excludedDriverIds } = asked.waiting.find(({ id }) => id === proposal.deliveryId)!;
        const reasons = new Map<string, string>();
        for (const { id, position } of asked.candidates) {
          if (excludedDriverIds.includes(id)) reasons.set(id, 'excluded');
          else if (distanceM(pickup, position) > asked.settings.maxRadiusM) reasons.set(id, 'out_of_range');
        }
        expect(new Map(proposal.ruledOut.map((out) => [out.driverId, out.reason]))).toEqual(reasons);
        expect(rankedIds(proposal).filter((id) => reasons.has(id))).toEqual([]);
        expect(new Set(rankedIds(proposal)).size).toBe(proposal.ranked.length);
        const fit = asked.candidates.length - reasons.size;
        expect(proposal.ranked).toHaveLength(Math.min(fit, asked.settings.windowSize));
      }
    });
    fc.assert(sifted);
  });

  test('the order of the inputs changes nothing', () => {
    const permuted = fc.property(shuffled, ({ asked, ...order }) => {
      expect(nearest({ ...asked, ...order })).toEqual(nearest(asked));
    });
    fc.assert(permuted, { numRuns: 500 });
  });

  test('a driver heads a second proposal only where no other fits', () => {
    const heads = fc.property(question, (asked) => {
      const headsSoFar = new Set<string>();
      for (const proposal of nearest(asked)) {
        const head = proposal.ranked[0]?.driverId;
        if (head === undefined) continue;
        const ruledOut = new Set(proposal.ruledOut.map((out) => out.driverId));
        const free = asked.candidates.filter(({ id }) => !ruledOut.has(id) && !headsSoFar.has(id));
        if (free.length > 0) expect(headsSoFar.has(head)).toBe(false);
        headsSoFar.add(head);
      }
    });
    fc.assert(heads, { numRuns: 500 });
  });

  test('for one delivery, no driver stands before a nearer one', () => {
    const sorted = fc.property(question, (asked) => {
      for (const one of asked.waiting) {
        const distances = nearest({ ...asked, waiting: [one] })[0]!.ranked.map((ranked) => ranked.distanceM);
        expect(distances).toEqual([...distances].sort((a, b) => a - b));
      }
    });
    fc.assert(sorted);
  });
});

describe('nearest, by example', () => {
  test('the nearest first, with its reasons', () => {
    const [proposal] = ask([delivery('x')], [driver('far', 0.02), driver('near', 0.01, { fixAgeMs: null })]);
    expect(rankedIds(proposal)).toEqual(['near', 'far']);
    const near = { driverId: 'near', distanceM: distanceM({ lat: 0, lon: 0 }, { lat: 0, lon: 0.01 }) };
    expect(proposal?.ranked[0]).toEqual({ ...near, idleMs: MINUTE_MS, fixAgeMs: null });
  });

  test('the radius itself is in range, a hair more is not', () => {
    const radiusM = distanceM({ lat: 0, lon: 0 }, { lat: 0, lon: 0.01 });
    expect(rankedIds(ask([delivery('x')], [driver('a', 0.01)], radiusM)[0])).toEqual(['a']);
    expect(ask([delivery('x')], [driver('a', 0.01)], radiusM - 1e-6)[0]).toEqual({
      deliveryId: 'x',
      ranked: [],
      ruledOut: [{ driverId: 'a', reason: 'out_of_range' }],
    });
  });

  test('at the same distance, the longest idle first, whatever the delivery', () => {
    const idle = (minutes: number) => ({ idleSinceMs: NOW_MS - minutes * MINUTE_MS });
    const drivers = [driver('a', 0.01, idle(1)), driver('b', 0.01, idle(30)), driver('c', 0.01, idle(12))];
    for (let i = 0; i < 20; i += 1) expect(rankedIds(ask([delivery(`d${i}`)], drivers)[0])).toEqual(['b', 'c', 'a']);
  });

  test('asked by a clock that is an hour behind theirs, the longest idle is still the first', () => {
    const idle = (minutes: number) => ({ idleSinceMs: NOW_MS + (60 - minutes) * MINUTE_MS });
    const drivers = [driver('a', 0.01, idle(1)), driver('b', 0.01, idle(30)), driver('c', 0.01, idle(12))];
    for (let i = 0; i < 20; i += 1) expect(rankedIds(ask([delivery(`d${i}`)], drivers)[0])).toEqual(['b', 'c', 'a']);
  });

  test('orders at one place, each asked alone, do not all try the same driver', () => {
    const drivers = Array.from({ length: 50 }, (_, i) => driver(`d${i}`, 0.01, { idleSinceMs: NOW_MS - i * 1_000 }));
    const heads = new Set(
      Array.from({ length: 50 }, (_, i) => rankedIds(ask([delivery(`order-${i}`)], drivers)[0])[0]),
    );
    // 50 throws into 50 bins leave 32 bins filled on average, and fewer than 20 practically never.
    expect(heads.size).toBeGreaterThanOrEqual(20);
  });

  test('50 orders for 50 drivers at one place have 50 heads when asked together', () => {
    const drivers = Array.from({ length: 50 }, (_, i) => driver(`d${i}`, 0.01));
    const orders = Array.from({ length: 50 }, (_, i) => delivery(`order-${i}`));
    expect(new Set(ask(orders, drivers).map((proposal) => rankedIds(proposal)[0])).size).toBe(50);
  });

  test('who waits longest chooses first; the others keep his driver as a fallback', () => {
    const orders = [delivery('new'), delivery('old', { waitingSinceMs: NOW_MS - MINUTE_MS })];
    const proposals = ask(orders, [driver('near', 0.01), driver('far', 0.02)]);
    expect(proposals.map((proposal) => [proposal.deliveryId, rankedIds(proposal)])).toEqual([
      ['old', ['near', 'far']],
      ['new', ['far', 'near']],
    ]);
  });

  test('it is the policy of that name', () => {
    expect(POLICIES.nearest).toBe(nearest);
  });
});
