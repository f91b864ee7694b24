/** A JSON Schema as the document has it. */
type Schema = Readonly<Record<string, unknown>>;
type Json = Readonly<Record<string, unknown>>;

const HEAD = `// Made by \`npm run openapi\` from functions/docs/openapi.json. Do not edit.
/* biome-ignore-all format: made by a program */
`;

/** TypeScript: one type per named schema, one entry per operation, and the table of methods, paths and answers the client reads. */
export function clientTypes(document: Json): string {
  const { schemas } = document.components as { schemas: Record<string, Schema> };
  const operations = Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => speaksJson(operation))
      .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const named = Object.entries(schemas).map(([name, schema]) => `export type ${name} = ${typeOf(schema)};`);
  const entries = operations.map(
    ({ operation }) => `  /** ${operation.summary} */\n  ${operation.operationId}: ${operationType(operation)};`,
  );
  const routes = operations.map(
    ({ path, method, operation }) =>
      `  ${operation.operationId}: ['${method}', '${path}', [${answersOf(operation).map(([status]) => status)}]],`,
  );
  return [
    HEAD,
    named.join('\n'),
    `\nexport interface Operations {\n${entries.join('\n')}\n}`,
    `\nexport const ROUTES = {\n${routes.join('\n')}\n} as const satisfies Record<keyof Operations, readonly [string, string, readonly number[]]>;\n`,
  ].join('\n');
}

/** Pictures and streams are not the client's: `fetch` is as good for them. */
function speaksJson({ requestBody, responses }: Json): boolean {
  const success = Object.entries(responses as Record<string, Json>).filter(([status]) => status.startsWith('2'));
  const contents = [requestBody as Json | undefined, ...success.map(([, answer]) => answer)].map(
    (each) => each?.content,
  );
  return contents.every((content) => content === undefined || 'application/json' in (content as Json));
}

function operationType(operation: Json): string {
  const parameters = ((operation.parameters ?? []) as Json[]).filter((parameter) => parameter.in !== undefined);
  const of = (place: string) => {
    const fields = parameters.filter((parameter) => parameter.in === place);
    if (fields.length === 0) return 'undefined';
    const given = fields.map((field) => `${field.name}${field.required ? '' : '?'}: ${typeOf(field.schema as Schema)}`);
    return `{ ${given.join('; ')} }${fields.some((field) => field.required) ? '' : ' | undefined'}`;
  };
  const request = operation.requestBody as
    | { required: boolean; content: Record<string, { schema: Schema }> }
    | undefined;
  const sent = request?.content['application/json'];
  const body = sent === undefined ? 'undefined' : `${typeOf(sent.schema)}${request?.required ? '' : ' | undefined'}`;
  const answers = answersOf(operation).map(([status, answer]) => {
    const schema = answer.content?.['application/json']?.schema;
    return `{ status: ${status}; body: ${schema === undefined ? 'undefined' : typeOf(schema)} }`;
  });
  return `{ params: ${of('path')}; query: ${of('query')}; body: ${body}; answer: ${answers.join(' | ')} }`;
}

type Answer = { content?: Record<string, { schema: Schema }> };
/** What an operation names as answers of its own: its successes, and what else it answers that is no problem. */
function answersOf({ responses }: Json): [string, Answer][] {
  return Object.entries(responses as Record<string, Answer>).filter(
    ([status, answer]) => status.startsWith('2') || answer.content?.['application/json'] !== undefined,
  );
}

/** @throws Error for a schema this does not know, so that nothing becomes `unknown` by oversight */
function typeOf(schema: Schema): string {
  if (typeof schema.$ref === 'string') return schema.$ref.split('/').at(-1) ?? 'never';
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const { anyOf, allOf } = schema as { anyOf?: Schema[]; allOf?: Schema[] };
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' | ');
  if (allOf) return allOf.map((each) => `(${typeOf(each)})`).join(' & ');
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'number':
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      if (schema.prefixItems) return `readonly [${(schema.prefixItems as Schema[]).map(typeOf).join(', ')}]`;
      return `readonly (${typeOf(schema.items as Schema)})[]`;
    case 'object':
      return objectType(schema);
    default:
      if (Object.keys(schema).every((key) => key === 'default' || key === 'description')) return 'unknown';
      throw new Error(`No type for ${JSON.stringify(schema).slice(0, 200)}`);
  }
}

function objectType(schema: Schema): string {
  const fields = (schema.properties ?? {}) as Record<string, Schema>;
  const required = (schema.required ?? []) as string[];
  const names = Object.keys(fields);
  if (names.length === 0) return 'Record<string, unknown>';
  return `{ ${names.map((name) => `${keyOf(name)}${required.includes(name) ? '' : '?'}: ${typeOf(fields[name] as Schema)}`).join('; ')} }`;
}

const keyOf = (name: string): string => (/^\w+$/.test(name) ? name : JSON.stringify(name));
