import { Problem } from './problem.ts';

/** Allowances are rounded up to this, so that Node keeps all their timers in one list and each costs next to nothing. */
const TICK_MS = 100;

/** One time allowance over several steps. What is past it may still finish unseen: hence 503, outcome unknown. */
export function openBudget(totalMs: number) {
  let leftMs = totalMs;
  return {
    spend: <T>(step: () => Promise<T>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        const startedMs = performance.now();
        const done = (settle: () => void): void => {
          clearTimeout(timer);
          leftMs -= performance.now() - startedMs;
          settle();
        };
        const roundedMs = Math.ceil(Math.max(0, leftMs) / TICK_MS) * TICK_MS;
        const timer = setTimeout(() => reject(new Problem('unavailable', 'No answer in time')), roundedMs);
        step().then(
          (value) => done(() => resolve(value)),
          (error: unknown) => done(() => reject(error)),
        );
      }),
  };
}
