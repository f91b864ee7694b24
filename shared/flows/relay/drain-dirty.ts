import { clearDirty, readDirty } from '../../db/statements/projection.ts';
import { toProjection } from '../../dispatch/project-drivers.ts';
import type { FlowDeps } from '../deps.ts';

/** Marks taken at once at most; as many: there may be more. */
export const DRAINED_AT_ONCE = 500;

/**
 * Shows Redis the drivers whose change was committed but perhaps not projected, and clears their marks. A driver who
 * changes meanwhile keeps their (newer) mark. A shop whose change nobody has planned for since is planned: the process
 * that made the change may have died over it. @returns how many were drained
 * @throws DependencyAway with the marks left as they are
 */
export async function drainDirty({
  db,
  availability,
  dispatch,
}: Pick<FlowDeps, 'db' | 'availability' | 'dispatch'>): Promise<number> {
  const dirty = await readDirty(db, DRAINED_AT_ONCE);
  for (const shopId of new Set(dirty.map(({ driver }) => driver.shop_id))) {
    const drivers = dirty.map(({ driver }) => driver).filter((driver) => driver.shop_id === shopId);
    await availability?.project(shopId, drivers.map(toProjection));
  }
  await clearDirty(
    db,
    dirty.map(({ driver }) => ({ id: driver.id, version: driver.version })),
  );
  const unplanned = new Set(dirty.filter((mark) => mark.unplanned).map(({ driver }) => driver.shop_id));
  await Promise.all([...unplanned].map((shopId) => dispatch.mark(shopId)));
  return dirty.length;
}
