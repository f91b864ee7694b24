/** Where the time comes from, so that a test can hold it still. `nowMs` is milliseconds since the Unix epoch. */
export type Clock = { nowMs(): number };

/** The machine's clock. Business time is Postgres time; this one is for time-outs, logs and signature windows only. */
export const systemClock: Clock = { nowMs: () => Date.now() };
