import { expect, test } from 'vitest';
import type { TrackingView } from '#shared/contract/tracking.ts';
import { Refusal } from '#shared/pages/ask.ts';
import { afterFailure, type State } from './after-failure.ts';

const KNOWN: State = { kind: 'known', tracking: {} as TrackingView, stale: false };
const NOBODY = [new Refusal(0, {}), new Refusal(503, {}), new Refusal(429, {})];

test.each(NOBODY)(
  'a first question that nobody answers is said to be so (%#), and what is known stays, as old',
  (error) => {
    expect(afterFailure({ kind: 'asking' }, error)).toEqual({ kind: 'away' });
    expect(afterFailure({ kind: 'away' }, error)).toEqual({ kind: 'away' });
    expect(afterFailure(KNOWN, error)).toEqual({ ...KNOWN, stale: true });
  },
);

test('what the service does not know leads nowhere, whatever was known', () => {
  for (const state of [{ kind: 'asking' }, KNOWN] as const)
    expect(afterFailure(state, new Refusal(404, {}))).toEqual({ kind: 'gone' });
});
