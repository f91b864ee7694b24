import type { Db } from '../db/open-db.ts';
import { type Contact, type SavedContact, saveContacts } from '../db/statements/locations.ts';
import { openBatch } from '../runtime/batch.ts';

/**
 * Writes contacts of many requests by few statements: one at a time for each shop, with all that came while the one
 * before it ran. For processes that live on after a request; a Lambda writes within each.
 */
export interface ContactWriter {
  /** Resolves once these are in Postgres. @throws DependencyAway as `saveContacts` does */
  write(shopId: string, contacts: readonly Contact[]): Promise<readonly SavedContact[]>;
  /**
   * False while statements fail, for all but one asker in two seconds: who can do without Postgres need not wait for it
   * to fail again.
   */
  isWorthTrying(): boolean;
}

const PER_STATEMENT = 1_000;
const RETRY_MS = 2_000;

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
