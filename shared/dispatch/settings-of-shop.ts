import type { ShopRow } from '../db/schema.ts';
import type { DispatchMode } from '../domain/offer.ts';
import { SHOP_PLAN_DEFAULTS, type ShopPlanSettings } from '../planning/settings.ts';

/** All that a shop can choose of its dispatch. Seconds, metres. */
export type DispatchSettings = ShopPlanSettings & {
  /** The shop hears of a new hand-over time when it is further than this from what it heard last. */
  etaChangeS: number;
  /** Drivers are given what the plan has for them, are asked one after another, or several at a time. */
  mode: DispatchMode;
  /** So long a driver has to say yes or no. */
  offerS: number;
  /** So often a delivery is offered before the shop is told that nobody takes it. */
  offerWaves: number;
  /** So many drivers are asked at a time, where several are. */
  offerTo: number;
};

export const DISPATCH_DEFAULTS: DispatchSettings = {
  ...SHOP_PLAN_DEFAULTS,
  etaChangeS: 300,
  mode: 'assign',
  offerS: 45,
  offerWaves: 5,
  offerTo: 10,
};

/**
 * What the shop has chosen, with the defaults for all that it has not. `policy` and `maxRadiusM` have columns of their
 * own; the rest is kept by name, as the contract has checked it. JSON has no Infinity: no limit on time aboard is null.
 */
export function dispatchSettingsOf(row: Pick<ShopRow, 'policy' | 'max_radius_m' | 'dispatch'>): DispatchSettings {
  // A row that was kept as an answer before there were these settings has none of them.
  const { maxAboardS, ...chosen } = (row.dispatch ?? {}) as Partial<DispatchSettings>;
  return {
    ...DISPATCH_DEFAULTS,
    ...chosen,
    maxAboardS: maxAboardS ?? Number.POSITIVE_INFINITY,
    policy: row.policy as DispatchSettings['policy'],
    maxRadiusM: row.max_radius_m,
  };
}

/** The same as a plan goes by them. Who said yes to a delivery keeps it: nobody is asked for what somebody has agreed to. */
export function planSettingsOf(row: Parameters<typeof dispatchSettingsOf>[0]): DispatchSettings {
  const settings = dispatchSettingsOf(row);
  return settings.mode === 'assign' ? settings : { ...settings, takeBack: false };
}

/** As JSON shows them: no limit on time aboard is null. */
export type ShownDispatchSettings = Omit<DispatchSettings, 'maxAboardS'> & { maxAboardS: number | null };

export function shownDispatchSettings(settings: DispatchSettings): ShownDispatchSettings {
  return { ...settings, maxAboardS: Number.isFinite(settings.maxAboardS) ? settings.maxAboardS : null };
}
