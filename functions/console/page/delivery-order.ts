import type { DeliveryView } from '#shared/contract/deliveries.ts';

const createdMs = (delivery: DeliveryView) => Date.parse(delivery.createdAt);
/** In which a list may be: by these keys, the first that tells two apart. */
export const ORDERS = {
  /** Of the same urgency whichever has to be there first, then whichever has waited longest. */
  urgent: [(d: DeliveryView) => -urgency(d), deadlineMs, createdMs],
  newest: [(d: DeliveryView) => -createdMs(d)],
  oldest: [createdMs],
} as const;

/** A person is needed for some; the others are on their way or end. */
function urgency({ status, dispatch, unreachableSince }: DeliveryView): number {
  if (unreachableSince !== null) return 5;
  if (status === 'FAILED') return 4;
  if (dispatch === 'exhausted') return 4;
  if (dispatch === 'needs_location') return 3;
  return status === 'PENDING' ? 2 : 1;
}

function deadlineMs({ dropoff }: DeliveryView): number {
  return dropoff.before ? Date.parse(dropoff.before) : Number.MAX_VALUE;
}

/** A copy; where no key tells two apart, by their ids. */
export function inOrder(deliveries: readonly DeliveryView[], order: keyof typeof ORDERS): DeliveryView[] {
  return [...deliveries].sort((a, b) => {
    const difference = ORDERS[order].map((key) => key(a) - key(b)).find((each) => each !== 0);
    return difference ?? (a.id < b.id ? -1 : 1);
  });
}
