import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { guardedLookup, mayReach, PrivateAddressError, type Reach } from './private-addresses.ts';

export type WebhookRequest = {
  url: string;
  body: string | Uint8Array;
  headers: Readonly<Record<string, string>>;
  /** For everything: resolving, connecting, sending, the answer and its body. 15 s unless given. */
  timeoutMs?: number;
  /** Also call private and loopback addresses, or loopback alone: for tests, demos, and a shop on this machine. */
  allowPrivate: boolean | 'loopback';
};

export type WebhookOutcome = {
  /** `delivered`: 2xx. `gone`: 410, the receiver wants no more. `failed`: anything else; come again. */
  readonly outcome: 'delivered' | 'failed' | 'gone';
  /** Absent where there was no answer. */
  readonly status?: number;
  /** What the receiver asked for, in seconds, at least 0; not capped here. */
  readonly retryAfterS?: number;
  /** For the log: a status, or a short code such as `timeout`, `private_address`, `ECONNREFUSED`. */
  readonly detail: string;
};

const DEFAULT_TIMEOUT_MS = 15_000;
/** An answer's body is waited for this long: the status is known by then. */
const DRAIN_MS = 1_000;
/** More of an answer's body than this is not read: the connection is cut. */
const MAX_ANSWER_BYTES = 64 * 1024;

class TimeoutError extends Error {}

type Agent = HttpAgent | HttpsAgent;
type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent };
/** A set of connections for each: one made to a private address must never serve a request that may not go there. */
const keptAgents = new Map<Reach, Agents>();

/**
 * Posts one webhook, once. Never throws: whatever goes wrong is an outcome. Redirects are not followed (a shop could
 * be led elsewhere with a signed message). The status line decides; the body is read only to keep the connection, up
 * to 64 KiB and 1 s, and what exceeds that is cut off.
 */
export async function sendWebhook(webhook: WebhookRequest): Promise<WebhookOutcome> {
  const url = URL.canParse(webhook.url) ? new URL(webhook.url) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return failed('bad_url');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // A numeric address is never looked up, so it is checked here.
  if (isIP(host) !== 0 && !mayReach(host, reachOf(webhook.allowPrivate))) return failed('private_address');
  const deadlineMs = performance.now() + (webhook.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  try {
    const kept = await attempt(url, webhook, deadlineMs, agentFor(url, reachOf(webhook.allowPrivate)));
    // The receiver may have closed a kept connection just as we wrote to it: that says nothing about the receiver.
    return (
      kept ??
      (await attempt(url, webhook, deadlineMs, newAgents(reachOf(webhook.allowPrivate), false)[schemeOf(url)])) ??
      failed('ECONNRESET')
    );
  } catch (error) {
    return failed(codeOf(error));
  }
}

/** Closes kept connections, for a process that ends. */
export function closeWebhookConnections(): void {
  for (const { http, https } of keptAgents.values()) {
    http.destroy();
    https.destroy();
  }
  keptAgents.clear();
}

/** One request. `null`: a kept connection turned out to be closed before any answer came. */
function attempt(url: URL, webhook: WebhookRequest, deadlineMs: number, agent: Agent): Promise<WebhookOutcome | null> {
  return new Promise((resolve, reject) => {
    const { body } = webhook;
    const headers = {
      'content-type': 'application/json',
      ...webhook.headers,
      'content-length': Buffer.byteLength(body),
    };
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent: ClientRequest = request(url, { method: 'POST', agent, headers });
    const timer = setTimeout(() => sent.destroy(new TimeoutError()), Math.max(0, deadlineMs - performance.now()));
    let answered = false;
    sent.on('error', (error) => {
      if (!answered) resolve(sent.reusedSocket && codeOf(error) === 'ECONNRESET' ? null : failed(codeOf(error)));
    });
    // Also the end of a connection that gave no error and no answer, such as an unasked-for upgrade.
    sent.on('close', () => {
      clearTimeout(timer);
      if (!answered) resolve(failed('no_answer'));
    });
    sent.on('response', (response) => {
      answered = true;
      const outcome = outcomeOf(response);
      drain(response).then(() => resolve(outcome), reject);
    });
    sent.end(body);
  });
}

/** Takes in what remains of an answer, within bounds; destroys the connection past them. */
function drain(response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let length = 0;
    const timer = setTimeout(() => response.destroy(), DRAIN_MS);
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) response.destroy();
    });
    response.on('error', () => {});
    response.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function outcomeOf(response: IncomingMessage): WebhookOutcome {
  const status = response.statusCode ?? 0;
  const outcome = status >= 200 && status < 300 ? 'delivered' : status === 410 ? 'gone' : 'failed';
  const retryAfterS = readRetryAfter(response.headers['retry-after'], Date.now());
  return { outcome, status, ...(retryAfterS === null ? {} : { retryAfterS }), detail: `status ${status}` };
}

/** `Retry-After` (RFC 9110, 10.2.3): seconds or an HTTP date, as seconds from `nowMs`; `null` for anything else. */
export function readRetryAfter(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const atMs = /^[A-Z][a-z]{2}, \d{2} /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}

function reachOf(allowPrivate: WebhookRequest['allowPrivate']): Reach {
  return allowPrivate === 'loopback' ? 'loopback' : allowPrivate ? 'all' : 'public';
}

function agentFor(url: URL, reach: Reach): Agent {
  const agents = keptAgents.get(reach) ?? newAgents(reach, true);
  keptAgents.set(reach, agents);
  return agents[schemeOf(url)];
}

function newAgents(reach: Reach, keepAlive: boolean): Agents {
  const lookup = reach === 'all' ? {} : { lookup: guardedLookup(reach) };
  const options = { keepAlive, maxFreeSockets: 64, timeout: 30_000, ...lookup };
  return { http: new HttpAgent(options), https: new HttpsAgent(options) };
}

function schemeOf(url: URL): 'http' | 'https' {
  return url.protocol === 'https:' ? 'https' : 'http';
}

function failed(detail: string): WebhookOutcome {
  return { outcome: 'failed', detail };
}

/** What may be logged of an error: its code. Messages may repeat addresses. */
function codeOf(error: unknown): string {
  if (error instanceof PrivateAddressError) return 'private_address';
  if (error instanceof TimeoutError) return 'timeout';
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error';
}

/** `sendWebhook` with a process's settings, and the end of its connections. */
export function openWebhookSender({ allowPrivate }: Pick<WebhookRequest, 'allowPrivate'>): {
  send(request: Omit<WebhookRequest, 'allowPrivate'>): Promise<WebhookOutcome>;
  close(): void;
} {
  return { send: (request) => sendWebhook({ ...request, allowPrivate }), close: closeWebhookConnections };
}
