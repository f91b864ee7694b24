const FIRST_MS = 500;
export const LONGEST_MS = 10_000;

/**
 * One wait for all messages while the service is away, so that an outbox of hundreds does not knock hundreds of times a
 * second. Doubles with each failure, ends with the first success.
 */
export class Pause {
  private untilMs = 0;
  private failures = 0;

  constructor(
    private readonly nowMs: () => number = Date.now,
    private readonly random: () => number = Math.random,
  ) {}

  remainingMs(): number {
    return Math.max(0, this.untilMs - this.nowMs());
  }
  failed(retryAfterMs: number | null): void {
    // Those that were under way together failed of the same thing.
    if (this.remainingMs() > 0) return;
    const waitMs = backOffMs(this.failures, retryAfterMs ?? 0, this.random);
    this.failures += 1;
    this.untilMs = this.nowMs() + waitMs;
  }
  succeeded(): void {
    this.untilMs = 0;
    this.failures = 0;
  }
}

/**
 * How long to wait after so many failures in a row, in ms: 0.5 s, doubled each time, never more than 10 s.
 * Up to a quarter less by chance: processes that failed together do not come back together.
 */
export function backOffMs(failures: number, atLeastMs = 0, random: () => number = Math.random): number {
  const doubledMs = FIRST_MS * 2 ** Math.min(failures, 10);
  return Math.round(Math.min(LONGEST_MS, Math.max(doubledMs, atLeastMs)) * (1 - random() / 4));
}
