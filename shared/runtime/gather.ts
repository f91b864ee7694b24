/**
 * Looks up many keys by few questions: those asked for in the same turn of the event loop, and those asked for while a
 * question is under way, go together in the next one.
 * @param load answers what it found by key; a key without a value is `null` to its asker. Its failure is everyone's
 */
export function gather<Value>(
  load: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  most = 500,
): (key: string) => Promise<Value | null> {
  let waiting: { key: string; resolve: (value: Value | null) => void; reject: (error: unknown) => void }[] = [];
  let asking = false;
  const ask = async (): Promise<void> => {
    const asked = waiting.slice(0, most);
    waiting = waiting.slice(most);
    try {
      const found = await load([...new Set(asked.map(({ key }) => key))]);
      for (const { key, resolve } of asked) resolve(found.get(key) ?? null);
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
    if (waiting.length > 0) setImmediate(() => void ask());
    else asking = false;
  };
  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (asking) return;
      asking = true;
      setImmediate(() => void ask());
    });
}
