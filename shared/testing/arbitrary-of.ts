import fc from 'fast-check';
import type * as v from 'valibot';

interface Shape {
  type: string;
  entries?: Record<string, v.GenericSchema>;
  options?: readonly unknown[];
  item?: v.GenericSchema;
  wrapped?: v.GenericSchema;
  literal?: unknown;
}

const TEXTS = [
  '',
  ' cold ',
  '0',
  '12',
  '-1.5',
  '4711',
  'DE',
  'Europe/Berlin',
  '#0b6e4f',
  '+49 30 1234567',
  'https://a.example/b',
  '2026-11-22T15:00:00+01:00',
  '2026-02-30T12:00:00Z',
  '01900000-0000-7000-8000-000000000001',
  'O\u2019Hara \u{1f6f5}',
  'a\u0000b',
  '\ud800',
];
const text = fc.oneof(
  { arbitrary: fc.constantFrom(...TEXTS), weight: 3 },
  fc.string({ unit: 'grapheme', maxLength: 12 }),
);
const number = fc.oneof(fc.integer({ min: 0, max: 120 }), fc.integer(), fc.double(), fc.constantFrom(-0, 52.5, 5e-324));
const odd = fc.anything({ maxDepth: 1, maxKeys: 3 });

/** What somebody may send where this is asked for: mostly of the right kind, now and then of another. */
export function arbitraryOf(schema: v.GenericSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ arbitrary: ofKind(schema as unknown as Shape), weight: 30 }, odd);
}

function ofKind({ type, entries, options, item, wrapped, literal }: Shape): fc.Arbitrary<unknown> {
  if (wrapped) return fc.oneof(arbitraryOf(wrapped), fc.constantFrom(undefined, null));
  if (entries) return ofEntries(entries);
  if (item) return fc.array(arbitraryOf(item), { maxLength: 3 });
  if (type === 'picklist') return fc.constantFrom(...(options ?? []));
  if (options) return fc.oneof(...options.map((each) => arbitraryOf(each as v.GenericSchema)));
  if (type === 'literal') return fc.constant(literal);
  if (type === 'string') return text;
  if (type === 'number') return number;
  return type === 'boolean' ? fc.boolean() : odd;
}

/** A place is where it is, mostly: all that is asked with it would be refused by a wrong one. */
function ofEntries(entries: Record<string, v.GenericSchema>): fc.Arbitrary<unknown> {
  return fc.record(Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, arbitraryOf(entry)])));
}
