import * as v from 'valibot';
import { webhookEvent } from '#shared/contract/webhook-event.ts';
import type { Endpoint } from '#shared/http/endpoint.ts';
import type { Schema } from '#shared/http/parse.ts';
import type { Allowed } from '#shared/http/principal.ts';
import { PROBLEMS, type ProblemType } from '#shared/http/problem.ts';
import { namedSchemas, parametersOf, schemaOf } from './json-schema.ts';
import { NOT_DESCRIBED } from './not-described.ts';
import { type Media, OPERATIONS, type Operation } from './operations.ts';
import {
  DESCRIPTION,
  HEADERS,
  KEY_PARAMETER,
  problemExamples,
  problemSchema,
  SECURITY_SCHEMES,
  TAGS,
} from './parts.ts';

type Described = Pick<Endpoint<never>, 'method' | 'path' | 'auth' | 'schemas'> &
  Partial<Pick<Endpoint<never>, 'keepsResult'>>;
type Json = Record<string, unknown>;

/**
 * The OpenAPI 3.1 document of these endpoints: their own schemas, with what `OPERATIONS` says of each.
 * @throws Error naming the endpoints that `OPERATIONS` does not describe, or describes without there being one
 */
export function buildDocument(endpoints: readonly Described[], version: string): Json {
  assertComplete(endpoints);
  const paths: Record<string, Json> = {};
  const responses: Record<string, Json> = {};
  for (const endpoint of endpoints.filter((each) => nameOf(each) in OPERATIONS)) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint, responses) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Driver dispatch',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'Where this document was read from' }],
    tags: TAGS,
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    webhooks: { deliveryEvent: { post: deliveryEvent() } },
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: { ...namedSchemas(), Problem: problemSchema() },
      parameters: { IdempotencyKey: KEY_PARAMETER },
      headers: HEADERS,
      responses,
      examples: usedExamples(responses),
    },
  };
}

function assertComplete(endpoints: readonly Described[]): void {
  const present = endpoints.map(nameOf);
  const missing = present.filter((name) => OPERATIONS[name] === undefined && NOT_DESCRIBED[name] === undefined);
  const gone = Object.keys(OPERATIONS).filter((name) => !present.includes(name));
  if (missing.length + gone.length === 0) return;
  throw new Error(
    `infra/product/openapi/operations.ts does not describe: ${missing.join(', ') || 'nothing'}; and describes in vain: ${gone.join(', ') || 'nothing'}`,
  );
}

/** As the lists of operations name it. */
function nameOf({ method, path }: Pick<Described, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

/** @param shared where the answers that many operations have are put, by name */
function operationOf(endpoint: Described, shared: Record<string, Json>): Json {
  const operation = OPERATIONS[nameOf(endpoint)] as Operation;
  const { params, query, body } = endpoint.schemas;
  const takesKey = endpoint.keepsResult ?? false;
  const parameters = [
    ...(params === undefined ? [] : parametersOf(params, 'path')),
    ...(query === undefined ? [] : parametersOf(query, 'query')),
    ...(operation.parameters ?? []),
    ...(takesKey ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
  ];
  return clean({
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    description: operation.description,
    security: securityOf(endpoint, operation),
    parameters: parameters.length > 0 ? parameters : undefined,
    requestBody: requestOf(body, operation),
    responses: {
      ...successes(operation, takesKey),
      ...failures(problemsOf(endpoint, operation, takesKey), operation, shared),
    },
  });
}

function requestOf(body: Schema | undefined, { raw, takes, example }: Operation): Json | undefined {
  const parsed = body ?? raw;
  if (takes !== undefined) return { required: true, content: contentOf(takes) };
  if (parsed === undefined) return undefined;
  const optional = body !== undefined && v.safeParse(body, undefined).success;
  const schema = clean(schemaOf(parsed) as Json);
  return { required: !optional, content: { 'application/json': clean({ schema, example }) } };
}

/** What is not JSON: bytes, or a text of events whose data has schemas. */
function contentOf(media: Media): Json {
  return Object.fromEntries(
    Object.entries(media).map(([type, { events }]) => {
      if (events === undefined) return [type, { schema: { type: 'string', contentMediaType: type } }];
      const kinds = Object.entries(events).map(([name, schema]) => ({
        type: 'object',
        required: ['event', 'data'],
        properties: { event: { type: 'string', const: name }, id: { type: 'string' }, data: schemaOf(schema) },
      }));
      return [type, { schema: { description: 'One event; its data is JSON', anyOf: kinds } }];
    }),
  );
}

const SCHEME_OF: Record<Allowed, string> = {
  operator: 'operatorKey',
  'shop:admin': 'shopKey',
  'shop:dispatch': 'shopKey',
  'shop:read': 'shopKey',
  driver: 'driverToken',
};

function securityOf({ auth }: Described, operation: Operation): Json[] {
  if (auth !== 'none') return [...new Set(auth.map((allowed) => SCHEME_OF[allowed]))].map((name) => ({ [name]: [] }));
  return operation.raw ? [{ webhookSignature: [] }, { webhookSecret: [] }] : [];
}

function successes({ answers: given, gives, tag }: Operation, takesKey: boolean): Json {
  const header = (name: string) => ({ [name]: { $ref: `#/components/headers/${name}` } });
  return Object.fromEntries(
    Object.entries(given).map(([status, schema]) => [
      status,
      clean({
        description: DESCRIPTIONS[status] ?? 'Done',
        headers: {
          ...header('X-Request-Id'),
          ...(tag === 'Health' ? {} : header('Degraded')),
          ...(takesKey ? header('Idempotent-Replayed') : {}),
        },
        content: schema === null ? gives && contentOf(gives) : { 'application/json': { schema: schemaOf(schema) } },
      }),
    ]),
  );
}

const DESCRIPTIONS: Record<string, string> = {
  200: 'Done; durable',
  201: 'Made; durable',
  202: 'Accepted; durable, and goes on by itself',
  204: 'Done; durable',
  503: 'Postgres or its tables are away',
};

/** Problems by status; each with its types and an example of each. */
function failures(types: ReadonlySet<ProblemType>, { answers: own }: Operation, shared: Record<string, Json>): Json {
  const byStatus = new Map<number, ProblemType[]>();
  for (const type of types) {
    const { status } = PROBLEMS[type];
    if (!(status in own)) byStatus.set(status, [...(byStatus.get(status) ?? []), type]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => {
      const name = ofStatus.join('-or-');
      shared[name] ??= problemResponse(status, ofStatus);
      return [status, { $ref: `#/components/responses/${name}` }];
    }),
  );
}

function problemResponse(status: number, types: readonly ProblemType[]): Json {
  return {
    description: types.map((type) => `\`${type}\`: ${PROBLEMS[type].title}`).join('; '),
    headers: {
      'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
      ...(status === 503 && { 'Retry-After': { $ref: '#/components/headers/Retry-After' } }),
    },
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(types.map((type) => [type, { $ref: `#/components/examples/${type}` }])),
      },
    },
  };
}

function problemsOf({ auth, schemas }: Described, operation: Operation, takesKey: boolean): Set<ProblemType> {
  const takesJson = schemas.body !== undefined || operation.raw !== undefined;
  return new Set<ProblemType>([
    ...(takesJson ? (['malformed_json', 'malformed_text'] as const) : []),
    ...(auth === 'none' ? [] : (['unauthorized', 'forbidden'] as const)),
    ...(schemas.params === undefined ? [] : (['not_found'] as const)),
    ...(operation.tag === 'Health' ? [] : (['timeout'] as const)),
    ...(takesKey ? (['key_in_flight', 'key_reused', 'invalid'] as const) : []),
    ...(operation.tag === 'Health' ? [] : (['too_large', 'too_many'] as const)),
    ...(takesJson || operation.takes ? (['unsupported_media'] as const) : []),
    ...(takesJson || schemas.query !== undefined ? (['invalid'] as const) : []),
    ...(operation.problems ?? []),
    'internal',
    'unavailable',
  ]);
}

function deliveryEvent(): Json {
  return {
    operationId: 'deliveryEvent',
    tags: ['Webhooks'],
    summary: 'What a shop’s endpoint is sent',
    description:
      'At least once, in order per delivery, signed after Standard Webhooks. Any 2xx accepts it; 410 ends all sending.',
    security: [{ webhookSignature: [] }],
    requestBody: { required: true, content: { 'application/json': { schema: schemaOf(webhookEvent) } } },
    responses: {
      '2XX': { description: 'Accepted' },
      '4XX': { description: 'Sent again later, for three days; 410: nothing more is sent' },
    },
  };
}

/** Examples of the problems that some operation names. */
function usedExamples(responses: Record<string, Json>): Json {
  const used = JSON.stringify(responses);
  return Object.fromEntries(Object.entries(problemExamples()).filter(([type]) => used.includes(`/examples/${type}"`)));
}

function clean(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
