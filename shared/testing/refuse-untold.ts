import type { Db } from '#shared/db/open-db.ts';
import type { DeliveryRow, DriverRow } from '#shared/db/schema.ts';
import { sqlList } from '#shared/db/sql-list.ts';
import { FIXED_COLUMNS, ORDERED_COLUMNS } from '#shared/db/statements/columns.ts';
import { deliveryView, driverView } from '#shared/mappers/views.ts';

/**
 * From now on this database refuses what no follower would be told: a change of what a view shows of a delivery or a
 * driver without another version, and another version without its event.
 */
export async function refuseUntold(db: Db): Promise<void> {
  await refuse(
    db,
    'delivery',
    shownColumns<DeliveryRow>(deliveryView),
    'e.delivery_id = NEW.id AND e.seq = NEW.version',
  );
  await refuse(db, 'driver', shownColumns<DriverRow>(driverView), 'e.driver_id = NEW.id AND e.version = NEW.version');
}

/** The columns that a view reads, whatever they hold. */
function shownColumns<Row extends object>(view: (row: Row) => unknown): readonly string[] {
  const read = new Set<string>();
  const row = new Proxy({} as Row, {
    get(_, column) {
      if (typeof column === 'symbol') return undefined;
      read.add(column);
      return column.endsWith('_at') ? '2026-01-01T00:00:00Z' : null;
    },
  });
  view(row);
  return [...read].sort();
}

/** The event is looked for when all is written: it may be written later by the same statement. */
async function refuse(db: Db, table: 'delivery' | 'driver', columns: readonly string[], told: string): Promise<void> {
  const names = columns.map((column) => `'${column}'`).join(',');
  await db.run(`CREATE FUNCTION refuse_untold_${table}() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE shown text;
    BEGIN
      SELECT string_agg(t.name, ', ') INTO shown FROM unnest(ARRAY[${names}]) AS t(name)
        WHERE to_jsonb(OLD) -> t.name IS DISTINCT FROM to_jsonb(NEW) -> t.name;
      IF shown IS NOT NULL AND NEW.version = OLD.version THEN
        RAISE EXCEPTION 'a ${table} shows another % without another version', shown;
      END IF;
      IF NEW.version <> OLD.version AND NOT EXISTS (SELECT 1 FROM dispatch.${table}_event e WHERE ${told}) THEN
        RAISE EXCEPTION 'version % of a ${table} without its event', NEW.version;
      END IF;
      RETURN NULL;
    END $$`);
  await db.run(`CREATE CONSTRAINT TRIGGER refuse_untold AFTER UPDATE ON dispatch.${table} DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_untold_${table}()`);
}

/**
 * And a change of what results under keys are given again with (statements/kept-result.ts), where no event of that change
 * says what it was.
 */
export async function refuseUnnoted(db: Db): Promise<void> {
  await db.run(`CREATE FUNCTION refuse_unnoted() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE changed text;
    BEGIN
      SELECT string_agg(t.name, ', ') INTO changed FROM unnest(CASE WHEN OLD.status IN ('PENDING','ASSIGNED')
          THEN ARRAY[${sqlList(ORDERED_COLUMNS)}] ELSE ARRAY[${sqlList(FIXED_COLUMNS)}] END) AS t(name)
        WHERE to_jsonb(OLD) -> t.name IS DISTINCT FROM to_jsonb(NEW) -> t.name;
      IF changed IS NOT NULL AND NOT EXISTS (SELECT 1 FROM dispatch.delivery_event e WHERE e.delivery_id = NEW.id
          AND e.seq > OLD.version AND e.seq <= NEW.version AND e.was IS NOT NULL) THEN
        RAISE EXCEPTION 'a delivery has another %, and no event says what it was', changed;
      END IF;
      RETURN NULL;
    END $$`);
  await db.run(`CREATE CONSTRAINT TRIGGER refuse_unnoted AFTER UPDATE ON dispatch.delivery DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse_unnoted()`);
}
