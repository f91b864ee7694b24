import { clearDirty, readDirty } from '../../db/statements/projection.ts';
import type { FlowDeps } from '../deps.ts';
import { toProjection } from '../project-drivers.ts';

const BATCH = 500;

/**
 * Shows Redis the drivers whose change was committed but perhaps not projected, and clears their marks. A driver who
 * changes meanwhile keeps his (newer) mark. @returns how many were drained
 * @throws DependencyAway with the marks left as they are
 */
export async function drainDirty({ db, availability }: Pick<FlowDeps, 'db' | 'availability'>): Promise<number> {
  if (availability === null) return 0;
  const dirty = await readDirty(db, BATCH);
  for (const shopId of new Set(dirty.map(({ driver }) => driver.shop_id))) {
    const drivers = dirty.map(({ driver }) => driver).filter((driver) => driver.shop_id === shopId);
    await availability.project(shopId, drivers.map(toProjection));
  }
  await clearDirty(
    db,
    dirty.map(({ driver }) => ({ id: driver.id, version: driver.version })),
  );
  return dirty.length;
}
