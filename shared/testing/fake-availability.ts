import {
  type Availability,
  type Beat,
  type Candidate,
  type Fix,
  type FixReply,
  type Heard,
  isOlder,
  type NearestQuestion,
  type Projection,
  type ProjectReply,
} from '#shared/availability/availability.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { type DriverStatus, SILENT_AFTER_S } from '#shared/domain/driver.ts';
import { distanceM, type Position, snapToGrid } from '#shared/domain/geo.ts';

const SILENT_AFTER_MS = SILENT_AFTER_S * 1_000;
const AHEAD_MS = 5_000;
const OVERDUE_MS = 30_000;
const DOUBT_MS = 30_000;
const PAUSE_MS = 7_000;
const SAVED_MS = 30_000;

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
  heardAtMs: number;
  position: Position | null;
}

interface Shop {
  statuses: Map<string, { version: number; status: DriverStatus; idleSinceMs: number }>;
  contacts: Map<string, Contact>;
  geo: Map<string, Position>;
  /** What Postgres has not been told. */
  heard: Map<string, Contact>;
  /** Whose phone's clock seems to have gone back; `lacksMs` null: in doubt. */
  behind: Map<string, { lastMs: number; sinceMs: number; lacksMs: number | null }>;
  savingUntilMs: number;
  savedUntilMs: number;
  warm: boolean;
}

/** @param now epoch milliseconds: Redis's clock */
export function fakeAvailability(now: () => number = Date.now): FakeAvailability {
  const shops = new Map<string, Shop>();
  const listeners: (() => void)[] = [];
  let away = false;

  async function at<Reply>(shopId: string, answer: (shop: Shop) => Reply): Promise<Reply> {
    if (away) throw new DependencyAway('redis', new Error('the fake is away'));
    const shop = shops.get(shopId) ?? emptyShop();
    shops.set(shopId, shop);
    for (const [id, contact] of shop.contacts) if (isSilent(contact, now())) shop.contacts.delete(id);
    return answer(shop);
  }

  return {
    project: (shopId, all) => at(shopId, (shop) => all.map((projection) => project(shop, projection, now()))),
    locate: (shopId, fixes) => at(shopId, (shop) => locateNewest(shop, fixes, now())),
    heartbeat: (shopId, beats) => at(shopId, (shop) => beats.map((beat) => hear(shop, beat, now()))),
    unsaved: (shopId, _, anyway = false) =>
      at(shopId, (shop) => {
        if (!anyway && shop.savingUntilMs > now()) return null;
        const asOfMs = performance.now();
        return { cursor: '0', heard: [...shop.heard].map(([id, contact]) => toHeard(id, contact, asOfMs - now())) };
      }),
    saved: (shopId, heard, isLast) =>
      at(shopId, (shop) => {
        for (const { driverId, kept } of heard)
          if (keptOf(shop.heard.get(driverId)) === kept) shop.heard.delete(driverId);
        if (isLast) Object.assign(shop, { savingUntilMs: now() + PAUSE_MS, savedUntilMs: now() + SAVED_MS });
      }),
    search: (shopId, question) => at(shopId, (shop) => (shop.warm ? nearest(shop, question) : 'COLD')),
    lastPositions: (shopId, ids) => at(shopId, (shop) => ids.map((id) => lastPosition(shop, id))),
    statuses: (shopId, ids) => at(shopId, (shop) => ids.map((id) => projectedStatus(shop, id, now()))),
    forget: (shopId, ids) =>
      at(shopId, (shop) => {
        for (const id of ids) for (const map of [shop.statuses, shop.contacts, shop.geo, shop.heard]) map.delete(id);
      }),
    projectedIds: (shopId) => at(shopId, (shop) => ({ cursor: '0', ids: [...shop.statuses.keys()] })),
    markWarm: (shopId) =>
      at(shopId, (shop) => {
        shop.warm = true;
      }),
    isWarm: (shopId) => at(shopId, (shop) => shop.warm),
    spend: (shopId, spent) => at(shopId, () => spent.map(({ quota, spent: points }) => quota - points)),
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

function show(shop: Shop, { driverId, position, seenAgeMs, asOfMs }: Projection, nowMs: number): void {
  const seenAtMs = seenAgeMs === null ? null : heardAt(asOfMs, nowMs) - Math.max(0, seenAgeMs);
  const last = shop.contacts.get(driverId);
  if (seenAtMs !== null && seenAtMs + SILENT_AFTER_MS > nowMs && seenAtMs > (last?.heardAtMs ?? 0)) {
    shop.contacts.set(driverId, { recordedAtMs: 0, position, ...last, heardAtMs: seenAtMs });
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

function locate(shop: Shop, fix: Fix, nowMs: number): FixReply {
  const status = shop.statuses.get(fix.driverId);
  if (!status) return { outcome: 'MISS', persist: false };
  const heardAtMs = heardAt(fix.heardAtMs, nowMs);
  const last = shop.contacts.get(fix.driverId);
  const shownMs = Math.min(fix.recordedAtMs ?? heardAtMs, nowMs + AHEAD_MS);
  const recordedAtMs =
    last && fix.recordedAtMs !== null && shownMs < last.recordedAtMs
      ? corrected(shop, fix.driverId, { recordedAtMs: shownMs, heardAtMs }, last)
      : shownMs;
  const isOld = last !== undefined && recordedAtMs < last.recordedAtMs;
  const isDouble = recordedAtMs === last?.recordedAtMs && fix.recordedAtMs !== null;
  const isNew = last === undefined || (!isOld && !isDouble);
  const position = isNew ? snapToGrid(fix.position) : last.position;
  const persist = touch(
    shop,
    fix.driverId,
    { recordedAtMs: isNew ? recordedAtMs : last.recordedAtMs, heardAtMs, position },
    nowMs,
  );
  if (status.status === 'AVAILABLE' && position && shop.contacts.has(fix.driverId))
    shop.geo.set(fix.driverId, position);
  return { outcome: isOld ? 'OLD' : 'OK', persist };
}

/** When an older fix than the last was recorded, by a clock that has not gone back. */
function corrected(shop: Shop, driverId: string, fix: Omit<Contact, 'position'>, last: Contact): number {
  const behind = shop.behind.get(driverId);
  if (behind?.lacksMs != null) return fix.recordedAtMs + behind.lacksMs;
  if (behind?.lastMs !== last.recordedAtMs) {
    const sinceMs = Math.max(fix.heardAtMs, last.heardAtMs);
    shop.behind.set(driverId, { lastMs: last.recordedAtMs, sinceMs, lacksMs: null });
    return fix.recordedAtMs;
  }
  if (fix.heardAtMs - behind.sinceMs < DOUBT_MS) return fix.recordedAtMs;
  shop.behind.set(driverId, { ...behind, lacksMs: fix.heardAtMs - fix.recordedAtMs });
  return fix.heardAtMs;
}

function hear(shop: Shop, beat: Beat, nowMs: number): FixReply {
  const { driverId } = beat;
  const status = shop.statuses.get(driverId);
  if (!status) return { outcome: 'MISS', persist: false };
  const { recordedAtMs, position } = shop.contacts.get(driverId) ?? { recordedAtMs: 0, position: null };
  const persist = touch(shop, driverId, { recordedAtMs, position, heardAtMs: heardAt(beat.heardAtMs, nowMs) }, nowMs);
  if (status.status !== 'AVAILABLE' || !shop.contacts.has(driverId)) return { outcome: 'OK', persist };
  if (position) shop.geo.set(driverId, position);
  return { outcome: shop.geo.has(driverId) ? 'OK' : 'MISS', persist };
}

/** The contact counts, unless it is so old that nobody is there any more. @returns whether Postgres has to hear of it now */
function touch(shop: Shop, driverId: string, contact: Contact, nowMs: number): boolean {
  const last = shop.contacts.get(driverId);
  const heardAtMs = Math.max(contact.heardAtMs, last?.heardAtMs ?? 0);
  const present = { ...contact, heardAtMs };
  if (!isSilent(present, nowMs)) {
    shop.contacts.set(driverId, present);
    shop.heard.set(driverId, { ...present });
  } else if (!shop.heard.has(driverId)) shop.heard.set(driverId, { ...present });
  return last === undefined || nowMs - last.heardAtMs >= OVERDUE_MS || shop.savedUntilMs <= nowMs;
}

function emptyShop(): Shop {
  const maps = { statuses: new Map(), contacts: new Map(), geo: new Map(), heard: new Map(), behind: new Map() };
  return { ...maps, savingUntilMs: 0, savedUntilMs: 0, warm: false };
}

function isSilent({ heardAtMs }: Contact, nowMs: number): boolean {
  return heardAtMs + SILENT_AFTER_MS <= nowMs;
}

/** By Redis's clock what was at `monotonicMs` by ours. */
function heardAt(monotonicMs: number | undefined, nowMs: number): number {
  return nowMs - (monotonicMs === undefined ? 0 : Math.max(0, Math.floor(performance.now() - monotonicMs)));
}

function keptOf(contact: Contact | undefined): string {
  return contact === undefined ? '' : JSON.stringify(contact);
}

function toHeard(driverId: string, contact: Contact, toMonotonicMs: number): Heard {
  const { position, recordedAtMs, heardAtMs } = contact;
  const fix = position === null || recordedAtMs === 0 ? null : { position, recordedAtMs };
  return { driverId, fix, heardAtMs: heardAtMs + toMonotonicMs, kept: keptOf(contact) };
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

function projectedStatus(shop: Shop, driverId: string, nowMs: number) {
  const known = shop.statuses.get(driverId);
  if (known === undefined) return null;
  const { version, status } = known;
  const contact = shop.contacts.get(driverId);
  const heardAgeMs = contact === undefined ? null : Math.max(0, nowMs - contact.heardAtMs);
  return { version, status, inGeo: shop.geo.has(driverId), heardAgeMs };
}
