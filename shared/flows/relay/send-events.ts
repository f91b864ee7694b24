import type { Db } from '../../db/open-db.ts';
import { type ClaimedEvent, claimEvents, type Settlement } from '../../db/statements/outbox.ts';
import { GIVE_UP_AFTER_MS, retryDelayMs } from '../../domain/retry-schedule.ts';
import type { WebhookOutcome, WebhookRequest } from '../../webhooks/send.ts';
import { signatureHeaders } from '../../webhooks/sign.ts';
import { openSettle, type Settle, settlePatiently } from './settle-patiently.ts';

/** Events under way at once, in all and for one shop: a shop whose endpoint hangs holds its own places only. */
const LIMIT = 256;
const PER_SHOP = 16;

export interface SenderDeps {
  db: Db;
  /** `sendWebhook` with the process's settings. */
  send: (request: Pick<WebhookRequest, 'url' | 'body' | 'headers'>) => Promise<WebhookOutcome>;
  /** The customer's link, told to the shop with each event; null where there is none. */
  trackingUrlOf?: (deliveryId: string) => string | null;
  nowMs: () => number;
  random01: () => number;
  /** One line per event that left, or did not. */
  report: (event: string, fields: Record<string, unknown>) => void;
}

export interface Sender {
  /** Claims what is due and begins to send it. @returns how many were begun */
  begin(): Promise<number>;
  /** Resolves when one has ended since the last claim began, which may not have seen that it did. */
  progress(): Promise<void>;
  /** Resolves when none is under way. */
  idle(): Promise<void>;
}

/**
 * Sends the outbox: at least once, in order per delivery (an event is claimed only when all before it were sent), the
 * same id and the same bytes each time. No HTTP inside a statement: claim, send, settle.
 */
export function openSender(deps: SenderDeps): Sender {
  const underWay = new Set<Promise<void>>();
  const settle = openSettle(deps.db);
  let hasEnded = false;
  let tell: (() => void) | undefined;
  return {
    async begin() {
      hasEnded = false;
      if (underWay.size >= LIMIT) return 0;
      const claimed = await claimEvents(deps.db, { limit: LIMIT - underWay.size, perShop: PER_SHOP });
      for (const event of claimed) {
        const work: Promise<void> = sendOne(deps, settle, event).finally(() => {
          underWay.delete(work);
          hasEnded = true;
          tell?.();
        });
        underWay.add(work);
      }
      return claimed.length;
    },
    async progress() {
      if (hasEnded) return;
      await new Promise<void>((resolve) => {
        tell = resolve;
      });
    },
    idle: async () => void (await Promise.all(underWay)),
  };
}

/** Never rejects: what could not be settled comes again when its lease ends, with the same id. */
async function sendOne(deps: SenderDeps, settle: Settle, claimed: ClaimedEvent): Promise<void> {
  const event = { ...claimed, body: withTracking(claimed, deps.trackingUrlOf) };
  const { url, body } = event;
  const requestId = event.request_id ?? undefined;
  const fields = {
    ...(requestId && { requestId }),
    eventId: event.id,
    event: event.event,
    deliveryId: event.delivery_id,
    shopId: event.shop_id,
  };
  try {
    const answer = await deps.send({ url, body, headers: headersOf(event, deps.nowMs()) });
    const settlement = settlementOf(event, answer, deps.random01());
    await settlePatiently(settle, event, settlement);
    deps.report('webhook_sent', {
      ...fields,
      outcome: settlement.outcome,
      attempt: event.attempts,
      detail: answer.detail,
    });
  } catch (error) {
    deps.report('webhook_unsettled', { ...fields, attempt: event.attempts, error });
  }
}

/** Added here and not in the outbox: the link follows from the delivery's id, and PUBLIC_URL is no matter of Postgres. */
function withTracking(event: ClaimedEvent, trackingUrlOf: SenderDeps['trackingUrlOf']): string {
  const trackingUrl = trackingUrlOf?.(event.delivery_id) ?? null;
  return trackingUrl === null ? event.body : JSON.stringify({ ...JSON.parse(event.body), trackingUrl });
}

function headersOf(event: ClaimedEvent, nowMs: number): Record<string, string> {
  const signed =
    event.secrets.length === 0
      ? { 'webhook-id': event.id, 'webhook-timestamp': String(Math.floor(nowMs / 1000)) }
      : signatureHeaders({
          id: event.id,
          timestampS: Math.floor(nowMs / 1000),
          body: event.body,
          secrets: event.secrets,
        });
  return {
    'content-type': 'application/json',
    'user-agent': 'driver-dispatch/1',
    ...signed,
    ...(event.static_secret !== null && { 'x-webhook-secret': event.static_secret }),
    ...(event.request_id !== null && { 'x-request-id': event.request_id }),
    ...(event.traceparent !== null && { traceparent: event.traceparent }),
  };
}

function settlementOf(event: ClaimedEvent, answer: WebhookOutcome, random01: number): Settlement {
  if (answer.outcome === 'delivered') return { outcome: 'sent' };
  if (answer.outcome === 'gone') return { outcome: 'gone', error: answer.detail };
  if (event.age_ms > GIVE_UP_AFTER_MS) return { outcome: 'parked', error: answer.detail };
  return { outcome: 'retry', inMs: retryDelayMs(event.attempts, random01, answer.retryAfterS), error: answer.detail };
}
