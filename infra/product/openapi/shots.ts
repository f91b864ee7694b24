/* biome-ignore-all lint/suspicious/noExplicitAny: a JSON document is looked into at many depths */
import fc from 'fast-check';
import type { Endpoint } from '#shared/http/endpoint.ts';
import { arbitraryOf, spoiled } from './arbitrary.ts';
import type { Operation } from './operations.ts';

/** A request to be sent; `<driver>` and its like in `path` stand for ids that exist. */
export interface Shot {
  path: string;
  raw: string | Uint8Array | undefined;
  as: string;
}
type Target = Pick<Endpoint<never>, 'method' | 'path' | 'auth'>;

/** Requests to an endpoint, good and bad, as its description in `document` has them. */
export function shots(endpoint: Target, operation: Operation | undefined, document: any): fc.Arbitrary<Shot> {
  const described = document.paths[endpoint.path.replace(/:(\w+)/g, '{$1}')][endpoint.method.toLowerCase()];
  const kinds = endpoint.auth === 'none' ? ['operator'] : endpoint.auth.map((each) => each.split(':')[0] as string);
  const id = fc.oneof(
    { weight: 6, arbitrary: fc.constant('known') },
    fc.uuid(),
    fc.constantFrom('x', '%00', '%E0%A4%A', "'--"),
  );
  return fc.record({
    as: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...kinds) },
      fc.constantFrom('operator', 'shop', 'driver', 'nobody'),
    ),
    raw: operation?.takes ? pictures() : bodies(described, operation, document),
    path: fc.tuple(id, queries(described, document)).map(([given, values]) => {
      const search = new URLSearchParams(
        Object.entries(values).map(([name, value]) => [name, String(value)] as [string, string]),
      );
      return `${pathOf(endpoint, given)}${search.size > 0 ? `?${search.toString()}` : ''}`;
    }),
  });
}

const resolver = (document: any) => (ref: string) =>
  ref
    .split('/')
    .slice(1)
    .reduce((at, key) => at[key], document);

function queries(described: any, document: any): fc.Arbitrary<Record<string, unknown>> {
  const query = (described.parameters ?? []).filter((each: any) => each.in === 'query');
  const sentAs = (schema: any) =>
    fc.oneof({ weight: 3, arbitrary: arbitraryOf(schema, resolver(document)) }, fc.string());
  return fc.record(Object.fromEntries(query.map((each: any) => [each.name, sentAs(each.schema)])), {
    requiredKeys: query.filter((each: any) => each.required).map((each: any) => each.name),
  }) as fc.Arbitrary<Record<string, unknown>>;
}

function bodies(described: any, operation: Operation | undefined, document: any): fc.Arbitrary<string | undefined> {
  const schema = described.requestBody?.content['application/json'].schema;
  if (!schema) return fc.constantFrom(undefined, '{}');
  const good = arbitraryOf(schema, resolver(document));
  return fc.oneof(
    { weight: 5, arbitrary: good.map((value) => JSON.stringify(value)) },
    { weight: 2, arbitrary: fc.constant(JSON.stringify(operation?.example)) },
    { weight: 3, arbitrary: spoiled(good).map((value) => JSON.stringify(value)) },
    fc.constantFrom('', '{', '[]', 'null', '{"__proto__":{"a":1}}', '1e999', '{"lat":1e999}'),
  );
}

/** What a JPEG begins with, and then anything; or anything at once. */
function pictures(): fc.Arbitrary<Uint8Array | undefined> {
  const bytes = fc.uint8Array({ maxLength: 2_000 });
  const jpeg = bytes.map((rest) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), rest]));
  return fc.oneof({ weight: 2, arbitrary: jpeg }, bytes, fc.constant(undefined));
}

function pathOf({ path }: Target, given: string): string {
  const kind = ['driver', 'shop', 'offer'].find((each) => path.includes(`/${each}s/`)) ?? 'delivery';
  return path
    .replace(/:shop$/, given === 'known' ? 'default' : given)
    .replace(/:(token|keyId|deviceId)/, (_, name) => (given === 'known' ? `<${name}>` : given))
    .replace(/:id/, given === 'known' ? `<${kind}>` : given);
}
