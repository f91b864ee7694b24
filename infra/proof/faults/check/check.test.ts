import { describe, expect, it } from 'vitest';
import { at, BAD, type Bad, operation } from './bad-histories.ts';
import { BAD_OFFERS, goodOffers } from './bad-offers.ts';
import { BAD_OUTAGES, chosenByHand, silentSince } from './bad-outages.ts';
import { BAD_ROUTES } from './bad-routes.ts';
import { CHECKS, checkAll } from './check.ts';
import { checkEnough } from './enough.ts';
import { DRIVER, goodHistory, goodOperation, SHOP, T0 } from './good-history.ts';
import { goodRoutes } from './good-routes.ts';
import { judge } from './judge.ts';
import { recoveryOf } from './recovery.ts';

describe('the checker', () => {
  it('finds nothing in a good history', () => {
    expect(checkAll(goodHistory())).toEqual([]);
  });

  it.each([...BAD, ...BAD_OUTAGES])('%s sees %s', (check, _what, spoil) => {
    const bad = structuredClone(goodHistory()) as Bad;
    spoil(bad);
    expect(CHECKS[check](bad).map((violation) => violation.invariant)).toContain(check);
  });

  it('lets a person give something to a silent driver, who says so', () => {
    const history = structuredClone(goodHistory()) as Bad;
    silentSince(history, T0 - 63_000);
    chosenByHand(history, ['silent']);
    expect([...CHECKS.I8(history), ...CHECKS.I18(history)]).toEqual([]);
  });

  it.each([
    ['fast', 40, ['P3']],
    ['as slow itself', 900, []],
  ])(
    'takes 700 ms without Redis for too slow on a machine that is %s while nothing is broken',
    (_what, calmMs, found) => {
      const slow = { startMs: T0, endMs: T0 + 700 };
      const calm = { startMs: T0 + 60_000, endMs: T0 + 60_000 + calmMs };
      const operations = [slow, ...Array.from({ length: 1_000 }, () => calm)].map((times) => goodOperation(times));
      const fault = { name: 'redis_hung', group: 'redis', worker: null, startMs: T0 - 1, endMs: T0 + 1_000 } as const;
      const judged = CHECKS.P3({ ...goodHistory(), operations, faults: [fault] });
      expect(judged.map(({ invariant }) => invariant)).toEqual(found);
    },
  );

  it('counts from when a request left the bench', () => {
    const late = goodOperation({ startMs: T0, endMs: T0 + 4_000 });
    const judged = (sentMs: number) => CHECKS.P1({ ...goodHistory(), operations: [{ ...late, sentMs }], faults: [] });
    expect(judged(T0 + 1_000)).toEqual([]);
    expect(judged(T0 + 100)).toMatchObject([{ what: 'no answer for 3900 ms' }]);
  });

  it('finds nothing in a good history of routes', () => {
    expect(checkAll(goodRoutes())).toEqual([]);
  });

  it.each(BAD_ROUTES)('%s alone says: %s', (check, what, spoil) => {
    const bad = structuredClone(goodRoutes()) as Bad;
    spoil(bad);
    const found = checkAll(bad);
    expect(found).not.toEqual([]);
    for (const violation of found)
      expect(violation).toMatchObject({ invariant: check, what: expect.stringContaining(what) });
  });

  it('finds nothing in a good history of offers', () => {
    expect(checkAll(goodOffers())).toEqual([]);
  });

  it.each(BAD_OFFERS)('%s says: %s', (check, what, spoil) => {
    const bad = structuredClone(goodOffers()) as Bad;
    spoil(bad);
    expect(
      CHECKS[check](bad)
        .map((violation) => violation.what)
        .join(),
    ).toContain(what);
  });

  it('has a bad history for each check', () => {
    const checks = [...BAD, ...BAD_OUTAGES, ...BAD_ROUTES, ...BAD_OFFERS].map(([check]) => check);
    expect([...new Set(checks)].sort()).toEqual(Object.keys(CHECKS).sort());
  });

  it('excuses what is wrong during a fault and mended soon after', () => {
    const history = structuredClone(goodHistory()) as Bad;
    history.mismatches = [
      { driverId: DRIVER, version: 2, what: 'missing', sinceMs: T0 + 100_000, untilMs: T0 + 119_900, mended: true },
    ];
    expect(CHECKS.I7(history)).toEqual([]);
  });

  it('excuses a stopped worker for its own requests only', () => {
    const history = structuredClone(goodHistory()) as Bad;
    history.faults.push({ name: 'worker_frozen', group: 'worker', worker: 1, startMs: T0, endMs: T0 + 9_000 });
    history.operations.push(operation({ worker: 1, endMs: T0 + 6_000, outcome: 'unknown', status: null, shop: SHOP }));
    expect(CHECKS.P1(history)).toEqual([]);
    at(history.operations, -1).worker = 0;
    expect(CHECKS.P1(history)).toHaveLength(1);
  });

  it('is red when too little happened', () => {
    const least = { assigns: 500, held: 1, arranged: 1, retired: 1, unknown: 20, mutationsPerFault: 20 };
    const found = checkEnough(goodHistory(), least);
    expect(found.map((violation) => violation.what)).toEqual([
      'only 1 assignments',
      'only 0 deliveries held',
      'only 0 routes arranged by people',
      'only 0 drivers retired',
      'redis_hung overlapped only 0 mutations',
    ]);
  });

  it('is red when there was no time for a fault, on a machine that could have had it', () => {
    const short = structuredClone(goodHistory()) as Bad;
    short.skipped.push('redis_killed');
    const saw = (lenientTimes: boolean) =>
      judge(short, { minutes: 2, lenientTimes }).violations.map(({ what }) => what);
    expect(saw(false)).toContain('no time was left for redis_killed');
    expect(saw(true)).not.toContain('no time was left for redis_killed');
  });

  const slow = (history: Bad) => Object.assign(at(history.operations, 3), { endMs: T0 + 9_000 });

  it('leaves times unjudged if told to, and else says of a machine that it cannot tell; what must never happen counts always', () => {
    const busy = structuredClone(goodHistory()) as Bad;
    Object.assign(busy.machine, { loopP99Ms: 500 });
    slow(busy);
    const never = (run: { lenientTimes: boolean }) =>
      judge(busy, { minutes: 2, ...run }).violations.map((each) => each.invariant);
    expect(never({ lenientTimes: true })).not.toContain('P1');
    expect(judge(busy, { minutes: 2, lenientTimes: true }).unjudged.map((each) => each.invariant)).toEqual(['P1']);
    expect(never({ lenientTimes: false })).toEqual(expect.arrayContaining(['P1', 'thin']));
    Object.assign(at(busy.mismatches, 0), { untilMs: T0 + 190_000, mended: false });
    Object.assign(at(busy.driverEvents, 2), { load: 2 });
    expect(never({ lenientTimes: true })).toEqual(expect.arrayContaining(['I1', 'I7', 'thin']));
  });

  it('judges times on a machine that can tell, and tells them where it is not to judge', () => {
    const calm = structuredClone(goodHistory()) as Bad;
    slow(calm);
    const { violations, tooBusy } = judge(calm, { minutes: 2, lenientTimes: false });
    expect(tooBusy).toBeNull();
    expect(violations.map((each) => each.invariant)).toContain('P1');
    const lenient = judge(calm, { minutes: 2, lenientTimes: true });
    expect(lenient.violations.map((each) => each.invariant)).not.toContain('P1');
    expect(lenient.unjudged.map((each) => each.invariant)).toEqual(['P1']);
  });

  it('measures recovery from the last refusal and the last wrong look', () => {
    const history = goodHistory();
    const [fault] = history.faults;
    if (fault === undefined) throw new Error('the good history has a fault');
    expect(recoveryOf(fault, history)).toBe(2_000);
  });
});
