import type { Fulfillment } from '@vendure/core';
import type { DeliveryNews } from './events';
import type { ServiceEvent } from './news';

const LOCKED =
  'a wrong PIN code was tried too often, and no code opens it any more. Set another on its page in the console of the dispatch service, or have it handed over without, and tell the recipient and the driver.';

/** What the order's history says of it: the first word is the customer's, the rest the administrator's. */
export function noteOf(
  event: ServiceEvent,
  news: DeliveryNews,
  fulfillment: Fulfillment,
): { text: string; isPublic: boolean } | null {
  const which = `Delivery ${event.sellerOrderId}`;
  const why = [news.failureCode, news.note].filter(Boolean).join(': ') || 'no reason given';
  switch (event.kind) {
    case 'ASSIGNED': {
      const when = news.etaText === null ? '' : ` Expected at ${news.etaText}.`;
      return { text: `Your delivery is with ${event.driver?.name ?? 'a driver'}.${when}`, isPublic: news.tellCustomer };
    }
    case 'UNASSIGNED':
      return { text: `${which} was given back (${why}); another driver is looked for.`, isPublic: false };
    case 'EXHAUSTED':
      return { text: `${which} has no driver: none is in range. Assign one by hand.`, isPublic: false };
    case 'FAILED':
      return { text: `${which} failed (${why}). Retry it, or let it be returned.`, isPublic: false };
    case 'RETURNED':
      return { text: `${which} is back in the shop (${why}).`, isPublic: false };
    case 'CANCELLED':
      return { text: `${which} is cancelled.`, isPublic: false };
    case 'PIN_LOCKED':
      return { text: `${which}: ${LOCKED}`, isPublic: false };
    case 'REATTEMPTED':
      return { text: `${which} is tried again.`, isPublic: false };
    case 'DELIVERED':
      return fulfillment.state === 'Cancelled'
        ? { text: `${which} was delivered although its fulfillment is Cancelled.`, isPublic: false }
        : null;
    case 'PICKED_UP':
      return fulfillment.state === 'Cancelled'
        ? { text: `${which} was picked up although its fulfillment is Cancelled.`, isPublic: false }
        : null;
    default:
      return null;
  }
}

/** For administrators: of what the service says is so, and Vendure does not let the order follow at present. */
export function refusalNote(sellerOrderId: string, status: string, why: string): string {
  return `Delivery ${sellerOrderId} is ${status}, and its order cannot follow: ${why}. It is tried again by itself.`;
}
