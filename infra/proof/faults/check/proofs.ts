import type { Evidence, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';

/** I25: what asks for the name of who takes it is handed over by no driver who says none; their shop may say so without. */
export function checkProofs({ deliveries, deliveryEvents }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const asking = new Set(deliveries.flatMap(({ id, proofRequired }) => (proofRequired.includes('name') ? id : [])));
  return deliveryEvents.flatMap((event) => {
    const { type, deliveryId, actor, data } = event;
    if (type !== 'DELIVERED' || !actor.startsWith('driver:') || !asking.has(deliveryId)) return [];
    count(1);
    if (data?.proof?.receivedBy !== undefined) return [];
    return [{ invariant: 'I25', what: 'handed over without the name that is asked for', example: event }];
  });
}
