import { openAvailability } from '#shared/availability/open-availability.ts';
import { openDb } from '#shared/db/open-db.ts';
import { type RelayDeps, runRelay } from '#shared/flows/relay/run-relay.ts';
import { openShopBook } from '#shared/flows/shop-book.ts';
import { systemClock } from '#shared/runtime/clock.ts';
import { type Config, loadConfig } from '#shared/runtime/config.ts';
import { openLog } from '#shared/runtime/log.ts';
import { openWebhookSender } from '#shared/webhooks/send.ts';

export interface Relay {
  /** Ends the duties, waits for what is under way, closes the stores. */
  stop(): Promise<void>;
}

function openRelayDeps(config: Config): RelayDeps & { close(): Promise<void> } {
  const log = openLog({ level: config.logLevel });
  const db = openDb(config.postgres);
  const availability = config.redis === null ? null : openAvailability(config.redis);
  const webhooks = openWebhookSender(config.webhooks);
  return {
    db,
    availability,
    shops: openShopBook(db),
    send: webhooks.send,
    nowMs: systemClock.nowMs,
    random01: Math.random,
    report: (event, fields) => (fields.error === undefined ? log.info(event, fields) : log.warn(event, fields)),
    close: async () => {
      webhooks.close();
      await Promise.all([db.close(), availability?.close()]);
    },
  };
}

/** Runs the relay in this process until it is stopped. Several may run at once, on one host or on many. */
export function startRelay(config: Config): Relay {
  const deps = openRelayDeps(config);
  const ending = new AbortController();
  const running = runRelay(deps, { intervalMs: config.relay.intervalMs, signal: ending.signal });
  return {
    stop: async () => {
      ending.abort();
      await running;
      await deps.close();
    },
  };
}

/** How long one scheduled invocation works; the schedule starts the next one each minute. */
const SHIFT_MS = 50_000;

/** On Lambda: the same duties for the length of a shift. Nothing is left running after it. */
export async function handler(event?: { shiftMs?: number }): Promise<{ ok: true }> {
  const relay = startRelay(loadConfig());
  await new Promise((resolve) => setTimeout(resolve, event?.shiftMs ?? SHIFT_MS));
  await relay.stop();
  return { ok: true };
}
