import * as v from 'valibot';
import { MAX_LAT } from '../domain/geo.ts';
import { KEY_ID } from '../domain/key-text.ts';

/** An id as the service makes them. What is not a UUID cannot exist, so it is answered as unknown. */
export const id = <Brand extends string>(brand: Brand) =>
  v.pipe(v.string(), v.uuid('must be an id of the service (a UUID)'), v.toLowerCase(), v.brand(brand));
export const driverId = id('DriverId');
export const deliveryId = id('DeliveryId');
export const shopId = id('ShopId');
export const deviceId = id('DeviceId');
export const keyId = v.pipe(v.string(), v.regex(KEY_ID, 'must be the id of a key'));

/** Printable text of 1..max characters. NUL cannot be stored by Postgres; other control characters have no place here. */
export const text = (max: number) =>
  v.pipe(
    v.string('must be a text'),
    v.trim(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(max, `must have at most ${max} characters`),
    v.check((value) => !/[^\P{Cc}\t\n\r\u0080-\u009f]|\p{Cs}/u.test(value), 'must not have control characters'),
  );

/** A tenth of a millimetre. Squares of what is far smaller are an error to Postgres (underflow), for every search that meets it. */
const SMALLEST_DEGREES = 1e-9;
const degrees = (limit: number, name: string) =>
  v.pipe(
    v.number(`must be a number of degrees`),
    v.minValue(-limit, `${name} must be between -${limit} and ${limit}`),
    v.maxValue(limit, `${name} must be between -${limit} and ${limit}`),
    v.transform((value) => (Math.abs(value) < SMALLEST_DEGREES ? 0 : value)),
  );
export const lat = degrees(MAX_LAT, 'latitude');
export const lon = degrees(180, 'longitude');
/** WGS 84 degrees. `0` is a value like any other. */
export const position = v.object({ lat, lon });

/** Years that Postgres and JavaScript write alike: with four digits, and no year 0. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');
/** To JavaScript 30 February is 2 March. */
function isThere(value: string): boolean {
  const [day = ''] = value.split(/[T ]/);
  const [ms, dayMs] = [Date.parse(value), Date.parse(`${day}T00:00:00Z`)];
  // What is no time at all is NaN, which is neither.
  return ms >= FIRST_MS && ms <= LAST_MS && dayMs >= FIRST_MS && new Date(dayMs).toISOString().startsWith(day);
}
/** ISO 8601 with a zone, rendered as UTC with milliseconds. RFC 3339 allows small letters too. */
export const time = v.pipe(
  v.string('must be an ISO 8601 time'),
  v.toUpperCase(),
  v.isoTimestamp('must be an ISO 8601 time with a zone, such as 2026-11-22T14:00:00Z'),
  v.check(isThere, 'must be a time that exists'),
  v.transform((value) => new Date(value).toISOString()),
);

export const integer = (min: number, max: number) =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(min, `must be at least ${min}`),
    v.maxValue(max, `must be at most ${max}`),
  );

/** Where in `input` a check found something wrong, as an issue of valibot's says it. */
export function pathTo(input: unknown, first: string, ...further: readonly (string | number)[]) {
  const item = (key: string | number) => ({ type: 'unknown', origin: 'value', input, key, value: undefined }) as const;
  return [item(first), ...further.map(item)] satisfies [v.IssuePathItem, ...v.IssuePathItem[]];
}

/** So many faults of a list are told; the rest is not looked at. */
const FAULTS_MAX = 20;

/**
 * A list of at most so many. A longer one is refused by its length, before any of its items is looked at, and of the
 * items only the first wrong ones are told: what a million of them have to say is no answer, and takes a second to say.
 */
export function list<Item extends v.GenericSchema>(
  item: Item,
  { min = 0, max, tooFew = `must have at least ${min}`, tooMany = `must have at most ${max}` }: ListLimits,
) {
  const bounded = v.pipe(v.array(item, 'must be a list'), v.minLength(min, tooFew), v.maxLength(max, tooMany));
  const byLength = v.pipe(v.array(v.unknown()), v.minLength(min, tooFew), v.maxLength(max, tooMany));
  const run: (typeof bounded)['~run'] = (dataset, config) => {
    const { value } = dataset;
    if (!Array.isArray(value)) return bounded['~run'](dataset, config);
    const lengths = byLength['~run']({ value: value.slice(0, max + 1) }, config);
    if (lengths.issues) return refused(value, lengths.issues);
    const items: v.InferOutput<Item>[] = [];
    const issues: v.BaseIssue<unknown>[] = [];
    for (const [key, input] of value.entries()) {
      const ran = item['~run']({ value: input }, config);
      const at = { type: 'array', origin: 'value', input: value, key, value: input } as const;
      for (const issue of ran.issues ?? []) issues.push({ ...issue, path: [at, ...(issue.path ?? [])] });
      if (issues.length >= FAULTS_MAX) break;
      items.push(ran.value as v.InferOutput<Item>);
    }
    const [first, ...others] = issues.slice(0, FAULTS_MAX);
    return first === undefined ? { typed: true, value: items } : refused(value, [first, ...others]);
  };
  // Untyped, so that no check of a whole that it belongs to takes its items for what they should be.
  const refused = (value: unknown, issues: unknown) => ({ typed: false, value, issues }) as ReturnType<typeof run>;
  return { ...bounded, '~run': run };
}
/**
 * The same, but wrong items are null in their places, and refuse nothing beside them. Where none is right, what is wrong is
 * told as of any list.
 */
export function sparingList<Item extends v.GenericSchema>(item: Item, limits: ListLimits) {
  const strict = list(item, limits);
  const sparing = list(v.fallback(v.nullable(item), null), limits);
  const run: (typeof sparing)['~run'] = (dataset, config) => {
    const { value } = dataset;
    const ran = sparing['~run']({ value }, config);
    const isAny = ran.issues !== undefined || ran.value.some((each) => each !== null);
    return isAny ? ran : (strict['~run']({ value }, config) as unknown as typeof ran);
  };
  return { ...strict, '~run': run } as unknown as typeof sparing;
}

interface ListLimits {
  min?: number;
  max: number;
  tooFew?: string;
  tooMany?: string;
}
/** What a driver has and a delivery may need: `cold`, `heavy`. Compared letter by letter. */
export const tags = list(text(40), { max: 20 });

/** `return`: a parcel that could not be handed over goes back to where it was collected. */
const STOP_KINDS = ['pickup', 'dropoff', 'return'] as const;
export const stopKind = v.picklist(STOP_KINDS, `must be one of ${STOP_KINDS.join(', ')}`);
/** A driver has 100 deliveries at most, and two stops for each. */
export const STOPS_MAX = 200;

/** A whole number in a query string. */
export const queryInteger = (min: number, max: number) =>
  v.pipe(v.string(), v.regex(/^-?\d{1,9}$/, 'must be a whole number'), v.transform(Number), integer(min, max));
/** A number in a query string, also as JavaScript and JSON write very small ones: 1e-7. */
export const queryNumber = <S extends v.GenericSchema<number, number>>(schema: S) =>
  v.pipe(
    v.string(),
    v.regex(/^-?\d{1,9}(\.\d{1,20})?(e-\d{1,3})?$/i, 'must be a decimal number'),
    v.transform(Number),
    schema,
  );

/** `https://…` or `http://…`, without credentials. */
export const webUrl = v.pipe(
  v.string('must be a URL'),
  v.maxLength(2_000),
  v.check((value) => {
    const url = URL.canParse(value) ? new URL(value) : null;
    return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  }, 'must be an http or https URL without credentials'),
);

/** Where a list was read up to. */
export const pageCursor = v.pipe(v.string(), v.uuid('must be the `next` of an earlier page'));
/** Lists: 50 by default, 200 at most; `cursor` is the `next` of the page before. */
export const page = {
  limit: v.optional(queryInteger(1, 200), '50'),
  cursor: v.optional(pageCursor),
};
/** Rows of one page of a whole board. */
export const boardLimit = queryInteger(1, 1_000);
export interface Page<Item> {
  items: readonly Item[];
  /** Ask again with `cursor` set to this; null on the last page. */
  next: string | null;
}

/** Where a feed of changes was read up to (domain/feed-cursor.ts). One that we cannot read is one of no use. */
export const cursor = v.pipe(
  v.string(),
  v.regex(/^[0-9a-z]+(\.[0-9a-z]+)*$/, 'must be the `cursor` of an earlier answer'),
  v.maxLength(2_000),
);
