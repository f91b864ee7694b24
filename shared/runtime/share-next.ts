import { setTimeout as pause } from 'node:timers/promises';

/** After what took so long, as many times as long without: one key has a quarter of this process at most. */
const REST = 3;
const REST_AT_MOST_MS = 1_000;

/**
 * Loads something large for many askers: those who come while it is loaded share the next load, which begins after they
 * asked, so that nobody is told what was true before. Of one key there is one load at a time, and a rest after each.
 */
export function shareNext<Value>(
  load: (key: string) => Promise<Value>,
  nowMs: () => number = () => performance.now(),
): (key: string) => Promise<Value> {
  const loading = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Promise<Value>>();

  /** Resolves, with nothing, when the next load of this key may begin. */
  const loadAndRest = async (key: string, asked: Promise<Value>, startedAtMs: number): Promise<void> => {
    await asked.catch(() => {});
    await pause(Math.min(REST_AT_MOST_MS, (nowMs() - startedAtMs) * REST), undefined, { ref: false });
    if (!waiting.has(key)) loading.delete(key);
  };
  const begin = (key: string): Promise<Value> => {
    const startedAtMs = nowMs();
    const asked = load(key);
    loading.set(key, loadAndRest(key, asked, startedAtMs));
    return asked;
  };
  return (key) => {
    const before = loading.get(key);
    if (before === undefined) return begin(key);
    const next =
      waiting.get(key) ??
      before.then(() => {
        waiting.delete(key);
        return begin(key);
      });
    waiting.set(key, next);
    return next;
  };
}
