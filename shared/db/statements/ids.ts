/*
 * Where a page begins that nobody has given a place to. `id > coalesce($1, lowest)` is a bound of the index for the planner;
 * `$1 IS NULL OR id > $1` is nothing to it, and all the rows before the page would be read again.
 */
export const LOWEST_ID = `'00000000-0000-0000-0000-000000000000'::uuid`;
export const HIGHEST_ID = `'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid`;
