import type { Db } from '../db/open-db.ts';
import { noteKeyUse } from '../db/statements/api-keys.ts';

const HOUR_MS = 3_600_000;
/** More keys than this in an hour are noted anew: one statement too many, no harm. */
const MOST = 10_000;

/**
 * Tells Postgres which keys are used, each once an hour from each process: a write with every request would cost more
 * than the answer. Nobody waits for it, and one that fails is tried again with the next request.
 */
export function openKeyUse(db: Db, nowMs: () => number): (keyId: string) => void {
  const notedAtMs = new Map<string, number>();
  return (keyId) => {
    const before = notedAtMs.get(keyId);
    if (before !== undefined && nowMs() - before < HOUR_MS) return;
    if (notedAtMs.size >= MOST) notedAtMs.clear();
    notedAtMs.set(keyId, nowMs());
    noteKeyUse(db, [keyId]).catch(() => notedAtMs.delete(keyId));
  };
}
