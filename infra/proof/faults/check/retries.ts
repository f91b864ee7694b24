import type { Evidence, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';

/**
 * I6, without help: what an endpoint has refused comes again by the service's own back-off, also where nobody asks for a
 * replay. Judged by first events that were refused in the end of the run, when nothing else was broken any more.
 */
export function checkRetries({ refusing, arrivals }: Evidence, count: Count = UNCOUNTED): Violation[] {
  if (refusing === null) return [];
  const { shop, fromMs, untilMs, helpedMs } = refusing;
  const firsts = groupBy(
    arrivals.filter((each) => each.shop === shop && each.sequence === 1),
    (each) => each.deliveryId,
  );
  return [...firsts.values()].flatMap((tries) => {
    const [first] = tries.toSorted((a, b) => a.atMs - b.atMs);
    if (first === undefined || first.accepted || first.atMs < fromMs || first.atMs > untilMs) return [];
    count(1);
    const byItself = tries.some(({ accepted, atMs }) => accepted && (helpedMs === null || atMs < helpedMs));
    if (byItself) return [];
    return [{ invariant: 'I6', what: 'a refused event was not sent again by itself', example: { tries, refusing } }];
  });
}
