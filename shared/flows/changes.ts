import type { ChangesView, PositionTuple } from '../contract/live.ts';
import type { Db } from '../db/open-db.ts';
import { readBoard, readChanges } from '../db/statements/changes.ts';
import { readLocations } from '../db/statements/locations.ts';
import { DependencyAway } from '../domain/away.ts';
import { changesView } from '../mappers/changes-view.ts';
import { deliveryView, driverView } from '../mappers/views.ts';
import { shareNext } from '../runtime/share-next.ts';
import type { FlowDeps } from './deps.ts';

/**
 * What has changed in a shop since `after`; without it, or when it is of no use, everything that is going on.
 * @param after the cursor of an earlier answer
 */
export async function changesSince(
  { db }: Pick<FlowDeps, 'db'>,
  shopId: string,
  after: string | null,
): Promise<ChangesView> {
  const [changes] = after === null ? [] : await readChanges(db, [{ shopId, after }]);
  return changes == null ? (await wholeBoard(db, shopId)).view : changesView(changes);
}

/**
 * Everything that is going on, in pages of deliveries, the newest first; the drivers come with the first one. What
 * changes meanwhile comes after the cursor of the first page: keep what has the higher version.
 * @param before null: the first page; else where the one before it ended, its `more`
 */
export async function boardPage(
  { db }: Pick<FlowDeps, 'db'>,
  shopId: string,
  before: string | null,
  limit: number,
): Promise<ChangesView> {
  const { view: board } = await wholeBoard(db, shopId);
  const left = board.deliveries
    .filter(({ id }) => before === null || id < before)
    .sort((a, b) => (a.id < b.id ? 1 : -1));
  const deliveries = left.slice(0, limit);
  const more = left.length > limit ? (deliveries.at(-1)?.id ?? null) : null;
  return { ...board, full: before === null, deliveries, drivers: before === null ? board.drivers : [], more };
}

interface WholeBoard {
  view: ChangesView;
  /** The same as JSON, made once for all who are answered with it. */
  bytes: () => Uint8Array;
}
const boards = new WeakMap<Db, (shopId: string) => Promise<WholeBoard>>();

/** Everything that is going on, as the bytes of its JSON. */
export async function boardBytes({ db }: Pick<FlowDeps, 'db'>, shopId: string): Promise<Uint8Array> {
  return (await wholeBoard(db, shopId)).bytes();
}

/** Thousands of rows: however many ask at once, one reading at a time for each shop, with a rest after each. */
function wholeBoard(db: Db, shopId: string): Promise<WholeBoard> {
  const load = async (id: string): Promise<WholeBoard> => {
    const view = await readWholeBoard(db, id);
    let bytes: Uint8Array | null = null;
    return {
      view,
      bytes: () => {
        bytes ??= Buffer.from(JSON.stringify(view));
        return bytes;
      },
    };
  };
  const share = boards.get(db) ?? shareNext(load);
  boards.set(db, share);
  return share(shopId);
}

async function readWholeBoard(db: Db, shopId: string): Promise<ChangesView> {
  const { cursor, deliveries, drivers } = await readBoard(db, shopId);
  return {
    cursor,
    full: true,
    deliveries: deliveries.map((row) => deliveryView(row)),
    drivers: drivers.map(driverView),
    events: [],
  };
}

/**
 * Where these drivers are: from Redis, which has those heard from within 60 s; for the others, and without Redis, the
 * thinned copy in Postgres.
 * @param fallback also ask Postgres for those Redis does not know
 */
export async function positionsOf(
  { db, availability }: Pick<FlowDeps, 'db' | 'availability'>,
  shopId: string,
  driverIds: readonly string[],
  fallback: boolean,
): Promise<readonly PositionTuple[]> {
  const found: PositionTuple[] = [];
  const missing: string[] = [];
  const fresh = await fromRedis(availability, shopId, driverIds);
  driverIds.forEach((driverId, place) => {
    const last = fresh?.[place];
    if (last?.position) found.push([driverId, last.position.lat, last.position.lon, last.recordedAtMs]);
    else missing.push(driverId);
  });
  if (missing.length === 0 || (fresh !== null && !fallback)) return found;
  for (const row of await readLocations(db, shopId, missing)) {
    if (row.lat === null || row.lon === null) continue;
    found.push([row.driver_id, row.lat, row.lon, row.recorded_at === null ? 0 : Date.parse(row.recorded_at)]);
  }
  return found;
}

async function fromRedis(availability: FlowDeps['availability'], shopId: string, driverIds: readonly string[]) {
  if (availability === null) return null;
  try {
    return await availability.lastPositions(shopId, driverIds);
  } catch (error) {
    if (!(error instanceof DependencyAway)) throw error;
    return null;
  }
}
