/* biome-ignore-all lint/suspicious/noExplicitAny: a JSON document is looked into at many depths */
import { describe, expect, test } from 'vitest';
import { routes } from '#functions/api.ts';
import { parseBody } from '#shared/http/parse.ts';
import { Problem } from '#shared/http/problem.ts';
import { buildDocument } from './document.ts';

/*
 * Every list that a body may have is refused by its length before its items are looked at, and of wrong items the first
 * twenty are told. Else one request with a million wrong items keeps a server busy for seconds.
 */

const document = buildDocument(routes, '1') as any;
interface Found {
  name: string;
  max: number;
  body: (items: readonly unknown[]) => unknown;
  schema: any;
}

/** Where a schema has lists, not those inside the items of lists: what the outer one lets through is bounded. */
function listsIn(schema: any, wrap: (value: unknown) => unknown): { max: number; wrap: (value: unknown) => unknown }[] {
  if (schema?.$ref) return listsIn(document.components.schemas[schema.$ref.split('/').at(-1)], wrap);
  if (schema?.anyOf) return schema.anyOf.flatMap((each: any) => listsIn(each, wrap));
  if (schema?.type === 'array') return [{ max: schema.maxItems ?? Number.POSITIVE_INFINITY, wrap }];
  return Object.entries(schema?.properties ?? {}).flatMap(([key, inner]) =>
    listsIn(inner, (value) => wrap({ [key]: value })),
  );
}

const lists = routes.flatMap(({ method, path, schemas }): Found[] => {
  if (!('body' in schemas)) return [];
  const operation = document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
  const described = operation?.requestBody?.content['application/json'].schema;
  return listsIn(described, (value) => value).map(({ max, wrap }) => {
    const name = `${method} ${path} ${JSON.stringify(wrap([]))}`;
    return { name, max, body: wrap, schema: schemas.body };
  });
});

function faultsOf({ schema, body }: Found, count: number): readonly { pointer: string; detail: string }[] {
  const items = new Array(count).fill({ nothing: 'of use' });
  try {
    parseBody(schema, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(body(items))));
  } catch (error) {
    if (error instanceof Problem) return error.extra.errors as never;
    throw error;
  }
  throw new Error('accepted');
}

test('there are such lists', () => expect(lists.length).toBeGreaterThan(8));

describe.each(lists.map((found) => [found.name, found] as const))('%s', (_, found) => {
  const pointer = (faults: readonly { pointer: string }[]) => faults.map((fault) => fault.pointer);

  test('too long: refused by its length alone', () => {
    expect(found.max).toBeLessThan(10_000);
    const faults = faultsOf(found, found.max + 1);
    const [inList] = pointer(faults).filter((at) => !/\/\d+(\/|$)/.test(at));
    expect(inList).toBeDefined();
    expect(pointer(faults).filter((at) => /\/\d+(\/|$)/.test(at))).toEqual([]);
  });

  test('wrong items: the first twenty faults', () => {
    const inItems = pointer(faultsOf(found, Math.min(found.max, 50))).filter((at) => /\/\d+(\/|$)/.test(at));
    expect(inItems.length).toBeGreaterThan(0);
    expect(inItems.length).toBeLessThanOrEqual(20);
  });
});
