const FIRST_MS = 500;
const LONGEST_MS = 10_000;

/**
 * One wait for all messages while the service is away, so that a queue of hundreds does not knock hundreds of times a
 * second. Doubles with each failure, ends with the first success.
 */
export class Pause {
  private untilMs = 0;
  private failures = 0;

  constructor(private readonly nowMs: () => number = Date.now) {}

  remainingMs(): number {
    return Math.max(0, this.untilMs - this.nowMs());
  }
  failed(retryAfterMs: number | null): void {
    const backOffMs = FIRST_MS * 2 ** Math.min(this.failures, 10);
    this.failures += 1;
    this.untilMs = this.nowMs() + Math.min(LONGEST_MS, Math.max(backOffMs, retryAfterMs ?? 0));
  }
  succeeded(): void {
    this.untilMs = 0;
    this.failures = 0;
  }
}
