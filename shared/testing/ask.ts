import type { ServiceDeps } from '#shared/composition/deps.ts';
import { openPushKey } from '#shared/composition/push-key.ts';
import { dispatch } from '#shared/http/dispatch.ts';
import type { Endpoint } from '#shared/http/endpoint.ts';
import type { Principal } from '#shared/http/principal.ts';
import { Problem } from '#shared/http/problem.ts';
import { openRouter } from '#shared/http/router.ts';
import { openSessions } from '#shared/http/session.ts';
import { openDriverTokens } from '#shared/http/tokens.ts';
import { systemClock } from '#shared/runtime/clock.ts';
import { openLog } from '#shared/runtime/log.ts';
import { openApiKeys } from '#shared/secrets/api-key.ts';
import { openPairingCodes } from '#shared/secrets/pairing-code.ts';
import { openSeal } from '#shared/secrets/seal.ts';
import { openTrackingLinks } from '#shared/secrets/tracking-links.ts';
import type { TestDeps } from './flow-deps.ts';

export interface Asked {
  status: number;
  headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape
  body: any;
  text: string;
}
export type Ask = (
  method: string,
  path: string,
  options?: {
    body?: unknown;
    raw?: string | Uint8Array;
    headers?: Record<string, string>;
    as?: Principal | null;
    /** When it was received, by `performance.now()`; left out: now. */
    receivedAtMs?: number;
  },
) => Promise<Asked>;

/** Asks endpoints as a host does, without a socket; `as` says who asks (the proofs themselves are tested in http/). */
export function openAsk(
  endpoints: readonly Endpoint<ServiceDeps>[],
  deps: TestDeps,
  defaultAs: Principal | null,
  nowMs = Date.now,
): Ask {
  const route = openRouter(endpoints);
  const seal = openSeal({ secret: 'a secret for the tests, long enough', previousSecret: null });
  return async (method, target, { body, raw, headers = {}, as = defaultAs, receivedAtMs } = {}) => {
    const [path = '/', rawQuery = ''] = target.split('?');
    const bytes = raw ?? (body === undefined ? '' : JSON.stringify(body));
    const service: ServiceDeps = {
      ...deps,
      authenticate: async () => as,
      clock: { nowMs },
      log: openLog({ level: 'error' }),
      tokens: openDriverTokens({ secret: 'a secret for the tests, long enough', clock: systemClock }),
      apiKeys: openApiKeys({ secret: 'a secret for the tests, long enough', previousSecret: null }),
      webhooks: { allowPrivate: true },
      pushKey: openPushKey(deps, null),
      pairingCodes: openPairingCodes({ secret: 'a secret for the tests', previousSecret: null }),
      links: openTrackingLinks({
        secret: 'a secret for the tests',
        previousSecret: null,
        publicUrl: 'https://dispatch.example',
      }),
      seal,
      sessions: openSessions(seal, Date.now, null),
    };
    const response = await dispatch(
      route(method, path),
      {
        method,
        path,
        rawQuery,
        headers: { 'content-type': 'application/json', ...headers },
        ...(receivedAtMs !== undefined && { receivedAtMs }),
        readBody: async (limit) => {
          const read = Buffer.from(bytes);
          if (read.length > limit) throw new Problem('too_large');
          return read;
        },
      },
      service,
    );
    const isJson = response.headers['content-type']?.endsWith('json') ?? false;
    const text = response.bytes !== undefined && isJson ? Buffer.from(response.bytes).toString() : response.body;
    return {
      status: response.status,
      headers: response.headers,
      body: text && JSON.parse(text),
      text,
    };
  };
}
