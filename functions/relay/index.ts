import { openStores } from '#shared/composition/open-stores.ts';
import { openPushKey } from '#shared/composition/push-key.ts';
import { openShopBook } from '#shared/composition/shop-book.ts';
import { tracedSend } from '#shared/composition/traced.ts';
import { openDispatch } from '#shared/dispatch/open-dispatch.ts';
import { type RelayDeps, runRelay } from '#shared/flows/relay/run-relay.ts';
import { openObjects } from '#shared/objects/open-objects.ts';
import { openRouting } from '#shared/routing/open-routing.ts';
import { systemClock } from '#shared/runtime/clock.ts';
import { type Config, loadConfig } from '#shared/runtime/config.ts';
import { openLog } from '#shared/runtime/log.ts';
import type { Meter } from '#shared/runtime/meter.ts';
import type { Tracing } from '#shared/runtime/tracing.ts';
import { openSecretBox } from '#shared/secrets/secret-box.ts';
import { openTrackingLinks } from '#shared/secrets/tracking-links.ts';
import { openPush } from '#shared/webhooks/push.ts';
import { openWebhookSender } from '#shared/webhooks/send.ts';

export interface Relay {
  /** Ends the duties, waits for what is under way, closes the stores. */
  stop(): Promise<void>;
  /** For the numbers of this moment. */
  stores: Pick<RelayDeps, 'db' | 'availability'>;
}

type Watched = { meter?: Meter; tracing?: Tracing };

/** Nobody waits for the relay. With the 150 ms of a request a busy machine keeps it from ever mending the projection. */
const REDIS_TIMEOUT_MS = 1_000;

function openRelayDeps(config: Config, watch: Watched): RelayDeps & { close(): Promise<void> } {
  const log = openLog({ level: config.logLevel });
  const { db, availability } = openStores(config, watch.tracing, REDIS_TIMEOUT_MS);
  const webhooks = openWebhookSender(config.webhooks);
  const stores = {
    db,
    availability,
    shops: openShopBook(db),
    secretBox: openSecretBox(config.driverTokens),
    routing: config.routing === null ? null : openRouting(config.routing),
    ...(watch.meter && { meter: watch.meter }),
  };
  const dispatch = openDispatch(stores, 'on', (event, fields) => log.warn(event, fields));
  return {
    ...stores,
    dispatch,
    retention: { days: config.retention, objects: openObjects(config.proofs) },
    send: watch.tracing ? tracedSend(webhooks.send, watch.tracing) : webhooks.send,
    push: openPush({ ...config.push, keys: openPushKey(stores, config.push.keys).pair, send: webhooks.send }),
    trackingUrlOf: openTrackingLinks({ ...config.driverTokens, publicUrl: config.http.publicUrl }).urlOf,
    nowMs: systemClock.nowMs,
    random01: Math.random,
    report: (event, fields) => {
      if (watch.meter) measureReport(watch.meter, event, fields);
      if (fields.error === undefined) log.info(event, fields);
      else log.warn(event, fields);
    },
    close: async () => {
      webhooks.close();
      await dispatch.close();
      await Promise.all([db.close(), availability?.close()]);
    },
  };
}

/** What the relay reports, as numbers. */
export function measureReport(meter: Meter, event: string, fields: Record<string, unknown>): void {
  if (event === 'webhook_sent') meter.count('dispatch_webhooks_total', { outcome: String(fields.outcome) });
  if (event === 'push_sent') {
    meter.count('dispatch_pushes_total', { kind: String(fields.kind), outcome: String(fields.outcome) });
  }
  if (event === 'relay_failed' || event === 'relay_waits') {
    meter.count('dispatch_relay_failures_total', { duty: String(fields.duty) });
  }
  if (event !== 'projection_repaired') return;
  for (const kind of ['mended', 'forgotten', 'rebuilt']) {
    const found = Number(fields[kind]);
    if (found > 0) meter.count('dispatch_projection_repaired_total', { kind }, found);
  }
}

/** Runs the relay in this process until it is stopped. Several may run at once, on one host or on many. */
export function startRelay(config: Config, watch: Watched = {}, sealAfterMs?: number): Relay {
  const deps = { ...openRelayDeps(config, watch), ...(sealAfterMs !== undefined && { sealAfterMs }) };
  const ending = new AbortController();
  const running = runRelay(deps, { intervalMs: config.relay.intervalMs, signal: ending.signal });
  return {
    stores: deps,
    stop: async () => {
      ending.abort();
      await running;
      await deps.close();
    },
  };
}

/**
 * How long one scheduled invocation works; the schedule starts the next one each minute, so that there is always one on
 * duty. With what is under way at its end, the function needs a timeout of 90 s.
 */
const SHIFT_MS = 65_000;

/** A deployment has changed all functions by then: no shift begins before it has changed this one. */
const SEAL_AFTER_MS = 40_000;

/** On Lambda: the same duties for the length of a shift. Nothing is left running after it. */
export async function handler(event?: { shiftMs?: number }): Promise<{ ok: true }> {
  const relay = startRelay(loadConfig(), {}, SEAL_AFTER_MS);
  await new Promise((resolve) => setTimeout(resolve, event?.shiftMs ?? SHIFT_MS));
  await relay.stop();
  return { ok: true };
}
