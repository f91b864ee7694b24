import { setTimeout as pause } from 'node:timers/promises';

export type Patience = { timeoutMs?: number; everyMs?: number };

/**
 * Repeats `check` until it neither throws nor answers false, and returns its answer.
 * @throws after `timeoutMs` (default 5000), with what the last try said
 */
export async function eventually<T>(check: () => T | Promise<T>, patience: Patience = {}): Promise<T> {
  const { timeoutMs = 5_000, everyMs = 20 } = patience;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      const answer = await check();
      if (answer !== false) return answer;
      if (performance.now() >= deadline) throw new Error('the check answered false');
    } catch (cause) {
      if (performance.now() >= deadline) {
        const last = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`Not so within ${timeoutMs} ms; at last: ${last}`, { cause });
      }
    }
    await pause(everyMs);
  }
}
