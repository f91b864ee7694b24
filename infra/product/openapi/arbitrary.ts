/* biome-ignore-all lint/suspicious/noExplicitAny: a JSON document is looked into at many depths */
import fc from 'fast-check';

type Schema = any;

/**
 * Values that a JSON Schema allows, as far as it says so. Strings stay short: lengths are tested elsewhere, and long
 * ones only make failures hard to read.
 * @param resolve finds the schema that a `$ref` names
 */
export function arbitraryOf(schema: Schema, resolve: (ref: string) => Schema): fc.Arbitrary<unknown> {
  const of = (inner: Schema) => arbitraryOf(inner, resolve);
  if (schema.$ref) return of(resolve(schema.$ref));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(of));
  if (schema.allOf) return fc.tuple(...schema.allOf.map(of)).map((parts: unknown[]) => Object.assign({}, ...parts));
  switch (schema.type) {
    case 'string':
      return stringOf(schema);
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1000, max: schema.maximum ?? 1000 });
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(of(schema.items), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, 4),
      });
    case 'object':
      return objectOf(schema, of);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(schema: Schema, of: (inner: Schema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  if (!schema.properties)
    return fc.dictionary(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 4 });
  const fields = Object.fromEntries(Object.entries(schema.properties).map(([name, inner]) => [name, of(inner)]));
  return fc.record(fields, { requiredKeys: schema.required ?? [] });
}

function stringOf(schema: Schema): fc.Arbitrary<string> {
  const { format, pattern, minLength = 0, maxLength = 40 } = schema;
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time')
    return fc
      .date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((at) => at.toISOString());
  const fits = (text: string) => text.length >= minLength && text.length <= maxLength;
  if (pattern) {
    // What has to be long is made of any characters: of what a pattern gives nearly all would be too short.
    const rule = new RegExp(pattern);
    if (minLength > 8)
      return fc
        .string({ unit: 'grapheme-ascii', minLength, maxLength: Math.min(maxLength, 40) })
        .filter((text) => rule.test(text));
    const most = schema.maxLength ?? Number.POSITIVE_INFINITY;
    return fc.stringMatching(rule).filter(({ length }) => length >= minLength && length <= most);
  }
  const plain = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 40) }).filter(fits);
  return maxLength >= 2_000 ? fc.oneof(plain, fc.webUrl()) : plain;
}

/** The value with one thing about it changed for the worse: a wrong type, something missing, something absurd. */
export function spoiled(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const bad = fc.constantFrom<unknown>(
    null,
    'x',
    '',
    -1,
    1e308,
    1.5,
    true,
    {},
    '\u0000',
    '2026-13-45T99:00:00Z',
    '0'.repeat(3_000),
  );
  return fc.tuple(value, bad, fc.nat(), fc.boolean()).map(([good, worse, at, remove]) => {
    if (typeof good !== 'object' || good === null) return worse;
    const copy = structuredClone(good) as Record<string, unknown>;
    const keys = Object.keys(copy);
    const key = keys[at % Math.max(keys.length, 1)] ?? 'unknown';
    const inner = copy[key];
    if (typeof inner === 'object' && inner !== null && at % 2 === 0 && Object.keys(inner).length > 0) {
      (inner as Record<string, unknown>)[Object.keys(inner)[0] as string] = worse;
    } else if (remove) delete copy[key];
    else copy[key] = worse;
    return copy;
  });
}
