import type * as v from 'valibot';
import type { ProblemType } from '#shared/http/problem.ts';

/** What is not JSON, by media type. `events`: the data of each kind of event in a stream of them. */
export type Media = Readonly<Record<string, { readonly events?: Readonly<Record<string, v.GenericSchema>> }>>;

/** What the OpenAPI document says of an endpoint beyond its own schemas. */
export interface Operation {
  /** The method's name in the typed client. */
  id: string;
  tag:
    | 'Drivers'
    | 'Positions'
    | 'Deliveries'
    | 'Plans'
    | 'Offers'
    | 'Tracking'
    | 'Live'
    | 'Shops'
    | 'Webhooks'
    | 'Health';
  summary: string;
  description?: string;
  /** Schemas of the answers with a body, by status; null: no body, or one that `gives` describes. */
  answers: Readonly<Record<number, v.GenericSchema | null>>;
  /** What the successful answer is, where it is not JSON. */
  gives?: Media;
  /** What the body is, where it is not JSON. */
  takes?: Media;
  /** Headers it reads, as the document has them. */
  parameters?: readonly object[];
  /** Problems of its own, besides those that follow from its auth, parameters and body. */
  problems?: readonly ProblemType[];
  /** The body, where the endpoint checks the raw bytes before it parses them. */
  raw?: v.GenericSchema;
  /** A body that is accepted. */
  example?: unknown;
}
