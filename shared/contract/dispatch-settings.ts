import { DISPATCH_MODES } from '../domain/offer.ts';
import { BUNDLES, POLICY_NAMES } from '../planning/settings.ts';

/** What a shop may choose of its dispatch: what it does, in a sentence, and what it may be. Read by people everywhere. */
export type DispatchSetting = { does: string } & (
  | { kind: 'choice'; choices: readonly string[] }
  | { kind: 'whole'; unit?: 'm' | 's'; min: number; max: number; orNoLimit?: true }
  | { kind: 'share' }
  | { kind: 'flag' }
);

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;

/**
 * The one table of them: the contract's schemas, the OpenAPI document, the command line's help and the guide are made
 * from it or held to it. `share`: from 0 to 1. `orNoLimit`: null stands for no limit.
 */
export const DISPATCH_SETTINGS = {
  policy: {
    kind: 'choice',
    choices: POLICY_NAMES,
    does: '`planned`: all that waits and all drivers are planned together, and drivers are told in time; `nearest`: each order goes at once to the nearest free driver.',
  },
  mode: {
    kind: 'choice',
    choices: DISPATCH_MODES,
    does: 'How a driver gets what the plan has for them: it is theirs at once (`assign`); they are asked, one driver at a time, and their places are kept meanwhile (`offer`); several are asked, and whoever says yes first has it (`broadcast`).',
  },
  offerS: {
    kind: 'whole',
    unit: 's',
    min: 5,
    max: HOUR_S,
    does: 'How long a driver has to say yes or no to an offer.',
  },
  offerWaves: {
    kind: 'whole',
    min: 1,
    max: 50,
    does: 'How often an order is offered, each time to others, before the shop is told that nobody takes it (`DELIVERY_EXHAUSTED_V1`).',
  },
  offerTo: {
    kind: 'whole',
    min: 1,
    max: 1_000,
    does: 'How many drivers are asked at a time where the mode is `broadcast`: the nearest ones.',
  },
  maxRadiusM: {
    kind: 'whole',
    unit: 'm',
    min: 1,
    max: 200_000,
    does: 'How far from the pickup, in a straight line, a driver may be who is given an order.',
  },
  bundle: {
    kind: 'choice',
    choices: BUNDLES,
    does: 'What a driver may have aboard together: one order (`none`), what is collected in one visit (`same_pickup`), or all that fits (`any`).',
  },
  tellAheadS: {
    kind: 'whole',
    unit: 's',
    min: 0,
    max: HOUR_S,
    does: 'How long before they have to leave drivers are told: more gives them time, less keeps the choice open.',
  },
  maxHeldS: {
    kind: 'whole',
    unit: 's',
    min: 0,
    max: 4 * HOUR_S,
    does: 'How long a customer is shown "no driver yet" at most while there is a driver: after that one is told, even if waiting would be better.',
  },
  maxAboardS: {
    kind: 'whole',
    unit: 's',
    min: 60,
    max: DAY_S,
    orNoLimit: true,
    does: 'How long a parcel may be under way after it was collected, for hot food and ice.',
  },
  promiseS: {
    kind: 'whole',
    unit: 's',
    min: 60,
    max: 7 * DAY_S,
    does: 'What an order without a window is promised: so long from placing it to the door, or half as long from being ready, if that is later. After that it is late.',
  },
  planAheadS: {
    kind: 'whole',
    unit: 's',
    min: 60,
    max: DAY_S,
    does: 'How far ahead is planned: an order that nobody has to leave for within this time is scheduled, and holds no driver.',
  },
  pickupServiceS: {
    kind: 'whole',
    unit: 's',
    min: 0,
    max: HOUR_S,
    does: 'How long a driver stands at a pickup, where the order does not say; once for all that is collected in one visit.',
  },
  dropoffServiceS: {
    kind: 'whole',
    unit: 's',
    min: 0,
    max: HOUR_S,
    does: 'How long a driver stands at the door, where the order does not say.',
  },
  takeBack: {
    kind: 'flag',
    does: 'Whether an order may change driver after one was told of it, until it is collected, where that gains enough.',
  },
  economy: {
    kind: 'share',
    does: 'What counts: 0 brings everything as soon as it can; 1 drives least within what was promised.',
  },
  fairness: {
    kind: 'share',
    does: 'Who is chosen: at 0 whoever is best, towards 1 rather whoever has had fewer orders today, at a price.',
  },
  etaChangeS: {
    kind: 'whole',
    unit: 's',
    min: 60,
    max: DAY_S,
    does: 'By how much the planned hand-over must move before the shop is told so (`DELIVERY_ETA_CHANGED_V1`, where its webhook asks for it).',
  },
} as const satisfies Readonly<Record<string, DispatchSetting>>;

export type SettingName = keyof typeof DISPATCH_SETTINGS;
type ValueOf<Setting> = Setting extends { kind: 'choice'; choices: readonly (infer Word)[] }
  ? Word
  : Setting extends { kind: 'flag' }
    ? boolean
    : Setting extends { orNoLimit: true }
      ? number | null
      : number;
export type SettingValues = { [Name in SettingName]: ValueOf<(typeof DISPATCH_SETTINGS)[Name]> };

/** Something made of each setting, by its name. */
export function eachSetting<Made>(make: (setting: DispatchSetting) => Made): { [Name in SettingName]: Made } {
  const made = Object.entries(DISPATCH_SETTINGS).map(([name, setting]) => [name, make(setting)]);
  return Object.fromEntries(made);
}

/** What it may be, in words: `60 to 86400 s, or null for no limit`. */
export function limitsOf(setting: DispatchSetting): string {
  switch (setting.kind) {
    case 'choice':
      return setting.choices.join(', ');
    case 'whole':
      return `${setting.min} to ${setting.max}${setting.unit === undefined ? '' : ` ${setting.unit}`}${setting.orNoLimit ? ', or null for no limit' : ''}`;
    case 'share':
      return '0 to 1';
    case 'flag':
      return 'true or false';
  }
}
