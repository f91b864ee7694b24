import { expect, test } from 'vitest';
import { planCost, planFaults } from './checker.testing.ts';
import { plan } from './plan.ts';
import { randomQuestion, shuffled } from './questions.testing.ts';

const seeds = (count: number): number[] => Array.from({ length: count }, (_, k) => k + 1);

test('no plan breaks a rule, and its cost is as stated', () => {
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
  console.log(planned, unplanned);
});

test('equal questions give equal plans, whatever the order of their lists and the numbers of their places', () => {
  for (const seed of seeds(60)) {
    const question = randomQuestion(seed);
    const answer = plan(question);
    expect(plan(shuffled(question, seed)), `seed ${seed}`).toEqual(answer);
    const later = { ...question, nowMs: question.nowMs + 60_000, previous: answer.routes };
    expect(plan(shuffled(later, seed)), `seed ${seed}, with a previous plan`).toEqual(plan(later));
  }
});
