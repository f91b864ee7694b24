/** What goes otherwise than planned. */
export interface Trouble {
  /** Travel times are off by this deviation of their logarithm. */
  travelSigma: number;
  /** Share of orders that are ready up to 20 minutes later than said. */
  lateReady: number;
  /** Share of what drivers are told that they decline. */
  declines: number;
  /** Deviation of the positions that a policy sees, in metres. */
  positionsOffM: number;
  /** Drivers who fall silent from 16:00 on, ten minutes apart. */
  silentDrivers: number;
}

const NONE: Trouble = { travelSigma: 0, lateReady: 0, declines: 0, positionsOffM: 0, silentDrivers: 0 };

export const TROUBLES = {
  none: NONE,
  travel: { ...NONE, travelSigma: 0.3 },
  ready: { ...NONE, lateReady: 0.3 },
  declines: { ...NONE, declines: 0.15 },
  positions: { ...NONE, positionsOffM: 200 },
  silent: { ...NONE, silentDrivers: 2 },
  everything: { travelSigma: 0.3, lateReady: 0.3, declines: 0.15, positionsOffM: 200, silentDrivers: 2 },
} as const satisfies Record<string, Trouble>;

export type TroubleName = keyof typeof TROUBLES;
