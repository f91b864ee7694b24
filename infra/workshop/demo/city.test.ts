import { describe, expect, it } from 'vitest';
import { distanceM } from '#shared/domain/geo.ts';
import { moveToward, mulberry32, type OrderPlan, planOrders, randomOf } from './city.ts';

function first(seed: number, count: number, drivers = 50): OrderPlan[] {
  const plans = planOrders(seed, drivers);
  return Array.from({ length: count }, () => plans.next().value);
}

describe('the seeded city', () => {
  it('gives the same orders for the same seed, and others for another', () => {
    expect(first(7, 200)).toEqual(first(7, 200));
    expect(first(8, 200)).not.toEqual(first(7, 200));
  });

  it('draws as mulberry32 is published', () => {
    const random = mulberry32(1);
    expect(Array.from({ length: 3 }, () => Math.floor(random() * 2 ** 32))).toEqual([2693262067, 11749833, 2265367787]);
  });

  it('gives each thing a stream of its own', () => {
    expect(randomOf(1, 'driver 1')()).toBe(randomOf(1, 'driver 1')());
    expect(randomOf(1, 'driver 1')()).not.toBe(randomOf(1, 'driver 2')());
  });

  it('places 5 orders per driver and hour, later and later', () => {
    const plans = first(1, 5_000);
    const perDriverHour = 5_000 / 50 / ((plans.at(-1)?.atS ?? 0) / 3_600);
    expect(perDriverHour).toBeGreaterThan(4.7);
    expect(perDriverHour).toBeLessThan(5.3);
    expect(plans.every(({ atS }, place) => atS > (plans[place - 1]?.atS ?? 0))).toBe(true);
  });

  it('has a few that are copied, cancelled and failed, and none far away', () => {
    const plans = first(1, 2_000);
    const share = (which: (plan: OrderPlan) => boolean) => plans.filter(which).length / plans.length;
    expect(share(({ copy }) => copy !== null)).toBeCloseTo(0.08, 1);
    expect(share(({ cancelAfterS }) => cancelAfterS !== null)).toBeCloseTo(0.05, 1);
    expect(share(({ failure }) => failure !== null)).toBeGreaterThan(0.02);
    expect(plans.some(({ failure, cancelAfterS }) => failure !== null && cancelAfterS !== null)).toBe(false);
    expect(Math.max(...plans.map(({ pickup, dropoff }) => distanceM(pickup, dropoff)))).toBeLessThan(6_100);
  });

  it('moves along the straight line, and stops at its end', () => {
    const from = { lat: 52.5, lon: 13.4 };
    const to = { lat: 52.51, lon: 13.42 };
    const leftM = distanceM(from, to);
    const halfway = moveToward(from, to, leftM / 2);
    expect(distanceM(from, halfway)).toBeCloseTo(leftM / 2, 0);
    expect(distanceM(from, halfway) + distanceM(halfway, to)).toBeCloseTo(leftM, 0);
    expect(moveToward(from, to, leftM + 1)).toEqual(to);
    expect(moveToward(to, to, 0)).toEqual(to);
  });
});
