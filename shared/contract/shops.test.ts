import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { DISPATCH_DEFAULTS, shownDispatchSettings } from '#shared/dispatch/settings-of-shop.ts';
import { faultsOf } from '#shared/testing/faults-of.ts';
import { DISPATCH_SETTINGS, type DispatchSetting, limitsOf } from './dispatch-settings.ts';
import { shopView } from './shop-answers.ts';
import { dispatchChange, newShop, shopChange } from './shops.ts';

const settings = Object.entries(DISPATCH_SETTINGS) as [string, DispatchSetting][];
const names = Object.keys(DISPATCH_SETTINGS).sort();
const defaults = shownDispatchSettings(DISPATCH_DEFAULTS);

test('the table, the schemas of what is sent and shown, and the defaults know the same settings', () => {
  expect(Object.keys(dispatchChange.entries).sort()).toEqual(names);
  expect(Object.keys(shopView.entries.dispatch.entries).sort()).toEqual(names);
  expect(Object.keys(defaults).sort()).toEqual(names);
});

test('the defaults are within the limits, and shown as the schema of the answer says', () => {
  expect(faultsOf(shopChange, { dispatch: defaults })).toEqual({});
  expect(v.parse(shopView.entries.dispatch, defaults)).toEqual(defaults);
});

/** What a setting may be at the ends of its limits, and what is just beyond. */
function limits(setting: DispatchSetting): { good: unknown[]; bad: unknown[] } {
  switch (setting.kind) {
    case 'choice':
      return { good: [...setting.choices], bad: ['', 'best', null] };
    case 'whole': {
      const ends = [setting.min, setting.max];
      const beyond = [setting.min - 1, setting.max + 1, setting.min + 0.5, String(setting.min)];
      return {
        good: [...ends, ...(setting.orNoLimit ? [null] : [])],
        bad: [...beyond, ...(setting.orNoLimit ? [] : [null])],
      };
    }
    case 'share':
      return { good: [0, 0.5, 1], bad: [-0.01, 1.01, '1', null] };
    case 'flag':
      return { good: [true, false], bad: [0, 'true', null] };
  }
}

describe.each(settings)('%s', (name, setting) => {
  test('is one sentence or two, and its limits hold', () => {
    expect(setting.does).toMatch(/^[A-Z`].+\.$/);
    expect(limitsOf(setting)).not.toBe('');
    const { good, bad } = limits(setting);
    for (const value of good) expect(faultsOf(shopChange, { dispatch: { [name]: value } })).toEqual({});
    for (const value of bad)
      expect(Object.keys(faultsOf(shopChange, { dispatch: { [name]: value } }))).toEqual([`/dispatch/${name}`]);
  });
});

test('a change must name a setting that there is', () => {
  for (const body of [{ dispatch: {} }, { dispatch: { economi: 1 } }])
    expect(Object.keys(faultsOf(shopChange, body))).toEqual(['/dispatch']);
  for (const body of [{ proof: {} }, { proof: { delivered: ['pin', 'iris'] } }])
    expect(Object.keys(faultsOf(shopChange, body))).toEqual([body.proof.delivered ? '/proof/delivered/1' : '/proof']);
  expect(Object.keys(faultsOf(shopChange, {}))).toEqual(['']);
});

test('a new shop may come with settings, and needs none', () => {
  expect(v.parse(newShop, { slug: 'berlin', name: 'Berlin' })).toMatchObject({ maxRadiusM: 10_000, dispatch: {} });
  expect(Object.keys(faultsOf(newShop, { slug: 'berlin', name: 'Berlin', dispatch: { economy: 2 } }))).toEqual([
    '/dispatch/economy',
  ]);
});
