/** What stands between a delivery and the driver that a person chose for it. */
export const REFUSALS = ['unknown', 'off_duty', 'full', 'silent', 'on_break', 'off_shift'] as const;
export type Refusal = (typeof REFUSALS)[number];
