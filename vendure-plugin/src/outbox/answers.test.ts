import { expect, it } from 'vitest';
import type { Answer } from '../dispatch/dispatch-client';
import { concernsAll, describe } from './answers';

const answer = (status: number, problem: string | null = null): Answer => ({
  status,
  problem,
  body: null,
  detail: null,
  retryAfterMs: null,
});

it('names the proof that was refused: the signature of a message, or the key by which a step by hand is said', () => {
  expect(describe(answer(401, 'unauthorized'), 'delivery.requested')).toContain('is signingSecret the one');
  expect(describe(answer(401, 'unauthorized'), 'delivery.moved')).toBe(
    '401 unauthorized (is apiKey a key of this shop at the service?)',
  );
  expect(describe(answer(403, 'forbidden'), 'delivery.moved')).toContain('scope `dispatch`');
  expect(describe(answer(403, 'forbidden'), 'delivery.updated')).toBe('403 forbidden');
  expect(describe({ ...answer(0), detail: 'no answer in time' }, 'delivery.moved')).toBe('no answer in time');
});

it('lets the others go on where it is the key alone that is refused', () => {
  for (const status of [401, 403]) {
    expect(concernsAll(answer(status), 'delivery.moved')).toBe(false);
    expect(concernsAll(answer(status), 'delivery.cancelled')).toBe(true);
  }
  for (const status of [0, 429, 502, 503, 504]) expect(concernsAll(answer(status), 'delivery.moved')).toBe(true);
  for (const status of [404, 409, 500]) expect(concernsAll(answer(status), 'delivery.requested')).toBe(false);
});
