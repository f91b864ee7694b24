import { expect, test } from 'vitest';
import { SHOP_PLAN_DEFAULTS } from '../planning/settings.ts';
import { DISPATCH_DEFAULTS, dispatchSettingsOf, shownDispatchSettings } from './settings-of-shop.ts';

const row = { policy: 'planned', max_radius_m: 10_000, dispatch: {} };

test('a shop that has chosen nothing has the planner’s defaults', () => {
  expect(dispatchSettingsOf(row)).toEqual(DISPATCH_DEFAULTS);
  expect(DISPATCH_DEFAULTS).toMatchObject(SHOP_PLAN_DEFAULTS);
});

test('what the shop has chosen stands before the defaults, and the columns before what is kept by name', () => {
  const chosen = { policy: 'nearest', max_radius_m: 500, dispatch: { economy: 1, maxAboardS: 1_200, maxRadiusM: 1 } };
  expect(dispatchSettingsOf(chosen)).toEqual({
    ...DISPATCH_DEFAULTS,
    policy: 'nearest',
    maxRadiusM: 500,
    economy: 1,
    maxAboardS: 1_200,
  });
});

test('no limit on the time aboard is Infinity to the planner and null to the world', () => {
  const { maxAboardS } = dispatchSettingsOf({ ...row, dispatch: { maxAboardS: null } });
  expect(maxAboardS).toBe(Number.POSITIVE_INFINITY);
  expect(shownDispatchSettings(DISPATCH_DEFAULTS).maxAboardS).toBeNull();
  expect(shownDispatchSettings({ ...DISPATCH_DEFAULTS, maxAboardS: 60 }).maxAboardS).toBe(60);
});

test('a row that was kept before there were settings has the defaults', () => {
  const { dispatch: _none, ...old } = row;
  expect(dispatchSettingsOf(old as typeof row)).toEqual(DISPATCH_DEFAULTS);
});
