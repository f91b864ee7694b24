import { expect, test } from 'vitest';
import { fixedAt } from './arranged.ts';
import type { RouteAt } from './replay.ts';

test('of what a person has put in order nothing holds from a parcel on that is tried again', () => {
  const stops = ['a', 'b', 'c'].map((deliveryId) => ({ deliveryId, kind: 'dropoff' }));
  const at = (type: string, deliveryId: string | null) =>
    ({ event: { type, deliveryId, actor: 'shop:k' }, stops }) as unknown as RouteAt;
  const fixed = fixedAt([at('ROUTE', null), at('FAILED', 'b'), at('REATTEMPTED', 'b'), at('REATTEMPTED', 'z')]);
  expect(fixed.map((names) => names.length)).toEqual([3, 3, 1, 1]);
  expect(fixed[2]).toEqual(['a last']);
});
