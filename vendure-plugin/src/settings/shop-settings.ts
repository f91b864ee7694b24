import { Injectable } from '@nestjs/common';
import {
  type RequestContext,
  type SettingsStoreFieldConfig,
  SettingsStoreScopes,
  SettingsStoreService,
  UserInputError,
} from '@vendure/core';
import { parseWindows } from '../shipping/windows';
import { faultInHours } from './hours';

/** What a customer may be told of: by a public note, and by the shop's own mails. */
const MOMENTS = ['ASSIGNED', 'PICKED_UP', 'DELIVERED', 'FAILED'] as const;
type Moment = (typeof MOMENTS)[number];

/** What administrators set in the shop itself. Null: as the plugin's options and the shipping methods say. */
export interface ShopSettings {
  /** How far from the stock location a customer may live, in a straight line. */
  deliveryRadiusM: number | null;
  preparationMinutes: number | null;
  /** Of each day from Monday on, `10-14, 16-20`; outside them drivers collect nothing. Null: always. */
  hours: string[] | null;
  /** To choose from, for shipping methods that name none of their own. */
  windows: string | null;
  windowDays: number | null;
  /** Orders for each window. */
  windowCapacity: number | null;
  /** Null: of all of them. */
  tellCustomer: Moment[] | null;
}
type SettingName = keyof ShopSettings;

const NAMESPACE = 'driverDispatch';
const key = (name: SettingName) => `${NAMESPACE}.${name}`;

/** What is wrong with a value, in words; null: nothing. */
const FAULTS: { [Name in SettingName]: (value: NonNullable<ShopSettings[Name]>) => string | null } = {
  deliveryRadiusM: within('deliveryRadiusM', 1, 200_000),
  preparationMinutes: within('preparationMinutes', 0, 7 * 24 * 60),
  hours: faultInHours,
  windows: (text) => (parseWindows(text) === null ? 'windows must be such as 10-12, 14-16' : null),
  windowDays: within('windowDays', 1, 14),
  windowCapacity: within('windowCapacity', 1, 100_000),
  tellCustomer: () => null,
};
const NAMES = Object.keys(FAULTS) as SettingName[];

/** For the shop's configuration: changed by our own mutation alone, which checks them. */
export const settingsStoreFields: Record<string, SettingsStoreFieldConfig[]> = {
  [NAMESPACE]: NAMES.map((name) => ({ name, scope: SettingsStoreScopes.global, readonly: true })),
};

/** Kept in Vendure's own settings store, so that server and worker, and every process of them, know the same at once. */
@Injectable()
export class ShopSettingsStore {
  constructor(private readonly store: SettingsStoreService) {}

  async read(ctx: RequestContext): Promise<ShopSettings> {
    const kept = await this.store.getMany(ctx, NAMES.map(key));
    return Object.fromEntries(NAMES.map((name) => [name, kept[key(name)] ?? null])) as unknown as ShopSettings;
  }

  /** Whether customers are told of such news. */
  async tells(ctx: RequestContext, kind: string): Promise<boolean> {
    const { tellCustomer } = await this.read(ctx);
    return (tellCustomer ?? MOMENTS).some((moment) => moment === kind);
  }

  /**
   * What is named is changed, the rest stays.
   * @throws UserInputError naming what is wrong
   */
  async change(ctx: RequestContext, change: Partial<ShopSettings>): Promise<void> {
    const named = NAMES.filter((name) => change[name] !== undefined);
    for (const name of named) {
      const fault = faultIn(name, change[name] ?? null);
      if (fault !== null) throw new UserInputError(fault);
    }
    for (const name of named) {
      // The store takes whatever JSON can say; its types know objects only.
      const value = (change[name] ?? null) as unknown as Record<string, unknown>;
      const { result, error } = await this.store.set(ctx, key(name), value);
      if (!result) throw new Error(`${name} could not be kept: ${error}`);
    }
  }
}

function faultIn<Name extends SettingName>(name: Name, value: ShopSettings[Name] | null): string | null {
  return value === null ? null : FAULTS[name](value as NonNullable<ShopSettings[Name]>);
}

function within(name: SettingName, least: number, most: number): (value: number) => string | null {
  return (value) => (value >= least && value <= most ? null : `${name} must be ${least} to ${most}`);
}
