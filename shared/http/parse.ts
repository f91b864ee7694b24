import * as v from 'valibot';
import { type Fault, type HttpHeaders, invalid, Problem } from './problem.ts';

/** A schema whose input comes from the wire and may be anything. Synchronous: nothing is looked up while parsing. */
export type Schema = v.GenericSchema;

const MAX_DEPTH = 32;
const MAX_DETAIL = 200;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * The body as `schema` describes it. Unknown fields are ignored; an empty body is `undefined` to the schema.
 *
 * @param unstorable what no store can hold (see `inspect`) is refused, or replaced: by U+FFFD in texts, by null for
 *   numbers. A shop's message has many fields that nobody here reads, and none of them is a reason to lose its order.
 * @throws Problem `unsupported_media`, `malformed_text`, `malformed_json` (also for nesting deeper than 32), or
 *   `invalid` with one JSON pointer per fault
 */
export function parseBody<S extends Schema>(
  schema: S,
  headers: HttpHeaders,
  bytes: Uint8Array,
  unstorable: 'refuse' | 'replace' = 'refuse',
): v.InferOutput<S> {
  const value = bytes.length === 0 ? undefined : parseJson(headers, bytes, unstorable);
  // To valibot a list is an object without the fields one looks for; where all are optional it would pass.
  if (Array.isArray(value)) throw invalid([{ pointer: '', detail: 'must be an object' }]);
  return checked(schema, value, '');
}

/** The JSON value in `bytes`, whatever its shape; the same refusals as `parseBody`. For senders of many shapes. */
export function parseJson(
  headers: HttpHeaders,
  bytes: Uint8Array,
  unstorable: 'refuse' | 'replace' = 'refuse',
): unknown {
  assertJsonMedia(headers);
  assertFewValues(bytes);
  const text = decodeText(bytes);
  const value = decodeJson(text);
  // Of thousands of requests none has such a fault, and to name the place of every value costs more than to parse it.
  if (isStorable(value, 0, ESCAPED.test(text))) return value;
  const faults: Fault[] = [];
  if (inspect(value, '', 0, faults)) throw new Problem('malformed_json', `Nested deeper than ${MAX_DEPTH}`);
  if (unstorable === 'replace') return replaced(value);
  throw invalid(faults);
}

/** The largest of our bodies, a thousand fixes with all their fields, has some ten thousand. */
const MAX_COMMAS = 50_000;
const COMMA = 0x2c;

/** Before anything is made of them: a mebibyte of `{},` is 350,000 objects, and holds up everybody else meanwhile. */
function assertFewValues(bytes: Uint8Array): void {
  if (bytes.length <= MAX_COMMAS) return;
  let commas = 0;
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] === COMMA) commas += 1;
  if (commas > MAX_COMMAS) throw invalid([{ pointer: '', detail: `must have at most ${MAX_COMMAS} values` }]);
}

/** The same value with U+FFFD for characters that cannot be stored, also in names of fields, and null for such numbers. */
function replaced(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\0|\p{Surrogate}/gu, '\uFFFD');
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(replaced);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [replaced(key), replaced(inner)]));
}

/** The query as `schema` describes it: a parameter given once is a string, given several times a list of strings. */
export function parseQuery<S extends Schema>(schema: S, query: URLSearchParams): v.InferOutput<S> {
  const values: Record<string, unknown> = Object.create(null);
  for (const name of new Set(query.keys())) {
    const all = query.getAll(name);
    values[name] = all.length === 1 ? all[0] : all;
  }
  const faults: Fault[] = [];
  inspect(values, '/query', 0, faults);
  if (faults.length > 0) throw invalid(faults);
  return checked(schema, values, '/query');
}

/**
 * The path's parameters as `schema` describes them.
 * @throws Problem `not_found`: what has no valid name cannot exist
 */
export function parseParams<S extends Schema>(schema: S, params: Readonly<Record<string, string>>): v.InferOutput<S> {
  const result = v.safeParse(schema, params);
  if (!result.success) throw new Problem('not_found');
  return result.output;
}

function checked<S extends Schema>(schema: S, value: unknown, root: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw invalid(result.issues.flatMap((issue) => faultsOf(issue, root)));
}

/** A union keeps its branches' faults inside one issue, their paths relative to it: a deeper place says more. */
function faultsOf(issue: v.BaseIssue<unknown>, root: string): Fault[] {
  const pointer = root + (issue.path ?? []).map((item) => `/${escapePointer(String(item.key))}`).join('');
  const deeper = (issue.issues ?? []).filter((inner) => inner.path !== undefined);
  if (deeper.length > 0) return deeper.flatMap((inner) => faultsOf(inner, pointer));
  return [{ pointer, detail: issue.message.slice(0, MAX_DETAIL) }];
}

function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

function assertJsonMedia(headers: HttpHeaders): void {
  const media = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!/^application\/([\w.!#$&^-]+\+)?json$/.test(media)) throw new Problem('unsupported_media');
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') throw new Problem('unsupported_media');
}

function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new Problem('malformed_text', undefined, { cause });
  }
}

function decodeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Problem('malformed_json', undefined, { cause });
  }
}

/** NUL, and halves of surrogate pairs. */
const UNSTORABLE = /\0|\p{Surrogate}/u;
/** Well-formed UTF-8 has no half pairs, and JSON no bare control characters: both can only come as escapes. */
const ESCAPED = /\\u/;

/** False exactly where `inspect` finds something. */
function isStorable(value: unknown, depth: number, hasEscapes: boolean): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return !(hasEscapes && UNSTORABLE.test(value));
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) return value.every((item) => isStorable(item, depth + 1, hasEscapes));
  for (const key in value) {
    if (!isStorable((value as Record<string, unknown>)[key], depth + 1, hasEscapes)) return false;
  }
  return true;
}

/**
 * Collects what no schema asks about and no store can hold: numbers JSON can write but a double cannot (1e999), NUL
 * characters (Postgres refuses them in text), halves of surrogate pairs. True when nested too deep.
 */
function inspect(value: unknown, pointer: string, depth: number, faults: Fault[]): boolean {
  if (typeof value === 'number' && !Number.isFinite(value)) faults.push({ pointer, detail: 'Not a finite number' });
  if (typeof value === 'string' && UNSTORABLE.test(value)) {
    faults.push({ pointer, detail: 'Contains a character that cannot be stored' });
  }
  if (typeof value !== 'object' || value === null) return false;
  if (depth >= MAX_DEPTH) return true;
  return Object.entries(value).some(([key, item]) =>
    inspect(item, `${pointer}/${escapePointer(key)}`, depth + 1, faults),
  );
}
