import type { Db } from '../db/open-db.ts';
import { type Contact, type SavedContact, saveContacts } from '../db/statements/locations.ts';
import type { ContactWriter } from '../flows/deps.ts';
import { openBatch } from '../runtime/batch.ts';

const PER_STATEMENT = 1_000;
const RETRY_MS = 2_000;

/** One writer per process: see `ContactWriter`. */
export function openContactWriter(db: Db): ContactWriter {
  /** Null: the last statement succeeded. */
  let retryAtMs: number | null = null;
  const batch = openBatch<readonly Contact[], readonly SavedContact[]>({
    mode: 'one_at_a_time',
    most: PER_STATEMENT,
    sizeOf: (contacts) => contacts.length,
    run: async (shopId, calls) => {
      try {
        const saved = await saveContacts(db, shopId, calls.flat());
        retryAtMs = null;
        return tellEach(calls, saved);
      } catch (error) {
        retryAtMs = performance.now() + RETRY_MS;
        throw error;
      }
    },
  });
  return {
    write: batch.add,
    isWorthTrying() {
      if (retryAtMs === null) return true;
      const now = performance.now();
      if (now < retryAtMs) return false;
      retryAtMs = now + RETRY_MS;
      return true;
    },
  };
}

/** Each call is told of its own drivers only. */
function tellEach(
  calls: readonly (readonly Contact[])[],
  saved: readonly SavedContact[],
): readonly (readonly SavedContact[])[] {
  const byDriver = new Map(saved.map((row) => [row.driver.id, row]));
  return calls.map((contacts) => {
    const drivers = new Set(contacts.map((contact) => contact.driver_id));
    return [...drivers].flatMap((driverId) => byDriver.get(driverId) ?? []);
  });
}
