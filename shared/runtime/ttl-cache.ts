interface Kept<Value> {
  value: Value;
  until: number;
}

/**
 * Remembers for `ttlMs` what `load` found, and as long that there is nothing (`null`): otherwise who asks twice would know
 * by the time it takes. At most `max` entries of either kind, the oldest go first: who asks for what is not there makes
 * nobody forget what is. Askers at the same time share one load. A failed load is not remembered.
 */
export function ttlCache<Value>(
  ttlMs: number,
  load: (key: string) => Promise<Value>,
  max = 10_000,
): { get(key: string): Promise<Value>; forget(key: string): void } {
  const found = new Map<string, Kept<Value>>();
  const absent = new Map<string, Kept<Value>>();
  const loading = new Map<string, Promise<Value>>();
  const keep = (where: Map<string, Kept<Value>>, key: string, value: Value): void => {
    for (const each of [found, absent]) each.delete(key);
    where.set(key, { value, until: performance.now() + ttlMs });
    const [oldest] = where.keys();
    if (where.size > max && oldest !== undefined) where.delete(oldest);
  };
  const ask = async (key: string): Promise<Value> => {
    const asked = load(key);
    loading.set(key, asked);
    try {
      const value = await asked;
      // Unless it was forgotten meanwhile: then this is what was there before.
      if (loading.get(key) === asked) keep(value === null ? absent : found, key, value);
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
