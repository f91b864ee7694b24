import { describe, expect, it } from 'vitest';
import type { PlannedStopRef } from '#shared/planning/question.ts';
import type { CityDay, CityDriver, CityOrder } from './make-day.ts';
import { measureDay } from './measure-day.ts';
import { type CityView, runDay } from './run-day.ts';
import { TROUBLES } from './trouble.ts';

/** So many metres in a straight line take 100 seconds, and are 600 metres by streets. */
const STEP_M = 600 / 1.4;
const TEN = 36_000;

/** The shop at 0, doors one and two steps away on either side. */
const PLACES = [0, 1, 2, -1].map((steps) => ({ x: steps * STEP_M, y: 0 }));

const order = (id: string, more: Partial<CityOrder> = {}): CityOrder => ({
  ...{ id, pickup: 0, dropoff: 1, size: 1, placedS: TEN, readyS: TEN, window: null, dueS: TEN + 3_600 },
  ...more,
});
const driver = (id: string): CityDriver => ({ id, base: 0, capacity: 2, shiftEndsS: 21 * 3_600 });
const dayOf = (orders: readonly CityOrder[], drivers = ['anna']): CityDay => ({
  ...{ places: PLACES, locations: [0], orders },
  drivers: drivers.map(driver),
});
const route = (stops: string): PlannedStopRef[] =>
  stops.split(' ').map((stop) => ({ kind: stop[0] === '+' ? 'pickup' : 'dropoff', deliveryId: stop.slice(1) }));

/** Tells these routes at the first question at or after these seconds: "+a" collects a, "-a" hands it over. */
function telling(script: readonly { atS: number; driverId?: string; stops: string }[]) {
  const left = [...script];
  return ({ nowS }: CityView) => {
    const due = left.filter(({ atS }) => atS <= nowS);
    left.splice(0, due.length);
    return { changes: due.map(({ driverId = 'anna', stops }) => ({ driverId, stops: route(stops) })), held: [] };
  };
}

describe('a day of the shop', () => {
  it('drives what drivers are told: service, ways, and back to the base', () => {
    const day = dayOf([order('a', { readyS: TEN + 300 })]);
    const world = runDay(day, telling([{ atS: TEN, stops: '+a -a' }]), TROUBLES.none, 1);
    // Ready after 300 s, 30 s more at the shop, 100 s on the way, 30 s until the door opens.
    expect(world.orders.get('a')).toMatchObject({ state: 'done', pickedUpS: TEN + 300, doneS: TEN + 460 });
    expect(measureDay(world)).toMatchObject({ onTime: 100, late: 0, express: 460 / 60, kmPerOrder: 0.6 });
  });

  it('counts a visit once for all that is handed over there', () => {
    const day = dayOf([order('a'), order('b')]);
    const world = runDay(day, telling([{ atS: TEN, stops: '+a +b -a -b' }]), TROUBLES.none, 1);
    expect(world.orders.get('a')?.doneS).toBe(TEN + 60 + 30 + 100 + 30);
    expect(world.orders.get('b')?.doneS).toBe(TEN + 60 + 30 + 100 + 30);
  });

  it('waits at a door until its window opens', () => {
    const window = { afterS: TEN + 1_000, beforeS: TEN + 2_000 };
    const world = runDay(dayOf([order('a', { window })]), telling([{ atS: TEN, stops: '+a -a' }]), TROUBLES.none, 1);
    expect(world.orders.get('a')?.doneS).toBe(TEN + 1_000);
  });

  it('lets a driver on the way back turn round', () => {
    // a is done at 220, left at 310. At 360 anna is half way back, and 50 s from the shop.
    const day = dayOf([order('a'), order('b', { placedS: TEN + 360, readyS: TEN + 360, dropoff: 3 })]);
    const script = telling([
      { atS: TEN, stops: '+a -a' },
      { atS: TEN + 360, stops: '+b -b' },
    ]);
    const world = runDay(day, script, TROUBLES.none, 1);
    expect(world.orders.get('b')?.pickedUpS).toBeCloseTo(TEN + 360 + 50 + 60);
    expect(measureDay(world).kmPerOrder).toBeCloseTo((0.6 + 0.6 + 0.6) / 2);
  });

  it('shows a policy only what has been placed, and where drivers are', () => {
    const seen: Record<number, string> = {};
    const script = telling([{ atS: TEN, stops: '+a -a' }]);
    const day = dayOf([order('a'), order('b', { placedS: TEN + 140 })]);
    const policy = (view: CityView) => {
      const orders = view.orders.map(({ id, state }) => `${id} ${state}`).join(', ');
      const [anna] = view.drivers;
      const steps = (view.places[anna?.place ?? -1]?.x ?? Number.NaN) / STEP_M;
      seen[view.nowS - TEN] = `${orders}; anna at ${steps.toFixed(2)}, ${anna?.lockedStops} locked`;
      return script(view);
    };
    runDay(day, policy, TROUBLES.none, 1);
    expect(seen[0]).toBe('a waiting; anna at 0.00, 0 locked');
    // Collected at 60, left at 90, at the door at 190, handed over at 220.
    expect(seen[60]).toBe('a aboard; anna at 0.00, 0 locked');
    expect(seen[140]).toBe('a aboard, b waiting; anna at 0.50, 1 locked');
    expect(seen[240]).toBe('b waiting; anna at 1.00, 0 locked');
  });

  // Asked again after a minute: a is aboard by then, b and c are not ready yet.
  it.each([
    ['+a -a', '+a -a', 'cannot collect a'],
    ['+a -a', '-b +b -a', 'hands over b before it is collected'],
    ['+a -a', '+b -a', 'never hands over b'],
    ['+a -a', '+b -b', 'never hands over a'],
    ['+a -a', '+b +c -a -b -c', 'has more aboard than there is room for'],
    ['+b -b', '+c -c', 'is taken from the stop they are heading for'],
  ])('refuses %s, then %s: %s', (first, second, why) => {
    const day = dayOf([order('a'), order('b', { readyS: TEN + 600 }), order('c', { readyS: TEN + 600 })]);
    const policy = telling([
      { atS: TEN, stops: first },
      { atS: TEN + 60, stops: second },
    ]);
    expect(() => runDay(day, policy, TROUBLES.none, 1)).toThrow(`anna ${why}`);
  });

  it('refuses to tell somebody who is not on duty', () => {
    const policy = telling([{ atS: TEN, driverId: 'ben', stops: '+a -a' }]);
    expect(() => runDay(dayOf([order('a')]), policy, TROUBLES.none, 1)).toThrow('ben is not on duty');
  });

  it('moves what was told to somebody else, and counts it', () => {
    const script = telling([
      { atS: TEN, stops: '+a -a +b -b' },
      { atS: TEN + 60, driverId: 'ben', stops: '+b -b' },
    ]);
    const world = runDay(dayOf([order('a'), order('b')], ['anna', 'ben']), script, TROUBLES.none, 1);
    expect(world.orders.get('b')).toMatchObject({ driverId: 'ben', doneS: TEN + 60 + 220 });
    expect(measureDay(world)).toMatchObject({ reassigned: 50, spread: 0 });
  });

  it('lets drivers decline, who are not asked again', () => {
    const seen: string[][] = [];
    const policy = ({ orders, nowS }: CityView) => {
      seen.push([...(orders[0]?.declinedBy ?? [])]);
      return { changes: nowS === TEN ? [{ driverId: 'anna', stops: route('+a -a') }] : [], held: [] };
    };
    const world = runDay(dayOf([order('a')]), policy, { ...TROUBLES.none, declines: 1 }, 1);
    expect([seen[0], seen[1]]).toEqual([[], ['anna']]);
    expect(measureDay(world)).toMatchObject({ delivered: 0, onTime: 0 });
  });

  it('gives what a silent driver was told back, five minutes after the last word', () => {
    const placed = 16 * 3_600;
    const at = { placedS: placed, readyS: placed + 600, dueS: placed + 3_600 };
    const orders = [order('a', at), order('b', { ...at, placedS: placed + 1 })];
    const seen = new Map<number, string>();
    const script = telling([{ atS: placed - 10, stops: '+a -a' }]);
    runDay(
      dayOf(orders.map((one) => ({ ...one, placedS: one.placedS - 10 }))),
      (view) => {
        seen.set(view.nowS, `${view.orders[0]?.state}, ${view.drivers.length} on duty`);
        return script(view);
      },
      { ...TROUBLES.none, silentDrivers: 1 },
      1,
    );
    expect(seen.get(placed + 240)).toBe('told, 1 on duty');
    expect(seen.get(placed + 300)).toBe('waiting, 0 on duty');
  });
});
