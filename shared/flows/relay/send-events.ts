import { randomUUID } from 'node:crypto';
import type { Db } from '../../db/open-db.ts';
import {
  type ClaimedEvent,
  claimEvents,
  RENEW_EVERY_MS,
  renewLeases,
  type Settlement,
} from '../../db/statements/outbox.ts';
import { GIVE_UP_AFTER_MS, retryDelayMs } from '../../domain/retry-schedule.ts';
import { type SecretBox, SecretLostError } from '../../secrets/secret-box.ts';
import type { WebhookOutcome, WebhookRequest } from '../../webhooks/send.ts';
import { signatureHeaders } from '../../webhooks/sign.ts';
import { openSettle, type Settle, settlePatiently } from './settle-patiently.ts';

/** Events that a relay has under way at once, in all and for one shop: an endpoint that hangs holds its shop's places. */
const LIMIT = 256;
const PER_SHOP = 16;

export interface SenderDeps {
  db: Db;
  /** The secrets of a claimed event are sealed. */
  secretBox: SecretBox;
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
 * same id and the same bytes each time. No HTTP inside a statement: claim, send, settle; and meanwhile the leases are
 * renewed, so that they may be short: the events of a process that dies are another's a few seconds later.
 */
export function openSender(deps: SenderDeps): Sender {
  const relay = randomUUID();
  const underWay = openUnderWay(deps.db, relay);
  const settle = openSettle(deps.db, relay);
  let hasEnded = false;
  let tell: (() => void) | undefined;
  return {
    async begin() {
      hasEnded = false;
      const limit = LIMIT - underWay.size();
      if (limit <= 0) return 0;
      const claim = { relay, limit, perShop: PER_SHOP, underWay: underWay.byShop() };
      const claimed = await claimEvents(deps.db, claim);
      // One whose lease ran out because this process stood still is still being sent by it.
      const begun = claimed.filter((event) => !underWay.has(event));
      for (const event of begun) {
        underWay.add(event, sendOne(deps, settle, event), () => {
          hasEnded = true;
          tell?.();
        });
      }
      return begun.length;
    },
    async progress() {
      if (hasEnded) return;
      await new Promise<void>((resolve) => {
        tell = resolve;
      });
    },
    idle: underWay.idle,
  };
}

/**
 * The events that this process is sending, by their ids: one of a delivery, or, until the answer has come that it is
 * settled, two. Their leases are renewed as long as they are sent.
 */
function openUnderWay(db: Db, relay: string) {
  const works = new Map<string, { event: ClaimedEvent; work: Promise<void> }>();
  let renewing: NodeJS.Timeout | undefined;
  // One that fails is made good by the next; without Postgres nobody else can take the events over.
  const renew = () =>
    void renewLeases(
      db,
      relay,
      [...works.values()].map(({ event }) => event.delivery_id),
    ).catch(() => {});
  return {
    size: () => works.size,
    has: (event: ClaimedEvent) => works.has(event.id),
    byShop(): Record<string, number> {
      const counts: Record<string, number> = {};
      for (const { event } of works.values()) counts[event.shop_id] = (counts[event.shop_id] ?? 0) + 1;
      return counts;
    },
    add(event: ClaimedEvent, sending: Promise<void>, ended: () => void): void {
      renewing ??= setInterval(renew, RENEW_EVERY_MS);
      const work = sending.finally(() => {
        works.delete(event.id);
        if (works.size === 0) {
          clearInterval(renewing);
          renewing = undefined;
        }
        ended();
      });
      works.set(event.id, { event, work });
    },
    idle: async () => void (await Promise.all([...works.values()].map(({ work }) => work))),
  };
}

/** Never rejects: what could not be settled comes again when its lease ends, with the same id. */
async function sendOne(deps: SenderDeps, settle: Settle, event: ClaimedEvent): Promise<void> {
  const requestId = event.request_id ?? undefined;
  const fields = {
    ...(requestId && { requestId }),
    eventId: event.id,
    webhookEvent: event.event,
    deliveryId: event.delivery_id,
    shopId: event.shop_id,
  };
  try {
    const answer = await deliver(deps, { ...event, body: withTracking(event, deps.trackingUrlOf) });
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

/** Not at all where its secrets cannot be read: unsigned it would be taken for somebody else's, or for nothing. */
async function deliver(deps: SenderDeps, { secrets, static_secret, ...event }: ClaimedEvent): Promise<WebhookOutcome> {
  try {
    const opened = {
      ...event,
      secrets: secrets.map(deps.secretBox.open),
      static_secret: static_secret && deps.secretBox.open(static_secret),
    };
    return await deps.send({ url: event.url, body: event.body, headers: headersOf(opened, deps.nowMs()) });
  } catch (error) {
    if (error instanceof SecretLostError) return { outcome: 'failed', detail: 'secret_lost' };
    throw error;
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
