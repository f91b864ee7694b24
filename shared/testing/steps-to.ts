import { allowedNext, type DeliveryStatus } from '../domain/delivery.ts';

/** The fewest steps from ASSIGNED to a status, the last of them to the status itself. Fails where none lead there. */
export function stepsTo(status: DeliveryStatus): readonly DeliveryStatus[] {
  let ways: DeliveryStatus[][] = [[]];
  for (const seen = new Set<DeliveryStatus>(); ways.length > 0; ) {
    const found = ways.find((way) => (way.at(-1) ?? 'ASSIGNED') === status);
    if (found) return found;
    ways = ways.flatMap((way) => {
      const next = allowedNext(way.at(-1) ?? 'ASSIGNED').filter((to) => !seen.has(to));
      for (const to of next) seen.add(to);
      return next.map((to) => [...way, to]);
    });
  }
  throw new Error(`no steps lead to ${status}`);
}
