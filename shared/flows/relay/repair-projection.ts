import type { Availability, ProjectedStatus } from '../../availability/availability.ts';
import type { Db } from '../../db/open-db.ts';
import { readProjected, scanProjected } from '../../db/statements/projection.ts';
import { selectShops } from '../../db/statements/shops.ts';
import { toProjection } from '../../dispatch/project-drivers.ts';
import type { ProjectedDriver } from '../../domain/command.ts';
import { SILENT_AFTER_S } from '../../domain/driver.ts';
import type { FlowDeps } from '../deps.ts';

const PAGE = 500;

export interface Repair {
  /** Drivers whose projection differed and was mended. */
  mended: number;
  /** Ids in Redis that Postgres does not know (or has retired), removed. */
  forgotten: number;
  /** Shops that Redis did not know, or had lost, and that were built anew. */
  rebuilt: number;
}

type Stores = Pick<FlowDeps, 'db' | 'availability'>;
const SHOPS_PAGE = 200;

/**
 * Compares Postgres with the projection, driver by driver, and mends the differences; an empty or replaced Redis is
 * rebuilt the same way and then marked warm. Several repairers at once are harmless: every write is fenced.
 * @throws DependencyAway
 */
export function repairProjection(deps: Stores): Promise<Repair> {
  return openRepair(deps, Number.POSITIVE_INFINITY)();
}

/**
 * The same in steps, each of which goes on where the one before it ended: a relay with a hundred thousand drivers looks
 * at `most` of them in a turn, or a page more, and not at all of them every time.
 * @returns what one step came to. @throws DependencyAway; the next step then begins anew
 */
export function openRepair({ db, availability }: Stores, most: number): () => Promise<Repair> {
  let walk: AsyncGenerator<number> | null = null;
  let repair = nothing();
  return async () => {
    repair = nothing();
    if (availability === null) return repair;
    walk ??= walkShops(db, availability, () => repair);
    try {
      for (let seen = 0; seen < most; ) {
        const { done, value } = await walk.next();
        if (done) break;
        seen += value;
        if (seen >= most) return repair;
      }
    } catch (error) {
      walk = null;
      throw error;
    }
    walk = null;
    return repair;
  };
}

/**
 * Rebuilds the shops that Redis does not know: one that was flushed says nothing and keeps its connections, and until
 * the next full repair every search would be Postgres's. Costs one EXISTS per shop. @returns how many shops
 * @throws DependencyAway
 */
export function rebuildColdShops(deps: Stores): Promise<number> {
  return openRebuild(deps, Number.POSITIVE_INFINITY)();
}

/** The same in steps of `most` shops, or a page more. */
export function openRebuild({ db, availability }: Stores, most: number): () => Promise<number> {
  let afterId: string | null = null;
  return async () => {
    const repair = nothing();
    if (availability === null) return 0;
    for (let seen = 0; seen < most; ) {
      const shops = await selectShops(db, afterId, SHOPS_PAGE);
      const warm = await Promise.all(shops.map(({ id }) => availability.isWarm(id)));
      for (const { id } of shops.filter((_, place) => !warm[place])) {
        for await (const _ of walkShop(db, availability, id, () => repair));
      }
      seen += shops.length;
      afterId = shops.length < SHOPS_PAGE ? null : (shops.at(-1)?.id ?? null);
      if (afterId === null) break;
    }
    return repair.rebuilt;
  };
}

function nothing(): Repair {
  return { mended: 0, forgotten: 0, rebuilt: 0 };
}

/** Yields after each page, and says how many drivers it had; a shop without any counts as one. */
async function* walkShops(db: Db, availability: Availability, repair: () => Repair): AsyncGenerator<number> {
  let afterId: string | null = null;
  for (;;) {
    const shops = await selectShops(db, afterId, SHOPS_PAGE);
    for (const { id } of shops) yield* walkShop(db, availability, id, repair);
    afterId = shops.at(-1)?.id ?? null;
    if (shops.length < SHOPS_PAGE) return;
  }
}

async function* walkShop(
  db: Db,
  availability: Availability,
  shopId: string,
  repair: () => Repair,
): AsyncGenerator<number> {
  const warm = await availability.isWarm(shopId);
  let afterId: string | null = null;
  for (;;) {
    const page = await scanProjected(db, shopId, afterId, PAGE);
    const mended = await mendPage(db, availability, shopId, page);
    repair().mended += mended;
    afterId = page.at(-1)?.id ?? null;
    yield Math.max(1, page.length);
    if (page.length < PAGE) break;
  }
  const forgotten = await forgetUnknown(db, availability, shopId);
  repair().forgotten += forgotten;
  if (!warm) {
    await availability.markWarm(shopId);
    repair().rebuilt += 1;
  }
}

async function mendPage(
  db: Db,
  availability: Availability,
  shopId: string,
  page: readonly ProjectedDriver[],
): Promise<number> {
  if (page.length === 0) return 0;
  const statuses = await availability.statuses(
    shopId,
    page.map((driver) => driver.id),
  );
  const different = page.filter((driver, place) => differs(driver, statuses[place] ?? null));
  if (different.length === 0) return 0;
  // What changed while we looked has been projected since: judge by Postgres as it is now.
  const now = await readProjected(
    db,
    shopId,
    different.map((driver) => driver.id),
  );
  const ahead = now.filter((driver) => {
    const shown = statuses[page.findIndex((each) => each.id === driver.id)];
    return (
      shown != null &&
      (shown.version > driver.version || (shown.version === driver.version && shown.status !== driver.status))
    );
  });
  // Redis knows a future that Postgres does not (a database restored from a backup): its fence has to go first.
  if (ahead.length > 0)
    await availability.forget(
      shopId,
      ahead.map((driver) => driver.id),
    );
  await availability.project(shopId, now.map(toProjection));
  return now.length;
}

/** The stores are asked one after the other, and a contact goes from the one to the other meanwhile. */
const HEARD_APART_MS = 5_000;

/** Whether Redis shows something else of a driver than Postgres says, or will too soon; null: it shows nothing. */
export function differs(driver: ProjectedDriver, shown: ProjectedStatus | null): boolean {
  if (shown === null) return true;
  if (shown.version !== driver.version || shown.status !== driver.status) return true;
  if (driver.status !== 'AVAILABLE') return shown.inGeo;
  const { seen_age_ms: seenAgeMs, lat } = driver;
  const isLive = seenAgeMs !== null && seenAgeMs < SILENT_AFTER_S * 1000 && lat !== null;
  if (!isLive) return false;
  // A Redis back from an old snapshot takes drivers for silent who were heard since, and drops them before their time.
  return !shown.inGeo || shown.heardAgeMs === null || shown.heardAgeMs > seenAgeMs + HEARD_APART_MS;
}

async function forgetUnknown(db: Db, availability: Availability, shopId: string): Promise<number> {
  let forgotten = 0;
  let cursor = '0';
  do {
    const page = await availability.projectedIds(shopId, cursor, PAGE);
    cursor = page.cursor;
    if (page.ids.length === 0) continue;
    const known = new Set(
      (await readProjected(db, shopId, page.ids)).filter((driver) => driver.active).map((driver) => driver.id),
    );
    const unknown = page.ids.filter((id) => !known.has(id));
    if (unknown.length > 0) await availability.forget(shopId, unknown);
    forgotten += unknown.length;
  } while (cursor !== '0');
  return forgotten;
}
