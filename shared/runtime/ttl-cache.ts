/** What is not there may be there a moment later, and is found after this at the latest. */
const ABSENT_MS = 2_000;

interface Kept<Value> {
  value: Value;
  until: number;
}

/**
 * Remembers what `load` found for `ttlMs`, and that there is nothing (`null`) for 2 s. At most `max` entries of either
 * kind, the oldest go first: who asks for what is not there makes nobody forget what is. Askers at the same time share
 * one load. A failed load is not remembered.
 */
export function ttlCache<Value>(
  ttlMs: number,
  load: (key: string) => Promise<Value>,
  max = 10_000,
): { get(key: string): Promise<Value>; forget(key: string): void } {
  const found = new Map<string, Kept<Value>>();
  const absent = new Map<string, Kept<Value>>();
  const loading = new Map<string, Promise<Value>>();
  const keep = (where: Map<string, Kept<Value>>, key: string, value: Value, forMs: number): void => {
    where.delete(key);
    where.set(key, { value, until: performance.now() + forMs });
    const [oldest] = where.keys();
    if (where.size > max && oldest !== undefined) where.delete(oldest);
  };
  const ask = async (key: string): Promise<Value> => {
    const asked = load(key);
    loading.set(key, asked);
    try {
      const value = await asked;
      // Unless it was forgotten meanwhile: then this is what was there before.
      if (loading.get(key) === asked) {
        if (value === null) keep(absent, key, value, ABSENT_MS);
        else keep(found, key, value, ttlMs);
      }
      return value;
    } finally {
      if (loading.get(key) === asked) loading.delete(key);
    }
  };
  return {
    async get(key) {
      const known = found.get(key) ?? absent.get(key);
      if (known !== undefined && known.until > performance.now()) return known.value;
      return loading.get(key) ?? ask(key);
    },
    forget(key) {
      for (const each of [found, absent, loading]) each.delete(key);
    },
  };
}
