import type { Availability } from '../availability/availability.ts';
import type { Db } from '../db/open-db.ts';
import type { Tracing } from '../runtime/tracing.ts';
import type { WebhookOutcome, WebhookRequest } from '../webhooks/send.ts';

/* The stores and the sender with a span around each question. Statements are shown, parameters never are. */

export function tracedDb(db: Db, tracing: Tracing): Db {
  const lanes = new WeakMap<Db, Db>();
  const lane = (name: string): Db => {
    const opened = db.lane?.(name) ?? db;
    const traced = lanes.get(opened) ?? tracedDb(opened, tracing);
    lanes.set(opened, traced);
    return traced;
  };
  return {
    ...db,
    lane,
    run: (text, parameters) =>
      tracing.span(
        {
          name: `postgres ${verbOf(text)}`,
          kind: 'client',
          attributes: { 'db.system': 'postgresql', 'db.statement': text.slice(0, 200) },
        },
        () => db.run(text, parameters),
      ),
  };
}

function verbOf(text: string): string {
  return /\b(?:INTO|UPDATE|FROM|DELETE FROM) dispatch\.(\w+)/.exec(text)?.[1] ?? 'query';
}

const ASKED = [
  'project',
  'locate',
  'heartbeat',
  'search',
  'lastPositions',
  'statuses',
  'forget',
  'projectedIds',
  'markWarm',
  'isWarm',
  'spend',
] as const;

export function tracedAvailability(availability: Availability, tracing: Tracing): Availability {
  const traced = { ...availability } as Record<string, unknown>;
  for (const name of ASKED) {
    const ask = availability[name] as (...args: unknown[]) => Promise<unknown>;
    traced[name] = (...args: unknown[]) =>
      tracing.span({ name: `redis ${name}`, kind: 'client', attributes: { 'db.system': 'redis' } }, () => ask(...args));
  }
  return traced as unknown as Availability;
}

type Send = (request: Pick<WebhookRequest, 'url' | 'body' | 'headers'>) => Promise<WebhookOutcome>;

/** The span continues the trace of the request that caused the event (its stored `traceparent`), and is sent on. */
export function tracedSend(send: Send, tracing: Tracing): Send {
  return (request) =>
    tracing.span(
      {
        name: 'webhook POST',
        kind: 'client',
        attributes: { 'server.address': hostOf(request.url) },
        parent: request.headers.traceparent,
      },
      async (span) => {
        const traceparent = tracing.current();
        const outcome = await send({
          ...request,
          headers: { ...request.headers, ...(traceparent && { traceparent }) },
        });
        span.set({
          'webhook.outcome': outcome.outcome,
          ...(outcome.status !== undefined && { 'http.response.status_code': outcome.status }),
        });
        return outcome;
      },
    );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : '';
}
