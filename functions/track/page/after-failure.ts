import type { TrackingView } from '#shared/contract/tracking.ts';
import { Refusal } from '#shared/pages/ask.ts';

/** `away`: nothing was answered so far; `gone`: there is nothing under this link, or not any more. */
export type State =
  | { kind: 'asking' }
  | { kind: 'away' }
  | { kind: 'gone' }
  | { kind: 'known'; tracking: TrackingView; stale: boolean };

/** There is nothing to be asked for again. */
export function isForGood(error: unknown): boolean {
  return error instanceof Refusal && error.status === 404;
}

/** What is shown after an answer that is none: what is known stays, as old. */
export function afterFailure(state: State, error: unknown): State {
  if (isForGood(error)) return { kind: 'gone' };
  return state.kind === 'known' ? { ...state, stale: true } : { kind: 'away' };
}
