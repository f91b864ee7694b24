import { createHash } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Kind, Operation, Outcome, ShownDelivery, ShownDriver, ShownRoute } from './history.ts';
import { secretsIn } from './secrets-told.ts';
import { wantedBy } from './wanted.ts';

/** What a client wants, once; it may take several requests to get it. */
export interface Wish {
  kind: Kind;
  shop: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: unknown;
  key?: string | null;
  orderRef?: string | null;
  target?: string | null;
  /** Drivers a batch of fixes is about, or the one who answers an offer. */
  reported?: readonly string[];
  /** Of a fix, by the phone's clock. */
  recordedMs?: number;
}

export interface Answered extends Operation {
  /** Parsed, or null where it is not JSON. */
  body: unknown;
}

export interface Asker {
  /** One request to one worker. */
  once(wish: Wish, worker: number): Promise<Answered>;
  /**
   * Repeats a wish, with the same key and at the other worker in turn, until it is answered 2xx or 4xx, `signal`
   * aborts or 30 s have passed. `politely`: comes again when `Retry-After` says so, and not for ever; otherwise at once.
   */
  settle(wish: Wish, worker: number, how?: 'politely'): Promise<Answered>;
  close(): void;
}

const REQUEST_TIMEOUT_MS = 6_000;
const PATIENCE_MS = { impatient: 30_000, politely: 12_000 };
const PAUSE_MS = { impatient: 150, politely: 1_000 };

/**
 * @param ports of the workers
 * @param record is told of every request that ended, in the order of their ends, and of what was said in it that nobody
 *   may log
 */
export function openAsker(
  ports: readonly number[],
  record: (operation: Operation, secrets: readonly string[]) => void,
  signal: AbortSignal,
): Asker {
  const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });
  const once: Asker['once'] = async (wish, worker) => {
    const times: Times = { startMs: Date.now() };
    const payload = payloadOf(wish);
    const reply = await send(agent, ports[worker % ports.length] ?? 0, { ...wish, payload }, times);
    const operation = toOperation(wish, worker % ports.length, times, reply);
    record(operation, secretsIn(payload ?? '', reply?.text ?? ''));
    return { ...operation, body: reply?.json ?? null };
  };
  return {
    once,
    async settle(wish, worker, how) {
      const untilMs = Date.now() + PATIENCE_MS[how ?? 'impatient'];
      for (let attempt = 0; ; attempt += 1) {
        const answered = await once(wish, worker + attempt);
        const inFlight = answered.status === 409 && answered.retryAfter;
        if (answered.outcome !== 'unknown' && !inFlight) return answered;
        if (signal.aborted || Date.now() > untilMs) return answered;
        await pause(PAUSE_MS[how ?? 'impatient'] * (1 + 1.5 * Math.random()));
      }
    },
    close: () => agent.destroy(),
  };
}

interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
  text: string;
  json: unknown;
}

/** `sentMs`: when all of it was handed to the network; until then it waited in the bench. */
type Times = Pick<Operation, 'startMs'> & { sentMs?: number };

function payloadOf({ body }: Wish): string | undefined {
  return body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
}

/** null: no answer, or half of one. */
function send(
  agent: Agent,
  port: number,
  { payload, ...wish }: Wish & { payload: string | undefined },
  times: Times,
): Promise<Reply | null> {
  return new Promise((resolve) => {
    const sent = request({
      agent,
      host: '127.0.0.1',
      port,
      method: wish.method,
      path: wish.path,
      headers: {
        ...(payload !== undefined && {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(payload),
        }),
        ...(wish.key && !wish.headers?.['webhook-id'] && { 'idempotency-key': wish.key }),
        ...wish.headers,
      },
    });
    const timer = setTimeout(() => sent.destroy(new Error('timeout')), REQUEST_TIMEOUT_MS);
    const done = (reply: Reply | null) => {
      clearTimeout(timer);
      resolve(reply);
    };
    sent.on('error', () => done(null));
    sent.on('finish', () => {
      times.sentMs = Date.now();
    });
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => done(null));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        done({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
      });
    });
    sent.end(payload);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function toOperation(wish: Wish, worker: number, times: Times, reply: Reply | null): Operation {
  const { kind, shop, key = null, orderRef = null, target = null, reported = [], recordedMs } = wish;
  const { ids, ...seen } = shownIn(reply?.json ?? null);
  const wanted = wantedBy(wish);
  const said = orderRef === null ? undefined : (reply?.json as { status?: unknown } | null)?.status;
  return {
    kind,
    shop,
    worker,
    key,
    orderRef,
    target,
    ...times,
    endMs: Date.now(),
    outcome: outcomeOf(reply?.status ?? null),
    status: reply?.status ?? null,
    degraded: reply?.headers.degraded !== undefined,
    replayed: reply?.headers['idempotent-replayed'] !== undefined,
    retryAfter: reply?.headers['retry-after'] !== undefined,
    bodySha: reply && createHash('sha256').update(reply.text).digest('base64url'),
    ...seen,
    ids: [...ids, ...reported],
    ...(recordedMs !== undefined && { recordedMs }),
    ...(wanted !== undefined && { wanted }),
    ...(typeof said === 'string' && { said }),
    ...((reply?.status ?? 0) >= 500 && { why: whyOf(reply?.json) }),
  };
}

function whyOf(json: unknown): string {
  const { title = '', detail = '' } = (json ?? {}) as { title?: string; detail?: string };
  return detail || title;
}

function outcomeOf(status: number | null): Outcome {
  if (status === null || status >= 500) return 'unknown';
  return status < 400 ? 'ok' : 'fail';
}

/** The states an answer shows, whatever its shape: a delivery, driver, page of them, route, search, webhook's answer. */
function shownIn(json: unknown): Pick<Operation, 'deliveries' | 'drivers' | 'routes' | 'ids'> {
  const body = (json ?? {}) as Record<string, unknown>;
  const list = [body.items, body.deliveries].find(Array.isArray);
  const things = (list ?? [body]) as Record<string, unknown>[];
  const deliveries = things.filter((thing) => 'dispatch' in thing && 'version' in thing);
  const drivers = things.filter((thing) => 'load' in thing && 'version' in thing);
  const ids = [
    ...(Array.isArray(body.drivers) ? (body.drivers as { driverId: string }[]).map((each) => each.driverId) : []),
    ...(typeof body.deliveryId === 'string' ? [body.deliveryId] : []),
  ];
  return {
    deliveries: deliveries.map(
      ({ id, version, status, dispatch, driverId, pinned }) =>
        ({ id, version, status, dispatch, driverId, pinned }) as ShownDelivery,
    ),
    drivers: drivers.map(shownDriver),
    routes: things.filter((thing) => Array.isArray(thing.stops) && 'version' in thing).map(shownRoute),
    ids,
  };
}

function shownDriver({ id, driverId, version, status, load, tags, shiftEndsAt }: Record<string, unknown>): ShownDriver {
  const whole = tags !== undefined && { tags, shiftEndsMs: shiftEndsAt ? Date.parse(String(shiftEndsAt)) : null };
  return { id: id ?? driverId, version, status, load, ...whole } as ShownDriver;
}

function shownRoute({ driverId, version, stops }: Record<string, unknown>): ShownRoute {
  const refs = (stops as ShownRoute['stops']).map(({ deliveryId, kind, pinned }) => ({ deliveryId, kind, pinned }));
  return { driverId, version, stops: refs } as ShownRoute;
}
