import type { Evidence, Violation } from '../history.ts';
import { keptKey } from '../kept-key.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';

/** I5: no answer shows an older version than one acknowledged before it was asked for. Replays are old by design. */
export function checkFresh({ operations }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const found: Violation[] = [];
  const acknowledged = operations
    .filter((operation) => operation.outcome === 'ok')
    .flatMap((operation) => [...operation.deliveries, ...operation.drivers].map((shown) => ({ operation, shown })));
  for (const [id, views] of groupBy(acknowledged, (view) => view.shown.id)) {
    const byEnd = [...views].sort((a, b) => a.operation.endMs - b.operation.endMs);
    const byStart = views
      .filter((view) => !view.operation.replayed)
      .sort((a, b) => a.operation.startMs - b.operation.startMs);
    let place = 0;
    let newest = 0;
    for (const view of byStart) {
      for (; (byEnd[place]?.operation.endMs ?? Number.POSITIVE_INFINITY) < view.operation.startMs; place += 1) {
        newest = Math.max(newest, byEnd[place]?.shown.version ?? 0);
      }
      if (newest > 0) count(1);
      if (view.shown.version >= newest) continue;
      found.push({
        invariant: 'I5',
        what: `version ${newest} was known, ${view.shown.version} was shown`,
        example: { id, ...view },
      });
    }
  }
  return found;
}

/** I9: a 4xx has no effect: nothing is stored under a key that was only ever refused. */
export function checkRefusals(
  { operations, keys, scopes, deliveries }: Evidence,
  count: Count = UNCOUNTED,
): Violation[] {
  const found: Violation[] = [];
  const kept = new Set(keys);
  const notes = new Set(deliveries.map((delivery) => delivery.notes));
  const orders = new Set(deliveries.map((delivery) => `${delivery.shop} ${delivery.orderRef}`));
  const perhaps = new Set(
    operations.filter((each) => each.outcome !== 'fail').map((each) => `${each.shop} ${each.orderRef}`),
  );
  for (const [key, attempts] of groupBy(
    operations.filter((each) => each.key !== null),
    (each) => each.key ?? '',
  )) {
    const [first] = attempts;
    if (first === undefined || attempts.some((attempt) => attempt.outcome !== 'fail')) continue;
    count(1);
    if (scopes.some((scope) => kept.has(keptKey(scope, key))) || notes.has(key))
      found.push({ invariant: 'I9', what: 'a refused request left something', example: first });
    const order = `${first.shop} ${first.orderRef}`;
    if (first.orderRef === null || first.kind === 'cancel_order' || perhaps.has(order)) continue;
    if (orders.has(order)) found.push({ invariant: 'I9', what: 'a refused order left a delivery', example: first });
  }
  return found;
}

/** I10: one key, one answer, to the byte. Fixes keep no answer: they are idempotent by themselves. */
export function checkReplays({ operations }: Evidence, count: Count = UNCOUNTED): Violation[] {
  const found: Violation[] = [];
  const kept = operations.filter(
    (each) => each.outcome === 'ok' && each.key !== null && !['fix', 'fixes', 'heartbeat'].includes(each.kind),
  );
  for (const [key, answers] of groupBy(kept, (each) => each.key ?? '')) {
    count(answers.length - 1);
    const bodies = new Set(answers.map((answer) => `${answer.status} ${answer.bodySha}`));
    if (bodies.size > 1)
      found.push({ invariant: 'I10', what: 'one key, different answers', example: { key, answers } });
  }
  return found;
}
