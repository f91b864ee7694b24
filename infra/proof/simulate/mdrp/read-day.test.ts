import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findDays, readDay } from './read-day.ts';
import { writeTinyDays } from './tiny-day.testing.ts';

describe('reading days', () => {
  let folder = '';
  beforeEach(() => {
    folder = writeTinyDays();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('finds the folders that hold a day, and only the chosen ones', () => {
    expect(findDays(folder, null)).toEqual(['tiny', 'tiny-late']);
    expect(findDays(folder, ['tiny-late', 'tiny-late'])).toEqual(['tiny-late']);
  });

  it('reads orders with their restaurants, couriers and parameters', () => {
    const day = readDay(folder, 'tiny');
    expect(day).toMatchObject({ name: 'tiny', metresPerMinute: 100, pickupService: 2, targetClickToDoor: 40 });
    expect(day.couriers[1]).toEqual({ id: 'c2', x: 2000, y: 0, onAt: 0, offAt: 60 });
    expect(day.orders[0]).toEqual({
      id: 'o1',
      x: 1000,
      y: 0,
      placedAt: 10,
      readyAt: 20,
      restaurant: { id: 'kitchen', x: 500, y: 0 },
    });
  });

  it('says what is not there, and what is there instead', () => {
    expect(() => findDays(path.join(folder, 'nowhere'), null)).toThrow(/there is no folder .*nowhere/);
    expect(() => findDays(path.join(folder, 'tiny'), null)).toThrow(/no folder in .*tiny has a file orders\.txt/);
    expect(() => findDays(folder, ['tiny', 'huge'])).toThrow(/there is no huge in .*; there are: tiny tiny-late/);
    rmSync(path.join(folder, 'tiny', 'couriers.txt'));
    expect(() => readDay(folder, 'tiny')).toThrow(/there is no file .*couriers\.txt/);
  });

  it('names file, line and column of what cannot be read', () => {
    const orders = path.join(folder, 'tiny', 'orders.txt');
    const head = 'order\tx\ty\tplacement_time\trestaurant\tready_time\n';
    writeFileSync(orders, `${head}o1\t1000\t0\tnoon\tkitchen\t20\n`);
    expect(() => readDay(folder, 'tiny')).toThrow(/orders\.txt, line 2: placement_time is not a number: noon/);
    writeFileSync(orders, `${head}o1\t1000\t0\t10\tcellar\t20\n`);
    expect(() => readDay(folder, 'tiny')).toThrow(/orders\.txt, line 2: no restaurant cellar in restaurants\.txt/);
    writeFileSync(orders, 'order\tx\no1\t1000\n');
    expect(() => readDay(folder, 'tiny')).toThrow(/orders\.txt, line 2: no restaurant$/);
  });
});
