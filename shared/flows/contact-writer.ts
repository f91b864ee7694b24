import type { Db } from '../db/open-db.ts';
import { type Contact, saveContacts } from '../db/statements/locations.ts';

export type SavedContact = Awaited<ReturnType<typeof saveContacts>>[number];

/**
 * Writes contacts of many requests by few statements: one at a time for each shop, with all that came while the one
 * before it ran. For processes that live on after a request; a Lambda writes within each.
 */
export interface ContactWriter {
  /** Resolves once these are in Postgres. @throws DependencyAway as `saveContacts` does */
  write(shopId: string, contacts: readonly Contact[]): Promise<readonly SavedContact[]>;
  /** They will be in Postgres within a few seconds; while it is away they are kept, the newest of each driver. */
  writeSoon(shopId: string, contacts: readonly Contact[]): void;
  /** Writes what is still held. */
  close(): Promise<void>;
}

/** With the 10 s between two thinned writes: durable within 15 s. */
const SOON_MS = 2_000;
const PER_STATEMENT = 1_000;
/** Per shop. Beyond, the oldest go: their drivers' next contacts bring newer ones. */
const KEPT_AT_MOST = 200_000;

interface Call {
  contacts: readonly Contact[];
  resolve(saved: readonly SavedContact[]): void;
  reject(error: unknown): void;
}
interface Desk {
  shopId: string;
  calls: Call[];
  held: Map<string, Contact>;
  /** The statement under way and those that follow it at once. */
  running: Promise<void> | null;
}

/** @param onSaved told of those that nobody waited for, after their commit */
export function openContactWriter(
  db: Db,
  onSaved: (shopId: string, saved: readonly SavedContact[]) => Promise<void>,
): ContactWriter {
  const desks = new Map<string, Desk>();
  let timer: NodeJS.Timeout | null = null;
  const deskOf = (shopId: string): Desk => {
    const known = desks.get(shopId) ?? { shopId, calls: [], held: new Map(), running: null };
    desks.set(shopId, known);
    return known;
  };
  const start = (desk: Desk): Promise<void> => {
    desk.running ??= drain(db, desk, onSaved).finally(() => {
      desk.running = null;
      if (desk.calls.length > 0) void start(desk);
      else if (desk.held.size > 0) later();
      else desks.delete(desk.shopId);
    });
    return desk.running;
  };
  const startAll = (): Promise<void>[] => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    return [...desks.values()].map(start);
  };
  const later = (): void => {
    timer ??= setTimeout(startAll, SOON_MS).unref();
  };
  return {
    write: (shopId, contacts) =>
      new Promise((resolve, reject) => {
        const desk = deskOf(shopId);
        desk.calls.push({ contacts, resolve, reject });
        // At the end of the turn, with those that come in the same one.
        if (desk.running === null && desk.calls.length === 1) setImmediate(() => void start(desk));
      }),
    writeSoon(shopId, contacts) {
      hold(deskOf(shopId).held, contacts);
      later();
    },
    async close() {
      await Promise.all(startAll());
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** Writes until nobody waits and everything held has been tried once. Never rejects. */
async function drain(db: Db, desk: Desk, onSaved: (shopId: string, saved: readonly SavedContact[]) => Promise<void>) {
  let untried = desk.held.size;
  while (desk.calls.length > 0 || untried > 0) {
    const calls = takeCalls(desk);
    const asked = calls.flatMap((call) => call.contacts);
    const held = takeHeld(desk.held, Math.max(0, Math.min(untried, PER_STATEMENT - asked.length)));
    untried -= held.length;
    try {
      const saved = await saveContacts(db, desk.shopId, [...asked, ...held]);
      settle(calls, saved);
      if (held.length > 0) await onSaved(desk.shopId, saved).catch(() => {});
    } catch (error) {
      for (const { reject } of calls) reject(error);
      hold(desk.held, held, 'unless newer');
    }
  }
}

function takeCalls(desk: Desk): Call[] {
  let size = 0;
  const enough = desk.calls.findIndex((call) => {
    size += call.contacts.length;
    return size > PER_STATEMENT;
  });
  return desk.calls.splice(0, enough < 0 ? desk.calls.length : Math.max(1, enough));
}

function takeHeld(held: Map<string, Contact>, count: number): Contact[] {
  const taken: Contact[] = [];
  for (const [driverId, contact] of held) {
    if (taken.length >= count) break;
    taken.push(contact);
    held.delete(driverId);
  }
  return taken;
}

function hold(held: Map<string, Contact>, contacts: readonly Contact[], how?: 'unless newer'): void {
  for (const contact of contacts) {
    if (how !== undefined && held.has(contact.driver_id)) continue;
    // A heartbeat says nothing against the position that was to be written.
    if (contact.lat === null && held.has(contact.driver_id)) continue;
    held.set(contact.driver_id, contact);
  }
  for (const driverId of held.keys()) {
    if (held.size <= KEPT_AT_MOST) break;
    held.delete(driverId);
  }
}

/** Each is told of his own drivers only. */
function settle(calls: readonly Call[], saved: readonly SavedContact[]): void {
  const byDriver = new Map(saved.map((row) => [row.driver.id, row]));
  for (const { contacts, resolve } of calls) {
    const drivers = new Set(contacts.map((contact) => contact.driver_id));
    resolve([...drivers].flatMap((driverId) => byDriver.get(driverId) ?? []));
  }
}
