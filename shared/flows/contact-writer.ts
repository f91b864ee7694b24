import type { Db } from '../db/open-db.ts';
import { type Contact, type SavedContact, saveContacts } from '../db/statements/locations.ts';

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

interface Call {
  contacts: readonly Contact[];
  resolve(saved: readonly SavedContact[]): void;
  reject(error: unknown): void;
}
interface Desk {
  shopId: string;
  calls: Call[];
  isRunning: boolean;
}

export function openContactWriter(db: Db): ContactWriter {
  const desks = new Map<string, Desk>();
  /** Null: the last statement succeeded. */
  let retryAtMs: number | null = null;
  /** Writes until nobody waits. Never rejects. */
  const drain = async (desk: Desk): Promise<void> => {
    while (desk.calls.length > 0) {
      const calls = takeCalls(desk);
      try {
        const contacts = calls.flatMap((call) => call.contacts);
        settle(calls, await saveContacts(db, desk.shopId, contacts));
        retryAtMs = null;
      } catch (error) {
        retryAtMs = performance.now() + RETRY_MS;
        for (const { reject } of calls) reject(error);
      }
    }
    desks.delete(desk.shopId);
  };
  return {
    write: (shopId, contacts) =>
      new Promise((resolve, reject) => {
        const desk = desks.get(shopId) ?? { shopId, calls: [], isRunning: false };
        desks.set(shopId, desk);
        desk.calls.push({ contacts, resolve, reject });
        if (desk.isRunning) return;
        desk.isRunning = true;
        // At the end of the turn, with those that come in the same one.
        setImmediate(() => void drain(desk));
      }),
    isWorthTrying() {
      if (retryAtMs === null) return true;
      const now = performance.now();
      if (now < retryAtMs) return false;
      retryAtMs = now + RETRY_MS;
      return true;
    },
  };
}

function takeCalls(desk: Desk): Call[] {
  let size = 0;
  const enough = desk.calls.findIndex((call) => {
    size += call.contacts.length;
    return size > PER_STATEMENT;
  });
  return desk.calls.splice(0, enough < 0 ? desk.calls.length : Math.max(1, enough));
}

/** Each is told of his own drivers only. */
function settle(calls: readonly Call[], saved: readonly SavedContact[]): void {
  const byDriver = new Map(saved.map((row) => [row.driver.id, row]));
  for (const { contacts, resolve } of calls) {
    const drivers = new Set(contacts.map((contact) => contact.driver_id));
    resolve([...drivers].flatMap((driverId) => byDriver.get(driverId) ?? []));
  }
}
