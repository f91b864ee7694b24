/**
 * Remembers what `load` found for `ttlMs`, at most `max` entries (the oldest go first). Askers at the same time share
 * one load. A failed load is not remembered, and neither is `null`: what is not there may be there a moment later.
 */
export function remember<Value>(
  ttlMs: number,
  load: (key: string) => Promise<Value>,
  max = 10_000,
): { get(key: string): Promise<Value>; forget(key: string): void } {
  const kept = new Map<string, { value: Promise<Value>; until: number }>();
  const forget = (key: string) => void kept.delete(key);
  return {
    get(key) {
      const now = performance.now();
      const known = kept.get(key);
      if (known !== undefined && known.until > now) return known.value;
      const value = load(key);
      kept.delete(key);
      kept.set(key, { value, until: now + ttlMs });
      for (const oldest of kept.keys()) {
        if (kept.size <= max) break;
        kept.delete(oldest);
      }
      const drop = () => {
        if (kept.get(key)?.value === value) kept.delete(key);
      };
      value.then((found) => found === null && drop(), drop);
      return value;
    },
    forget,
  };
}
