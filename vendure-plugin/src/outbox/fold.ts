import type { OutgoingMessage } from './outgoing-message.entity';

/**
 * What came later and says all that a message has to say: nobody shall drive for an order that was cancelled while the
 * service was away, nor to an address that was changed twice. Of changes the last one of a row: what stands behind a step
 * done by hand, or a new request, is said after that, since the step in between is to be said too.
 * @param later what is to be said of the same delivery after it, in its order
 * @returns what makes it needless, and all in between; undefined: nothing does
 */
export function replacementOf<Row extends Pick<OutgoingMessage, 'type'>>(message: Row, later: Row[]): Row | undefined {
  const cancelled = later.findLast(({ type }) => type === 'delivery.cancelled');
  if (cancelled !== undefined || message.type !== 'delivery.updated') return cancelled;
  const other = later.findIndex(({ type }) => type !== 'delivery.updated');
  return (other === -1 ? later : later.slice(0, other)).at(-1);
}
