import * as v from 'valibot';

/* What answers are made of, of whatever they tell. */

export const id = v.pipe(v.string(), v.uuid());
export const time = v.pipe(v.string(), v.isoTimestamp());
export const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const position = v.object({ lat: v.number(), lon: v.number() });
export const record = v.record(v.string(), v.unknown());

/** Ask again with `cursor` set to `next`; null on the last page. */
export const pageOf = <Item extends v.GenericSchema>(item: Item) =>
  v.object({ items: v.array(item), next: v.nullable(id) });
