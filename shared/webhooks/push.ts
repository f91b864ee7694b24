import type { PushSubscription, RequestOptions } from 'web-push';
import type { WebhookOutcome, WebhookRequest } from './send.ts';

/** A browser, as it registered itself. */
export interface PushTarget {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** What it is told, and how long that is worth anything to it. */
export interface PushMessage {
  /** Can be read with the browser's keys alone. */
  payload: Readonly<Record<string, unknown>>;
  /** One that was not fetched yet gives way to the next of its topic. */
  topic: string;
  ttlS: number;
}

export interface PushOptions {
  keys(): Promise<{ publicKey: string; privateKey: string }>;
  subject: string;
  /** The one that webhooks leave by, with its bounds: an endpoint is whatever address a phone named. */
  send(request: Pick<WebhookRequest, 'url' | 'body' | 'headers' | 'timeoutMs'>): Promise<WebhookOutcome>;
}

export type Push = (target: PushTarget, message: PushMessage) => Promise<WebhookOutcome>;

const TIMEOUT_MS = 10_000;
const NO_SUCH_BROWSER = new Set([404, 410]);

/**
 * Tells a browser something through its push service: enciphered for it alone (RFC 8291), signed with our key (RFC 8292).
 * `gone`: the browser is no more, or its keys are none. @throws what `keys` throws
 */
export function openPush({ keys, subject, send }: PushOptions): Push {
  return async ({ endpoint, p256dh, auth }, { payload, topic, ttlS }) => {
    const vapidDetails = { subject, ...(await keys()) };
    const sealed = await encipher({ endpoint, keys: { p256dh, auth } }, JSON.stringify(payload), {
      vapidDetails,
      TTL: ttlS,
      topic,
      urgency: 'high',
    });
    if (sealed === null) return { outcome: 'gone', detail: 'bad_keys' };
    const answer = await send({ url: endpoint, ...sealed, timeoutMs: TIMEOUT_MS });
    return NO_SUCH_BROWSER.has(answer.status ?? 0) ? { ...answer, outcome: 'gone' } : answer;
  };
}

/** @returns null where the browser's keys are no point of the curve */
async function encipher(
  subscription: PushSubscription,
  payload: string,
  options: RequestOptions,
): Promise<Pick<WebhookRequest, 'body' | 'headers'> | null> {
  // With the first message: a server that tells no phones stands in one bundle with the relay that does.
  const { default: webPush } = await import('web-push');
  try {
    const { body, headers } = webPush.generateRequestDetails(subscription, payload, options);
    const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
    return { body: body ?? '', headers: Object.fromEntries(named) };
  } catch {
    return null;
  }
}
