import { openRedisProbe, type RedisProbe } from '../availability/open-redis-probe.ts';
import { type Db, openDb } from '../db/open-db.ts';
import type { HostDeps } from '../http/dispatch.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import { openLog } from '../runtime/log.ts';

/** What the health endpoints work with; `ServiceDeps` has it all. */
export interface HealthDeps {
  db: Db;
  /** Null where there is no Redis. */
  availability: RedisProbe | null;
}

/**
 * For a health function that stands alone: the same as `openDeps` without what it never asks (keys, tokens, the Redis
 * client), a quarter of the size.
 */
export function openHealthDeps(config: Config): HealthDeps & HostDeps {
  return {
    db: openDb({ ...config.postgres, pool: 1 }),
    availability: config.redis === null ? null : openRedisProbe(config.redis),
    authenticate: async () => null,
    log: openLog({ level: config.logLevel }),
    clock: systemClock,
  };
}
