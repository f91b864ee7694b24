import { DependencyAway } from '../domain/away.ts';
import { within } from './within.ts';

export interface ProofOptions {
  /** How long what was withdrawn may still be taken for good. */
  ttlMs: number;
  max?: number;
  patienceMs?: number;
  nowMs?: () => number;
}

/** Known for so long when its source was last heard from: good until that is back. */
const GOOD_BEFORE_MS = 10 * 60_000;
/** However long that takes. */
const GOOD_FOR_MS = 24 * 3_600_000;
const RETRY_MS = 2_000;
/** Who can do without an answer waits no longer for it: a source that swallows questions is given up after seconds. */
const PATIENCE_MS = 500;

interface Remembered<Value> {
  value: Value | null;
  loadedAtMs: number;
}

/**
 * What `load` says of a proof, remembered for `ttlMs`: also that there is none, or who asks twice would know it by the
 * time it takes. While its source is away what there is is good for as long as that lasts: drivers whose proof was
 * checked shortly before go on being heard. Nobody can withdraw a proof meanwhile, since that takes the same source; what
 * was withdrawn just before, where this process has not looked since, is noticed when it is back. While it is away one
 * asker in two seconds tries it, and nobody waits for that who can do without.
 * @param load null: there is none, or it was withdrawn
 * @returns `get`, which takes what is remembered only if it is younger than so many ms, `ttlMs` unless told
 */
export function rememberProofs<Value>(
  load: (key: string) => Promise<Value | null>,
  { ttlMs, max = 10_000, patienceMs = PATIENCE_MS, nowMs = () => performance.now() }: ProofOptions,
): { get(key: string, youngerThanMs?: number): Promise<Value | null> } {
  const kept = new Map<string, Remembered<Value>>();
  const loading = new Map<string, Promise<Value | null>>();
  let answeredAtMs = nowMs();
  let retryAtMs: number | null = null;

  const isGood = (known: Remembered<Value> | undefined): known is Remembered<Value> =>
    known !== undefined &&
    known.value !== null &&
    answeredAtMs - known.loadedAtMs <= GOOD_BEFORE_MS &&
    nowMs() - known.loadedAtMs <= GOOD_FOR_MS;
  const keep = (key: string, value: Value | null): void => {
    kept.delete(key);
    kept.set(key, { value, loadedAtMs: nowMs() });
    const [oldest] = kept.keys();
    if (kept.size > max && oldest !== undefined) kept.delete(oldest);
  };
  const ask = async (key: string): Promise<Value | null> => {
    try {
      const value = await load(key);
      answeredAtMs = nowMs();
      retryAtMs = null;
      keep(key, value);
      return value;
    } catch (error) {
      if (!(error instanceof DependencyAway)) throw error;
      retryAtMs = nowMs() + RETRY_MS;
      const known = kept.get(key);
      if (!isGood(known)) throw error;
      return known.value;
    } finally {
      loading.delete(key);
    }
  };
  const askOnce = (key: string): Promise<Value | null> => {
    const asked = loading.get(key) ?? ask(key);
    loading.set(key, asked);
    return asked;
  };
  return {
    async get(key, youngerThanMs = ttlMs) {
      const known = kept.get(key);
      if (known !== undefined && nowMs() - known.loadedAtMs < youngerThanMs) return known.value;
      if (!isGood(known)) return askOnce(key);
      if (retryAtMs === null) {
        return within(askOnce(key), patienceMs, () => {
          retryAtMs = nowMs() + RETRY_MS;
          return known.value;
        });
      }
      if (nowMs() >= retryAtMs) {
        retryAtMs = nowMs() + RETRY_MS;
        askOnce(key).catch(() => {});
      }
      return known.value;
    },
  };
}
