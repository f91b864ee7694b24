import type * as v from 'valibot';
import type { ProblemType } from '#shared/http/problem.ts';

/** What the OpenAPI document says of an endpoint beyond its own schemas. */
export interface Operation {
  /** The method's name in the typed client. */
  id: string;
  tag: 'Drivers' | 'Positions' | 'Deliveries' | 'Shops' | 'Webhooks' | 'Health';
  summary: string;
  description?: string;
  /** Schemas of the answers with a body, by status; null: no body. */
  answers: Readonly<Record<number, v.GenericSchema | null>>;
  /** Problems of its own, besides those that follow from its auth, parameters and body. */
  problems?: readonly ProblemType[];
  /** The body, where the endpoint checks the raw bytes before it parses them. */
  raw?: v.GenericSchema;
  /** A body that is accepted. */
  example?: unknown;
  /** Keeps its first result under an Idempotency-Key; true for what is not GET unless said otherwise. */
  idempotent?: boolean;
}
