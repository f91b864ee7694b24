import { openAvailability } from '../availability/open-availability.ts';
import { openDb } from '../db/open-db.ts';
import type { FlowDeps } from '../flows/deps.ts';
import type { Config } from '../runtime/config.ts';
import type { Tracing } from '../runtime/tracing.ts';
import { tracedAvailability, tracedDb } from './traced.ts';

/**
 * Both stores, each question in a span where tracing is on.
 * @param redisTimeoutMs for one command; the short time of a request unless given
 */
export function openStores(
  config: Config,
  tracing?: Tracing,
  redisTimeoutMs?: number,
): Pick<FlowDeps, 'db' | 'availability'> {
  const db = openDb(config.postgres);
  const availability =
    config.redis === null
      ? null
      : openAvailability({ ...config.redis, ...(redisTimeoutMs && { commandTimeoutMs: redisTimeoutMs }) });
  if (tracing === undefined) return { db, availability };
  return { db: tracedDb(db, tracing), availability: availability && tracedAvailability(availability, tracing) };
}
