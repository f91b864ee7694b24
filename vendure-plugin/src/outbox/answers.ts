import type { Answer } from '../dispatch/dispatch-client';
import type { OutgoingMessage } from './outgoing-message.entity';

/** Never-again: too late for the step, or a body the service will never take. Everything else may be mended meanwhile. */
export function isFinal({ status, problem }: Answer): boolean {
  if (status === 409) return problem !== 'key_in_flight';
  // The service has lost the delivery: what is behind this message asks for it anew. A gateway's 404 has no problem.
  if (status === 404) return problem === 'not_found';
  return status === 400 || status === 410 || status === 413 || status === 415 || status === 422;
}

type Kind = OutgoingMessage['type'];

/** What was done by hand is said under the shop's key; all else is a message that the shop has signed. */
const isByKey = (type: Kind) => type === 'delivery.moved';

/** The service is away or does not take what this shop signs: it would say the same of every message. */
export function concernsAll({ status }: Answer, type: Kind): boolean {
  if (status === 401 || status === 403) return !isByKey(type);
  return status === 0 || status === 429 || (status >= 502 && status <= 504);
}

/** For administrators: what the service has said, and which setting to look at. */
export function describe({ status, problem, detail }: Answer, type: Kind): string {
  const said = [status === 0 ? null : status, problem, detail].filter((part) => part !== null).join(' ');
  if (status === 403 && isByKey(type)) return `${said} (has apiKey the scope \`dispatch\`?)`;
  if (status !== 401) return said;
  return isByKey(type)
    ? `${said} (is apiKey a key of this shop at the service?)`
    : `${said} (is signingSecret the one the service has for this shop?)`;
}

/** For administrators, on a message that was refused. */
export function noteOn({ type, sellerOrderId }: OutgoingMessage, answer: Answer): string {
  const why = answer.detail ?? `the service answered ${answer.status}`;
  switch (type) {
    case 'delivery.cancelled':
      return `Delivery ${sellerOrderId} could not be cancelled: ${why}. Call the driver.`;
    case 'delivery.updated':
      return `The change came too late for delivery ${sellerOrderId}: ${why}. Call the driver. Another attempt gets the newest.`;
    case 'delivery.moved':
      return `The service was told of delivery ${sellerOrderId} what was done by hand, and refused: ${why}.`;
    default:
      return `Delivery ${sellerOrderId} was refused: ${why}.`;
  }
}
