import { Refusal } from './ask.ts';

/** What a page says of a request that did not go well. */
export interface RefusalWords {
  /** There was no answer. */
  noConnection: string;
  /** By the service's name for the problem; `offer_over:full` comes before `offer_over`. What is not here is `because`. */
  problems: Readonly<Record<string, string>>;
  /** @param detail the service's own words, which are English */
  because: (detail: string) => string;
}

/** Why it did not go well, in the reader's language. The service says it in English only, but names each problem. */
export function refusalText(error: unknown, { noConnection, problems, because }: RefusalWords): string {
  if (!(error instanceof Refusal)) return because(error instanceof Error ? error.message : String(error));
  if (error.status === 0) return noConnection;
  const { type, why } = error.problem;
  const name = String(type).replace('urn:problem:', '');
  return problems[`${name}:${why}`] ?? problems[name] ?? because(error.message);
}
