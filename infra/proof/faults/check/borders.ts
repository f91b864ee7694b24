import type { Evidence, Operation, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';

/** I12: one shop's keys, and one shop's drivers, never see or move what is another's. */
export function checkBorders(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const found: Violation[] = [];
  const say = (what: string, example: unknown) => found.push({ invariant: 'I12', what, example });
  const shopOf = new Map([...evidence.drivers, ...evidence.deliveries].map((thing) => [thing.id, thing.shop]));
  for (const operation of evidence.operations) {
    if (operation.kind === 'probe') count(1);
    if (operation.kind === 'probe' && operation.outcome === 'ok')
      say("a probe of another shop's thing was answered", operation);
    const foreign = seenIn(operation).find((id) => shopOf.has(id) && shopOf.get(id) !== operation.shop);
    if (foreign !== undefined) say('a shop was shown what is not its own', { foreign, operation });
  }
  const shopOfKey = new Map(evidence.shops.flatMap((shop) => shop.keyIds.map((keyId) => [`shop:${keyId}`, shop.slug])));
  const isForeign = (actor: string, id: string) => {
    const own = actor.startsWith('driver:') ? shopOf.get(actor.slice('driver:'.length)) : shopOfKey.get(actor);
    return own !== undefined && own !== shopOf.get(id);
  };
  for (const event of evidence.deliveryEvents)
    if (isForeign(event.actor, event.deliveryId)) say("a shop moved another's delivery", event);
  for (const event of evidence.driverEvents)
    if (isForeign(event.actor, event.driverId)) say("a shop changed another's driver", event);
  for (const driverId of evidence.positions.trespassed)
    say('a driver is where only a stranger has seen them', driverId);
  return found;
}

function seenIn(operation: Operation): string[] {
  if (operation.outcome !== 'ok') return [];
  return [
    ...operation.ids,
    ...operation.deliveries.map((shown) => shown.id),
    ...operation.drivers.map((shown) => shown.id),
  ];
}
