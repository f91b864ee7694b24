import type { Fulfillment } from '@vendure/core';

type Attempt = { quantity: number; fulfillment: Pick<Fulfillment, 'state' | 'customFields'> };

/**
 * How many pieces of an order line have been sent. What has failed or was cancelled is asked for anew by a person and not
 * by itself, so it counts on, until a new attempt has taken it up: from then on it is that one that counts.
 * `UnsentOrders` reckons the same in SQL.
 * @param attempts what of the line is in fulfillments, the cancelled ones too
 */
export function piecesSent(attempts: Attempt[]): number {
  const sum = (some: Attempt[]) => some.reduce((total, { quantity }) => total + quantity, 0);
  const isCancelled = ({ fulfillment }: Attempt) => fulfillment.state === 'Cancelled';
  const cancelled = attempts.filter(isCancelled);
  const takenUp = attempts.filter(({ fulfillment }) => fulfillment.customFields.newAttempt === true);
  const stillSent = attempts.filter((each) => !isCancelled(each));
  return sum(stillSent) + Math.max(0, sum(cancelled) - sum(takenUp));
}
