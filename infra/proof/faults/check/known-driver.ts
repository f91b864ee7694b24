import type { Evidence, ShownDriver } from '../history.ts';
import { groupBy } from './group-by.ts';

/** What answers have shown of drivers at their versions, as far as only CHANGED changes it. */
export type KnownDriver = Required<Pick<ShownDriver, 'tags' | 'shiftEndsMs'>>;

/** @returns tags and shift of a driver at a version; undefined where no answer showed them in that time */
export function openKnownDrivers({ operations, driverEvents }: Evidence) {
  const shown = groupBy(
    operations.filter((each) => each.outcome === 'ok').flatMap((each) => each.drivers),
    (driver) => driver.id,
  );
  const changes = groupBy(
    driverEvents.filter((event) => event.type === 'CHANGED'),
    (event) => event.driverId,
  );
  return (driverId: string, version: number): KnownDriver | undefined => {
    const versions = (changes.get(driverId) ?? []).map((event) => event.version);
    const from = Math.max(0, ...versions.filter((changed) => changed <= version));
    const until = Math.min(Number.POSITIVE_INFINITY, ...versions.filter((changed) => changed > version));
    const known = (shown.get(driverId) ?? []).find(
      (driver) => driver.version >= from && driver.version < until && driver.tags !== undefined,
    );
    return known && { tags: known.tags ?? [], shiftEndsMs: known.shiftEndsMs ?? null };
  };
}
