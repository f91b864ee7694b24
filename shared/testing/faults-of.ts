import { parseBody, type Schema } from '#shared/http/parse.ts';
import { type Fault, Problem } from '#shared/http/problem.ts';

/** What a body is refused for, as its sender is told: detail by JSON pointer. Empty for one that is accepted. */
export function faultsOf(schema: Schema, body: unknown): Readonly<Record<string, string>> {
  try {
    parseBody(schema, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(body)));
    return {};
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const faults = error.extra.errors as readonly Fault[];
    return Object.fromEntries(faults.map(({ pointer, detail }) => [pointer, detail]));
  }
}
