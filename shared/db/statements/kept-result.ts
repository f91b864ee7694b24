import { FIXED_COLUMNS } from './columns.ts';

/*
 * A result is kept under its key to be given again with the same bytes, and most results consist of a delivery's row. It is
 * kept without the columns that are null, and, once the delivery was picked up or has ended, without those that hardly
 * anybody changes from then on: these are taken from the delivery when the result is given again, or, where they were
 * changed after all, from the first event since that did. Before that they may still be changed, and are kept.
 */

const FIXED = `array[${FIXED_COLUMNS.map((column) => `'${column}'`).join(',')}]`;
const CHANGEABLE = `('PENDING','ASSIGNED')`;

/** The fixed columns of a delivery's row. */
export const fixedColumns = (row: string) =>
  `json_build_object(${FIXED_COLUMNS.map((column) => `'${column}', (${row}).${column}`).join(', ')})`;

/** What they were when the kept delivery `row` had its version. */
const fixedAt = (
  row: string,
) => `(SELECT coalesce((SELECT e.was FROM dispatch.delivery_event e WHERE e.delivery_id = x.id
    AND e.seq > (${row} ->> 'version')::int AND e.was IS NOT NULL ORDER BY e.seq LIMIT 1), ${fixedColumns('x')})
  FROM dispatch.delivery x WHERE x.id = (${row} ->> 'id')::uuid)`;

/** `result` with `delivery` in place of the delivery in it, if there is one: of `part.value`. SQL expressions, as below. */
const withDelivery = (result: string, delivery: string) => `(SELECT json_object_agg(part.key, CASE
    WHEN part.key = 'delivery' AND json_typeof(part.value) = 'object' THEN ${delivery} ELSE part.value END) FROM json_each(${result}) part)`;

/** What is kept of a result. Put together as text: `json_object_agg` adds five blanks to each column. */
export const leanResult = (result: string) =>
  withDelivery(
    result,
    `(SELECT '{' || string_agg(to_json(c.key) || ':' || c.value, ',') || '}' FROM json_each(part.value) c
      WHERE json_typeof(c.value) <> 'null' AND (part.value ->> 'status' IN ${CHANGEABLE} OR c.key <> ALL (${FIXED})))::json`,
  );

/** The result of which `kept` was kept, or one that was kept whole. */
export const wholeResult = (kept: string) =>
  withDelivery(
    kept,
    `row_to_json(json_populate_record(json_populate_record(NULL::dispatch.delivery, part.value),
      CASE WHEN part.value ->> 'status' IN ${CHANGEABLE} THEN '{}' ELSE ${fixedAt('part.value')} END))`,
  );
