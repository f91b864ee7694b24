import { FIXED_COLUMNS, KEPT_COLUMNS, ORDERED_COLUMNS } from './columns.ts';

/*
 * A result is kept under its key to be given again with the same bytes, and most results consist of a delivery's row. Of
 * that is kept what changes on its way (KEPT_COLUMNS, in columns of their own) and whatever else says something. The
 * rest is taken from the delivery when the result is given again, or, where it was changed after all, from the first
 * event since that did: what was ordered; and, once it was picked up or has ended, who had it.
 */

const list = (columns: readonly string[]) => `array[${columns.map((column) => `'${column}'`).join(',')}]`;
const FIXED = list(FIXED_COLUMNS);
const ORDERED = list(ORDERED_COLUMNS);
const APART = list(['id', ...KEPT_COLUMNS]);
const OPEN = `('PENDING','ASSIGNED')`;

/** What says nothing, in columns that are never null. */
const PLAIN = `'{"dispatch":"settled","attempt":1,"excluded_driver_ids":[],"dispatch_attempts":0,"pincode_misses":0,"exclusive":false,"pinned":false}'::json`;

const object = (row: string, columns: readonly string[]) =>
  `json_build_object(${columns.map((column) => `'${column}', ${row}.${column}`).join(', ')})`;

/** The fixed columns of a delivery's row. */
export const fixedColumns = (row: string) => object(`(${row})`, FIXED_COLUMNS);

/** Every member of `result` by `value`, written without the blanks of `json_object_agg`. */
const membersAs = (
  result: string,
  value: string,
) => `(SELECT '{' || string_agg(to_json(part.key) || ':' || ${value}, ',') || '}'
    FROM json_each(${result}) part)::json`;
const IS_DELIVERY = `part.key = 'delivery' AND json_typeof(part.value) = 'object'`;

/** Of the delivery in a result what has no column of its own, says something, and is not taken from the delivery again. */
const REST = `(SELECT '{' || coalesce(string_agg(to_json(c.key) || ':' || c.value, ','), '') || '}' FROM json_each(part.value) c
      WHERE json_typeof(c.value) <> 'null' AND (${PLAIN} -> c.key)::text IS DISTINCT FROM c.value::text AND c.key <> ALL (${APART})
        AND c.key <> ALL (CASE WHEN part.value ->> 'status' IN ${OPEN} THEN ${ORDERED} ELSE ${FIXED} END))`;

const OF_OPEN = KEPT_COLUMNS.filter((column) => (FIXED_COLUMNS as readonly string[]).includes(column));
const keptOf = (column: (typeof KEPT_COLUMNS)[number]) =>
  (OF_OPEN as readonly string[]).includes(column)
    ? `CASE WHEN k.status IN ${OPEN} THEN k.${column} END`
    : `k.${column}`;

/** Keeps the result of each answer `a` to a command `f` that brought a key. */
export const KEEP_RESULT = `INSERT INTO dispatch.kept_result (digest, request, is_message, result, delivery_id, ${KEPT_COLUMNS.join(', ')})
  SELECT dispatch.digest(f.scope || ' ' || f.key), dispatch.digest(f.request_sha256), starts_with(f.scope, 'webhook:'),
    ${membersAs('a.result', `CASE WHEN ${IS_DELIVERY} THEN ${REST} ELSE part.value::text END`)},
    k.id, ${KEPT_COLUMNS.map(keptOf).join(', ')}
  FROM fresh f JOIN answer a ON a.n = f.n LEFT JOIN LATERAL json_populate_record(NULL::dispatch.delivery,
    CASE WHEN json_typeof(a.result -> 'delivery') = 'object' THEN a.result -> 'delivery' END) k ON true
  WHERE f.key IS NOT NULL AND a.keep`;

/** The row of `kept_result` under the key of a command `asked`. */
export const KEPT_UNDER_KEY = `SELECT i.* FROM dispatch.kept_result i WHERE i.digest = dispatch.digest(asked.scope || ' ' || asked.key) LIMIT 1`;

const populated = (row: string, ...parts: readonly string[]) =>
  parts.reduce((whole, part) => `json_populate_record(${whole}, ${part})`, row);

/** The result of which `kept`, a row of `kept_result`, was kept, or one that was kept whole. */
export function wholeResult(kept: string): string {
  const status = `coalesce(${kept}.status, part.value ->> 'status')`;
  const only = (columns: string) =>
    `(SELECT json_object_agg(w.key, w.value) FROM json_each(${columns}) w WHERE w.key = ANY (fixed.columns))`;
  const is = `coalesce(${only(fixedColumns('x'))}, '{}')`;
  const was = `coalesce((SELECT ${only('e.was')} FROM dispatch.delivery_event e WHERE e.delivery_id = x.id AND e.was IS NOT NULL
      AND e.seq > coalesce(${kept}.version, (part.value ->> 'version')::int) ORDER BY e.seq LIMIT 1), '{}')`;
  const fixed = `(SELECT ${populated('NULL::dispatch.delivery', PLAIN, `json_build_object('id', x.id)`, is, was)} FROM dispatch.delivery x,
      (SELECT CASE WHEN ${status} NOT IN ${OPEN} THEN ${FIXED} WHEN ${kept}.delivery_id IS NULL THEN '{}' ELSE ${ORDERED} END AS columns) fixed
    WHERE x.id = coalesce(${kept}.delivery_id, (part.value ->> 'id')::uuid))`;
  const whole = populated(fixed, `json_strip_nulls(${object(kept, KEPT_COLUMNS)})`, 'part.value');
  return membersAs(
    `${kept}.result`,
    `CASE WHEN ${IS_DELIVERY} THEN row_to_json(${whole})::text ELSE part.value::text END`,
  );
}
