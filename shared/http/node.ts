import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { callerAddress } from './caller-address.ts';
import { DEADLINE_MS, dispatch, type HostDeps, type IncomingRequest } from './dispatch.ts';
import type { Endpoint } from './endpoint.ts';
import type { Principal } from './principal.ts';
import type { HttpHeaders, HttpResponse } from './problem.ts';
import { isOnItsWay, openBodies, readBody, sizeOf } from './raw-body.ts';
import { openRouter } from './router.ts';
import { openSending, type SendingOptions } from './sending.ts';

export type MountOptions = Pick<SendingOptions, 'sendWithinMs' | 'maxUnsentBytes'> & {
  /** Requests answered at once; one more is 503 with `Retry-After: 1`, except on `alwaysAdmit` endpoints. */
  maxInFlight?: number;
  /** When a request that is read now has arrived, by `performance.now()`. */
  receivedAtMs?: () => number;
  /** For how long the process was stopped, in ms, while what waited for it meanwhile is being read; otherwise 0. */
  stoppedForMs?: () => number;
  /** Proxies of ours between callers and this process. */
  trustedProxies?: number;
  /** Time a body may take to arrive. */
  bodyTimeoutMs?: number;
  deadlineMs?: number;
};

const BODY_TIMEOUT_MS = 5_000;

/**
 * For `serve({ serverOptions })`: slow senders are cut off by Node itself where we cannot see them (headers), idle
 * keep-alive connections outlive the 60 s of the usual load balancers.
 */
export const SERVER_OPTIONS = {
  keepAliveTimeout: 65_000,
  headersTimeout: 2_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 500,
} as const;

/**
 * Hosts endpoints in a Hono application on @hono/node-server. One catch-all route: the router is the one the Lambda
 * host uses, so that both refuse the same requests in the same words. Mount last; what `app` answers before stays.
 */
export function mount<Deps>(
  app: Hono<{ Bindings: HttpBindings }>,
  endpoints: readonly Endpoint<Deps>[],
  deps: Deps & HostDeps,
  options: MountOptions = {},
): void {
  const { maxInFlight = 512, bodyTimeoutMs = BODY_TIMEOUT_MS, deadlineMs = DEADLINE_MS } = options;
  const { receivedAtMs = () => performance.now(), stoppedForMs = () => 0, trustedProxies = 0 } = options;
  const bodies = openBodies();
  const sending = openSending({
    ...options,
    onCut: (waitedMs) => deps.log.warn('answer_not_read', { waitedMs: Math.round(waitedMs) }),
  });
  const route = openRouter(endpoints);
  let inFlight = 0;
  app.all('*', async (c) => {
    let isRead = false;
    const send = (response: HttpResponse): Response => {
      sending.watch(c.env, response);
      return toWire(response);
    };
    const read = toIncoming(c.env.incoming, receivedAtMs(), trustedProxies, bodyTimeoutMs);
    const incoming: IncomingRequest = {
      ...read,
      // A body that is still on its way holds a place of its own, none of those for work.
      readBody: async (limit, principal = null) => {
        isRead = true;
        if (!isOnItsWay(c.env.incoming)) return read.readBody(limit);
        inFlight -= 1;
        try {
          const sender = senderOf(principal, read.callerAddress ?? null);
          return await bodies.read(sender, sizeOf(c.env.incoming, limit), () => read.readBody(limit));
        } finally {
          inFlight += 1;
        }
      },
    };
    const match = route(incoming.method, incoming.path);
    const alwaysAdmit = match.kind === 'found' && match.route.alwaysAdmit;
    // After a stop that was longer than anybody waits for an answer, what is read first may have waited all that time:
    // to do it all would keep those waiting who are there. So all are told to come again, until it is read.
    const isPast = stoppedForMs() > deadlineMs;
    const isFull = isPast || inFlight >= maxInFlight;
    if (isFull && !alwaysAdmit) return send(await dispatch({ kind: 'full' }, incoming, deps));
    inFlight += 1;
    try {
      const response = await dispatch(match, incoming, deps, deadlineMs);
      return send(isRead || !isOnItsWay(c.env.incoming) ? response : closing(response));
    } finally {
      inFlight -= 1;
    }
  });
}

/** A caller who is refused before the body was looked at need not send the rest of it. */
function closing(response: HttpResponse): HttpResponse {
  return { ...response, headers: { ...response.headers, connection: 'close' } };
}

/** Whose bodies are counted together: those of a caller with a good proof, or of an address. */
function senderOf(principal: Principal | null, address: string | null): string | null {
  switch (principal?.kind) {
    case undefined:
      return address && `address ${address}`;
    case 'operator':
      return 'operator';
    case 'shop':
      return `key ${principal.keyId}`;
    case 'driver':
      return `driver ${principal.driverId}`;
  }
}

/** A request as the dispatch wants it. @param bodyTimeoutMs for its body to arrive */
export function toIncoming(
  incoming: IncomingMessage,
  receivedAtMs: number,
  trustedProxies: number,
  bodyTimeoutMs = BODY_TIMEOUT_MS,
): IncomingRequest {
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  const { remoteAddress } = incoming.socket;
  const headers = toHeaders(incoming);
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    rawQuery: mark < 0 ? '' : target.slice(mark + 1),
    headers,
    receivedAtMs,
    ...(remoteAddress === undefined ? {} : { remoteAddress }),
    callerAddress: callerAddress(remoteAddress, headers, trustedProxies),
    readBody: (limit) => readBody(incoming, limit, bodyTimeoutMs),
  };
}

function toHeaders(incoming: IncomingMessage): HttpHeaders {
  const lists = incoming.headers['set-cookie'];
  // Node joins what comes more than once into one text; that one header, which requests do not have, it keeps a list.
  const headers = lists === undefined ? incoming.headers : { ...incoming.headers, 'set-cookie': lists.join(', ') };
  return headers as HttpHeaders;
}

function toWire(response: HttpResponse): Response {
  // As they are, not copied: an answer that is the same for all is in memory once, however many are being sent it.
  const bytes = response.bytes as Uint8Array<ArrayBuffer> | undefined;
  return new Response(bytes ?? (response.body === '' ? null : response.body), {
    status: response.status,
    // Made for this one response, by `dispatch`.
    headers: response.headers as Record<string, string>,
  });
}
