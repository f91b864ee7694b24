/** Its pickup and its dropoff are known: a driver can be looked for. */
export const located = (row: string): string => `(${row}).pickup_lat IS NOT NULL AND (${row}).dropoff_lat IS NOT NULL`;

/**
 * The columns of a delivery that waits for a driver again, as its next attempt: SQL expressions over `row`. It is due at
 * once; without coordinates it waits for those.
 */
export function waitingAgain(row: string): Readonly<Record<string, string>> {
  return {
    status: `'PENDING'`,
    dispatch: `CASE WHEN ${located(row)} THEN 'searching' ELSE 'needs_location' END`,
    driver_id: 'NULL',
    exclusive: 'false',
    attempt: `(${row}).attempt + 1`,
    waiting_since: 'now()',
    due_at: 'now()',
    dispatch_attempts: '0',
    next_dispatch_at: `CASE WHEN ${located(row)} THEN now() END`,
    held_until: 'NULL',
    held_reason: 'NULL',
    pinned: 'false',
    unreachable_since: 'NULL',
    pickup_rank: 'NULL',
    dropoff_rank: 'NULL',
    planned_pickup_at: 'NULL',
    planned_dropoff_at: 'NULL',
    announced_at: 'NULL',
  };
}

/** The same where `condition` holds; else the columns of `otherwise`, or what the row has. */
export function waitingAgainIf(
  condition: string,
  row: string,
  otherwise: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const pairs = Object.entries(waitingAgain(row)).map(
    ([column, value]) =>
      [column, `CASE WHEN ${condition} THEN ${value} ELSE ${otherwise[column] ?? `(${row}).${column}`} END`] as const,
  );
  return Object.fromEntries(pairs);
}
