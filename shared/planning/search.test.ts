import { expect, test } from 'vitest';
import { leastPlanCost } from './brute-force.testing.ts';
import { planCost, planFaults } from './checker.testing.ts';
import { plan } from './plan.ts';
import type { Plan, PlanQuestion } from './question.ts';
import { cityQuestion, crowdQuestion, NOW_MS, randomQuestion, shuffled, tinyQuestion } from './questions.testing.ts';
import type { PlanSettings } from './settings.ts';

/** Thousands of plans are made and followed stop by stop. */
const LONG = { timeout: 120_000 };

const seeds = (count: number): number[] => Array.from({ length: count }, (_, k) => k + 1);
const having = (question: PlanQuestion, settings: Partial<PlanSettings>): PlanQuestion => ({
  ...question,
  settings: { ...question.settings, ...settings },
});

test('no plan breaks a rule, and its cost is as stated', LONG, () => {
  let planned = 0;
  let unplanned = 0;
  for (const seed of seeds(300)) {
    const question = randomQuestion(seed);
    const answer = plan(question);
    expect(planFaults(question, answer), `seed ${seed}`).toEqual([]);
    expect(answer.costS, `seed ${seed}`).toBeCloseTo(planCost(question, answer), 3);
    planned += answer.routes.reduce((sum, { stops }) => sum + stops.length, 0);
    unplanned += answer.unplanned.length;
  }
  expect(planned, 'the questions are not hopeless').toBeGreaterThan(2_300);
  expect(unplanned, 'the questions are not trivial').toBeGreaterThan(100);
});

test('a plan made from the last one, or from one that does not fit at all, breaks no rule either', LONG, () => {
  for (const seed of seeds(100)) {
    const question = randomQuestion(seed);
    const later = { ...question, previous: plan(question).routes };
    const answer = plan(later);
    expect(planFaults(later, answer), `seed ${seed}`).toEqual([]);
    expect(answer.costS, `seed ${seed}`).toBeCloseTo(planCost(later, answer), 3);
    const stale = { ...question, previous: plan(randomQuestion(seed + 1)).routes };
    expect(planFaults(stale, plan(stale)), `seed ${seed}, stale`).toEqual([]);
  }
});

test(
  'equal questions give equal plans, whatever the order of their lists and the numbers of their places',
  LONG,
  () => {
    for (const seed of seeds(60)) {
      const question = randomQuestion(seed);
      const answer = plan(question);
      expect(plan(shuffled(question, seed)), `seed ${seed}`).toEqual(answer);
      const later = { ...question, nowMs: question.nowMs + 60_000, previous: answer.routes };
      expect(plan(shuffled(later, seed)), `seed ${seed}, with a previous plan`).toEqual(plan(later));
    }
  },
);

test('tiny questions are solved to optimality, 95 of 100 at least, and nothing costs less', LONG, () => {
  let optimal = 0;
  for (const seed of seeds(100)) {
    const question = tinyQuestion(seed);
    const { costS } = plan(question);
    const least = leastPlanCost(question);
    expect(costS, `seed ${seed}`).toBeGreaterThan(least - 0.001);
    if (costS < least + 0.001) optimal += 1;
  }
  expect(optimal).toBeGreaterThanOrEqual(95);
});

test('the search improves on its first insertion, and a worse plan is never taken', () => {
  for (const seed of seeds(5)) {
    const question = cityQuestion(60, 20, seed);
    const first = plan(having(question, { rounds: 0 })).costS;
    const few = plan(having(question, { rounds: 20 })).costS;
    const many = plan(having(question, { rounds: 200 })).costS;
    expect(few).toBeLessThanOrEqual(first);
    expect(many).toBeLessThan(few);
  }
});

test('stopped at any moment the plan is whole and legal, and made again by what it says of itself', LONG, () => {
  let inside = 0;
  for (const seed of seeds(40)) {
    const question = randomQuestion(seed);
    let asked = 0;
    const cut = plan(having(question, { stop: () => asked++ >= seed }));
    expect(planFaults(question, cut), `seed ${seed}`).toEqual([]);
    const again = plan(having(question, { rounds: cut.rounds, insertions: cut.insertions }));
    expect(again, `seed ${seed}`).toEqual(cut);
    if (cut.rounds === 0) inside += 1;
  }
  expect(inside, 'some are cut inside the first insertion').toBeGreaterThan(5);
});

test('stopped before it began, all is given to drivers behind what they have', () => {
  const question = cityQuestion(60, 20);
  const cut = plan(having(question, { stop: () => true }));
  expect(planFaults(question, cut)).toEqual([]);
  expect(cut).toMatchObject({ rounds: 0, insertions: 0, unplanned: [] });
});

test('out of effort it ends with what it has, whatever the size', () => {
  const question = cityQuestion(100, 10);
  const weary = plan(having(question, { effort: 1_000 }));
  expect(planFaults(question, weary)).toEqual([]);
  expect(weary).toMatchObject({ rounds: 0, unplanned: [] });
});

test.each([
  { busy: 150, idle: 21, waiting: 21 },
  { busy: 0, idle: 150, waiting: 75 },
  { busy: 150, idle: 100, waiting: 100 },
])('of $waiting orders at one door none waits for room beside $idle idle drivers', (crowd) => {
  const question = crowdQuestion(crowd);
  const answer = plan(question);
  expect(answer.held).toEqual([]);
  expect(planFaults(question, answer)).toEqual([]);
  // A plan before it had each waiting order behind somebody.
  const behind = question.drivers.slice(0, crowd.waiting).map(({ id, route = [] }, k) => {
    const stops = [...route, ...(['pickup', 'dropoff'] as const).map((kind) => ({ deliveryId: `w${k}`, kind }))];
    return { driverId: id, stops: stops.map((stop) => ({ ...stop, atMs: NOW_MS })) };
  });
  expect(plan({ ...question, previous: behind }).held).toEqual([]);
  const noTime = { ...question, previous: behind, settings: { insertions: 0 } };
  expect(plan(noTime).held).toEqual([]);
  expect(planFaults(noTime, plan(noTime))).toEqual([]);
});

test('a delivery that somebody was told changes driver only if that saves more than its price', () => {
  const ask = (reassignS: number): Plan =>
    plan({
      nowMs: NOW_MS,
      travelS: (from, to) => Math.abs(from - to),
      deliveries: [{ id: 'd', placedAtMs: NOW_MS, pickup: { place: 1_000 }, dropoff: { place: 1_100 } }],
      drivers: [
        {
          id: 'told',
          place: 500,
          route: [
            { deliveryId: 'd', kind: 'pickup' },
            { deliveryId: 'd', kind: 'dropoff' },
          ],
        },
        { id: 'other', place: 900 },
      ],
      settings: { reassignS, driverPrice: 0, busyPrice: 0, driverValueS: 0 },
    });
  expect(ask(401).changes).toEqual([]);
  // 400 s sooner at the door, as the other driver is 400 s nearer.
  expect(ask(399).changes).toMatchObject([
    { driverId: 'other', told: [{ deliveryId: 'd', reason: 'taken_over' }], taken: [] },
    { driverId: 'told', stops: [], told: [], taken: ['d'] },
  ]);
});
