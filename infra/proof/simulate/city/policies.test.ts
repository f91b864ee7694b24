import { describe, expect, it } from 'vitest';
import { type CityDay, makeDay } from './make-day.ts';
import { type CityFigures, measureDay } from './measure-day.ts';
import { openPolicy } from './policies.ts';
import { runDay } from './run-day.ts';
import { TROUBLES, type TroubleName } from './trouble.ts';

const SMALL = { orders: 50, drivers: 2 };
const [day, another] = [makeDay(2, SMALL), makeDay(4, SMALL)];

function run(
  policy: 'nearest' | 'planned',
  economy = 0,
  trouble: TroubleName = 'none',
  of: CityDay = day,
): CityFigures {
  return measureDay(runDay(of, openPolicy(policy, of, { economy, rounds: 5 }), TROUBLES[trouble], 1));
}

describe('policies on a day of the shop', () => {
  it('planned brings all on time, later and with fewer kilometres the higher its economy', () => {
    for (const of of [day, another]) {
      const [soonest, cheapest] = [run('planned', 0, 'none', of), run('planned', 1, 'none', of)];
      for (const figures of [soonest, cheapest]) expect(figures).toMatchObject({ delivered: 50, onTime: 100 });
      expect(soonest.express).toBeLessThan(cheapest.express);
      expect(cheapest.kmPerOrder).toBeLessThan(soonest.kmPerOrder);
    }
  }, 60_000);

  it('nearest drives further than planned, and holds nothing', () => {
    const nearest = run('nearest');
    expect(nearest.kmPerOrder).toBeGreaterThan(1.3 * run('planned').kmPerOrder);
    expect(nearest).toMatchObject({ held: 0, reassigned: 0 });
  });

  it('equal days have equal figures, whatever goes wrong in them', () => {
    const small = { orders: 20, drivers: 2 };
    const [once, again] = [makeDay(4, small), makeDay(4, small)].map((of) => run('planned', 0.5, 'everything', of));
    expect(once).toEqual(again);
    expect(once).not.toEqual(run('planned', 0.5, 'none', makeDay(4, small)));
  });
});

describe('the days of the shop', () => {
  it('have what was asked for, and are others for another seed', () => {
    const { orders, drivers, places } = makeDay(2);
    expect([orders.length, drivers.length, places.length]).toEqual([200, 6, 201]);
    const express = orders.filter(({ window }) => window === null).length;
    expect(express).toBeGreaterThan(60);
    expect(express).toBeLessThan(100);
    expect(makeDay(3).orders).not.toEqual(orders);
    expect(makeDay(2).orders).toEqual(orders);
  });
});
