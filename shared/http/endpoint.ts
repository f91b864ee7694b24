import type * as v from 'valibot';
import type { IdempotencyClaim } from '../domain/command.ts';
import { readClaim } from './idempotency.ts';
import { parseBody, parseParams, parseQuery, type Schema } from './parse.ts';
import type { Auth, Principal, PrincipalOf } from './principal.ts';
import type { HttpHeaders } from './problem.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A request as a plain value. Header names are in lower case; `path` is as sent, without the query. */
export type HttpRequest = {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: HttpHeaders;
  readonly body: Uint8Array;
  readonly requestId: string;
  /** When it was received, by `performance.now()`. */
  readonly receivedAtMs: number;
  /** Of the span the request is answered in, where tracing is on. */
  readonly traceparent?: string | undefined;
  readonly remoteAddress?: string;
};

/**
 * What a handler answers. An object becomes JSON; a string is sent as it is, as JSON unless `headers` names another
 * `content-type` (an answer replayed byte for byte, a page); bytes are sent as they are (a picture); nothing is an
 * empty body.
 */
export type Answer = { readonly status: number; readonly body?: unknown; readonly headers?: HttpHeaders };

type OutputOf<S extends Schema | undefined, Absent> = S extends Schema ? v.InferOutput<S> : Absent;

/** What a handler is given: who asks, and what was asked, already checked. */
export type HandlerInput<
  A extends Auth,
  P extends Schema | undefined,
  Q extends Schema | undefined,
  B extends Schema | undefined,
> = {
  readonly principal: PrincipalOf<A>;
  readonly params: OutputOf<P, Readonly<Record<string, string>>>;
  readonly query: OutputOf<Q, URLSearchParams>;
  readonly body: OutputOf<B, undefined>;
  /** The bytes as they came, for signatures. */
  readonly rawBody: Uint8Array;
  readonly headers: HttpHeaders;
  readonly requestId: string;
  /** When it was received, by `performance.now()`. */
  readonly receivedAtMs: number;
  readonly traceparent: string | undefined;
  readonly remoteAddress: string | null;
  readonly idempotency: IdempotencyClaim | null;
};

export type EndpointSpec<
  A extends Auth,
  P extends Schema | undefined,
  Q extends Schema | undefined,
  B extends Schema | undefined,
  Deps,
> = {
  method: Method;
  /** `:name` marks a parameter: `/v1/drivers/:id`. */
  path: string;
  /** Who may ask; `none` where the handler checks a signature or a token of its own. */
  auth: A;
  /** Refused parameters are 404. */
  params?: P;
  query?: Q;
  /** Without it the body is neither decoded nor checked; `rawBody` has it. */
  body?: B;
  /** Bytes; 64 KiB unless given. */
  bodyLimit?: number;
  /** Answered even when the server is full: for probes. */
  alwaysAdmit?: boolean;
  /** Mostly answered without Postgres: admitted also while too many wait for that. */
  sparesPostgres?: boolean;
  /** An `Idempotency-Key` says nothing here: repeated it is the same anyway, or what it gives must not be kept. */
  keepsNothing?: boolean;
  handle: (input: HandlerInput<A, P, Q, B>, deps: Deps) => Promise<Answer> | Answer;
};

/** An endpoint, as the hosts see it. `run` parses, then handles; it is called after `auth` was checked. */
export type Endpoint<Deps> = {
  readonly method: Method;
  readonly path: string;
  readonly auth: Auth;
  readonly bodyLimit: number;
  readonly alwaysAdmit: boolean;
  readonly sparesPostgres: boolean;
  /** Whether its result is kept under an `Idempotency-Key`; what charges for that and what describes it go by this. */
  readonly keepsResult: boolean;
  /** What it parses, for those who describe it (infra/product/openapi); the hosts use `run`. */
  readonly schemas: { readonly params?: Schema; readonly query?: Schema; readonly body?: Schema };
  readonly run: (request: HttpRequest, principal: Principal | null, deps: Deps) => Promise<Answer>;
};

export const DEFAULT_BODY_LIMIT = 64 * 1024;

/**
 * Declares an endpoint. Parameters, query and body are parsed before `handle`, which is given branded values only.
 * `run` throws Problem: `not_found`, `unsupported_media`, `malformed_text`, `malformed_json`, `invalid`.
 */
export function endpoint<
  const A extends Auth,
  Deps,
  P extends Schema | undefined = undefined,
  Q extends Schema | undefined = undefined,
  B extends Schema | undefined = undefined,
>(spec: EndpointSpec<A, P, Q, B, Deps>): Endpoint<Deps> {
  const { method, path, auth, bodyLimit = DEFAULT_BODY_LIMIT, alwaysAdmit = false, sparesPostgres = false } = spec;
  const keepsResult = method !== 'GET' && auth !== 'none' && !spec.keepsNothing;
  return {
    method,
    path,
    auth,
    bodyLimit,
    alwaysAdmit,
    sparesPostgres,
    keepsResult,
    schemas: {
      ...(spec.params && { params: spec.params }),
      ...(spec.query && { query: spec.query }),
      ...(spec.body && { body: spec.body }),
    },
    run: async (request, principal, deps) => {
      const parsed = {
        params: spec.params ? parseParams(spec.params, request.params) : request.params,
        query: spec.query ? parseQuery(spec.query, request.query) : request.query,
        body: spec.body ? parseBody(spec.body, request.headers, request.body) : undefined,
        // The schemas and `auth` of the specification decide these types, which the compiler cannot follow.
      } as Pick<HandlerInput<A, P, Q, B>, 'params' | 'query' | 'body'>;
      const input: HandlerInput<A, P, Q, B> = {
        params: parsed.params,
        query: parsed.query,
        body: parsed.body,
        principal: principal as PrincipalOf<A>,
        rawBody: request.body,
        headers: request.headers,
        requestId: request.requestId,
        receivedAtMs: request.receivedAtMs,
        traceparent: request.traceparent,
        remoteAddress: request.remoteAddress ?? null,
        idempotency: keepsResult ? readClaim(request, principal) : null,
      };
      return spec.handle(input, deps);
    },
  };
}
