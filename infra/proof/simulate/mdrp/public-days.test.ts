import { describe, expect, it } from 'vitest';
import { type MealFigures, measureDay } from './measure-day.ts';
import { openPolicy } from './policies.ts';
import { PUBLIC_DAYS_ABSENT, PUBLIC_INSTANCES, readReference, readSolution } from './public-days.testing.ts';
import { readDay } from './read-day.ts';
import { type MealPolicy, runDay } from './run-day.ts';
import { solutionFiles } from './solution-files.ts';

const SOLVED = ['best', 'joint-jit'].flatMap((policy) =>
  ['0o100t100s1p100', '4o100t100s1p100'].map((instance) => ({ policy, instance })),
);

// Skipped where the public days are not beside the project: they have no licence, and never go into it.
describe.skipIf(PUBLIC_DAYS_ABSENT)('public days of the benchmark, which lie beside the project', () => {
  it.each(SOLVED)('the assignments of $policy on $instance come to its published figures', ({ policy, instance }) => {
    const day = readDay(PUBLIC_INSTANCES, instance);
    const figures = measureDay(day, runDay(day, replay(policy, instance)));
    expectEqual(figures, readReference(policy, instance));
  });

  it.each(SOLVED)('the assignments of $policy on $instance give its solution files again', ({ policy, instance }) => {
    const day = readDay(PUBLIC_INSTANCES, instance);
    for (const [file, text] of Object.entries(solutionFiles(day, runDay(day, replay(policy, instance))))) {
      expect(text, file).toBe(readSolution(policy, instance, file));
    }
  });

  it.each(['0o100t100s1p100', '4o100t100s1p100', '1o50t75s2p125', '3r50t100s1p125'])(
    'the policy nearest is the published rule on %s',
    (instance) => {
      const day = readDay(PUBLIC_INSTANCES, instance);
      const figures = measureDay(day, runDay(day, openPolicy('nearest', day)));
      expectEqual(figures, readReference('fifo-nearest', instance));
    },
  );

  it('planned is better than each pair matched just in time', () => {
    const day = readDay(PUBLIC_INSTANCES, '0o50t100s1p100');
    const figures = measureDay(day, runDay(day, openPolicy('planned', day)));
    expect(figures.penalised).toBeLessThan(readReference('joint-jit', '0o50t100s1p100').penalisedCtd);
  }, 60_000);
});

function replay(policy: string, instance: string): MealPolicy {
  const [, ...lines] = readSolution(policy, instance, 'solution_info_assignments.txt').trim().split('\n');
  const told = lines.map((line) => {
    const [toldAt, , courierId = '', ...orderIds] = line.split(' ');
    return { toldAt: Number(toldAt), courierId, orderIds };
  });
  return ({ now }) => told.filter(({ toldAt }) => toldAt === now);
}

/** The table has six decimals. */
function expectEqual(figures: MealFigures, reference: ReturnType<typeof readReference>): void {
  const pairs: Record<string, readonly [number, number]> = {
    delivered: [figures.delivered, reference.delivered],
    penalised: [figures.penalised, reference.penalisedCtd],
    clickToDoor: [figures.clickToDoor, reference.ctdMean],
    clickToDoorP90: [figures.clickToDoorP90, reference.ctdP90],
    clickToDoorMax: [figures.clickToDoorMax, reference.ctdMax],
    overage: [figures.overage, reference.overageMean],
    readyToPickup: [figures.readyToPickup, reference.rtpMean],
    readyToDoor: [figures.readyToDoor, reference.rtdMean],
    utilisation: [figures.utilisation, reference.utilisation],
    ordersPerTrip: [figures.ordersPerTrip, reference.bundleSize],
    cost: [figures.cost, reference.cost],
  };
  for (const [name, [ours, theirs]] of Object.entries(pairs)) expect(ours, name).toBeCloseTo(theirs, 5);
}
