import {
  type Availability,
  type Candidate,
  type Fix,
  type FixReply,
  isOlder,
  type NearestQuestion,
  type Projection,
  type ProjectReply,
} from '#shared/availability/availability.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import type { DriverStatus } from '#shared/domain/driver.ts';
import { distanceM, type Position, snapToGrid } from '#shared/domain/geo.ts';

const SILENT_AFTER_MS = 60_000;
const AHEAD_MS = 5_000;
const PERSIST_EVERY_MS = 10_000;
const OVERDUE_MS = 30_000;

/** Availability in memory, held to the same contract suite as the real one. */
export interface FakeAvailability extends Availability {
  /** As if 60 s had passed without a word from the driver. */
  silence(shopId: string, driverId: string): void;
  /** As if Redis had been emptied or replaced. */
  flush(): void;
  /** From here on every method rejects, as with Redis away. */
  goAway(): void;
  /** Ends `goAway` and tells the `onReady` listeners. */
  comeBack(): void;
}

interface Contact {
  recordedAtMs: number;
  persistedAtMs: number;
  position: Position | null;
  expiresAtMs: number;
}

interface Shop {
  statuses: Map<string, { version: number; status: DriverStatus; idleSinceMs: number }>;
  contacts: Map<string, Contact>;
  geo: Map<string, Position>;
  warm: boolean;
}

/** @param now epoch milliseconds: Redis's clock */
export function fakeAvailability(now: () => number = Date.now): FakeAvailability {
  const shops = new Map<string, Shop>();
  const listeners: (() => void)[] = [];
  let away = false;

  async function at<Reply>(shopId: string, answer: (shop: Shop) => Reply): Promise<Reply> {
    if (away) throw new DependencyAway('redis', new Error('the fake is away'));
    const fresh = (): Shop => ({ statuses: new Map(), contacts: new Map(), geo: new Map(), warm: false });
    const shop = shops.get(shopId) ?? fresh();
    shops.set(shopId, shop);
    for (const [id, { expiresAtMs }] of shop.contacts) if (expiresAtMs <= now()) shop.contacts.delete(id);
    return answer(shop);
  }

  return {
    project: (shopId, all) => at(shopId, (shop) => all.map((projection) => project(shop, projection, now()))),
    locate: (shopId, fixes) => at(shopId, (shop) => locateNewest(shop, fixes, now())),
    heartbeat: (shopId, ids) => at(shopId, (shop) => ids.map((id) => hear(shop, id, now()))),
    search: (shopId, question) => at(shopId, (shop) => (shop.warm ? nearest(shop, question) : 'COLD')),
    lastPositions: (shopId, ids) => at(shopId, (shop) => ids.map((id) => lastPosition(shop, id))),
    statuses: (shopId, ids) => at(shopId, (shop) => ids.map((id) => projectedStatus(shop, id))),
    forget: (shopId, ids) =>
      at(shopId, (shop) => {
        for (const id of ids) for (const map of [shop.statuses, shop.contacts, shop.geo]) map.delete(id);
      }),
    projectedIds: (shopId) => at(shopId, (shop) => ({ cursor: '0', ids: [...shop.statuses.keys()] })),
    markWarm: (shopId) =>
      at(shopId, (shop) => {
        shop.warm = true;
      }),
    isWarm: (shopId) => at(shopId, (shop) => shop.warm),
    ping: () => at('', () => ({ latencyMs: 0 })),
    onReady(listener) {
      listeners.push(listener);
      if (!away) listener();
    },
    breakerState: () => (away ? 'open' : 'closed'),
    close: async () => {},
    silence: (shopId, driverId) => void shops.get(shopId)?.contacts.delete(driverId),
    flush: () => shops.clear(),
    goAway() {
      away = true;
    },
    comeBack() {
      away = false;
      for (const listener of listeners) listener();
    },
  };
}

function project(shop: Shop, projection: Projection, nowMs: number): ProjectReply {
  const { driverId, version, status, idleSinceMs } = projection;
  const current = shop.statuses.get(driverId);
  if (current && version < current.version) return 'STALE';
  if (current && version === current.version && status !== current.status) return 'CONFLICT';
  shop.statuses.set(driverId, { version, status, idleSinceMs });
  if (status === 'AVAILABLE') show(shop, projection, nowMs);
  else shop.geo.delete(driverId);
  return 'OK';
}

function show(shop: Shop, { driverId, position, seenAgeMs }: Projection, nowMs: number): void {
  if (!shop.contacts.has(driverId) && seenAgeMs !== null && seenAgeMs < SILENT_AFTER_MS) {
    const seenAtMs = nowMs - Math.max(0, seenAgeMs);
    const expiresAtMs = seenAtMs + SILENT_AFTER_MS;
    shop.contacts.set(driverId, { recordedAtMs: 0, persistedAtMs: seenAtMs, position, expiresAtMs });
  }
  const contact = shop.contacts.get(driverId);
  if (!contact) {
    shop.geo.delete(driverId);
    return;
  }
  if (contact.recordedAtMs === 0 && position) contact.position = position;
  if (contact.position) shop.geo.set(driverId, contact.position);
}

function locateNewest(shop: Shop, fixes: readonly Fix[], nowMs: number): FixReply[] {
  const newest = new Map<string, Fix>();
  for (const fix of fixes) {
    const best = newest.get(fix.driverId);
    if (!best || !isOlder(fix, best)) newest.set(fix.driverId, fix);
  }
  const answers = new Map([...newest].map(([id, fix]) => [id, locate(shop, fix, nowMs)]));
  return fixes.map((fix) => {
    const best = newest.get(fix.driverId)!;
    const answer = answers.get(fix.driverId)!;
    if (fix === best) return answer;
    const superseded = answer.outcome === 'OK' && isOlder(fix, best);
    return { outcome: superseded ? 'OLD' : answer.outcome, persist: false };
  });
}

function locate(shop: Shop, { driverId, position, recordedAtMs }: Fix, nowMs: number): FixReply {
  const status = shop.statuses.get(driverId);
  if (!status) return { outcome: 'MISS', persist: false };
  const heldMs = Math.min(recordedAtMs ?? nowMs, nowMs + AHEAD_MS);
  const { contact, persist } = touch(shop, driverId, nowMs);
  const old = heldMs < contact.recordedAtMs;
  if (heldMs > contact.recordedAtMs) Object.assign(contact, { recordedAtMs: heldMs, position: snapToGrid(position) });
  if (status.status === 'AVAILABLE' && contact.position) shop.geo.set(driverId, contact.position);
  return { outcome: old ? 'OLD' : 'OK', persist };
}

function hear(shop: Shop, driverId: string, nowMs: number): FixReply {
  const status = shop.statuses.get(driverId);
  if (!status) return { outcome: 'MISS', persist: false };
  const { contact, persist } = touch(shop, driverId, nowMs);
  if (status.status !== 'AVAILABLE') return { outcome: 'OK', persist };
  if (contact.position) shop.geo.set(driverId, contact.position);
  return { outcome: shop.geo.has(driverId) ? 'OK' : 'MISS', persist };
}

function touch(shop: Shop, driverId: string, nowMs: number): { contact: Contact; persist: FixReply['persist'] } {
  const contact = shop.contacts.get(driverId) ?? { recordedAtMs: 0, persistedAtMs: 0, position: null, expiresAtMs: 0 };
  const ageMs = nowMs - contact.persistedAtMs;
  const persist = ageMs < PERSIST_EVERY_MS ? false : ageMs < OVERDUE_MS ? 'soon' : 'now';
  if (persist) contact.persistedAtMs = nowMs;
  contact.expiresAtMs = nowMs + SILENT_AFTER_MS;
  shop.contacts.set(driverId, contact);
  return { contact, persist };
}

function nearest(shop: Shop, { center, radiusM, limit, exclude = [] }: NearestQuestion): Candidate[] {
  for (const id of shop.geo.keys()) if (!shop.contacts.has(id)) shop.geo.delete(id);
  return [...shop.geo]
    .map(([driverId, position]) => ({ driverId, position, awayM: distanceM(center, position) }))
    .filter(({ driverId, awayM }) => awayM <= radiusM && !exclude.includes(driverId))
    .sort((a, b) => a.awayM - b.awayM || (a.driverId < b.driverId ? -1 : 1))
    .slice(0, limit)
    .map(({ driverId, position }) => {
      return { driverId, position, idleSinceMs: shop.statuses.get(driverId)?.idleSinceMs ?? 0 };
    });
}

function lastPosition(shop: Shop, driverId: string): { position: Position | null; recordedAtMs: number } | null {
  const contact = shop.contacts.get(driverId);
  return contact ? { position: contact.position, recordedAtMs: contact.recordedAtMs } : null;
}

function projectedStatus(shop: Shop, driverId: string) {
  const status = shop.statuses.get(driverId);
  return status ? { version: status.version, status: status.status, inGeo: shop.geo.has(driverId) } : null;
}
