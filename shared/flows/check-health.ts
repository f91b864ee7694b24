import type { Availability } from '../availability/availability.ts';
import type { Db } from '../db/open-db.ts';
import { checkSchema } from '../db/statements/reads.ts';
import { SchemaMissing } from '../domain/away.ts';

export interface Check {
  status: 'up' | 'down' | 'off';
  latencyMs: number | null;
  /** Postgres answers, and nobody has migrated it to this version. */
  why?: 'unmigrated';
}
export interface Health {
  /** `degraded`: Redis is away, everything is answered from Postgres. `down`: Postgres or its tables are away. */
  status: 'ok' | 'degraded' | 'down';
  checks: { postgres: Check; redis: Check };
}

const WITHIN_MS = 800;

/** Asks both stores, at the same time; answers within 1 s whatever hangs. */
export async function checkHealth({
  db,
  availability,
}: {
  db: Db;
  availability: Pick<Availability, 'ping'> | null;
}): Promise<Health> {
  const [postgres, redis] = await Promise.all([
    timed(() => checkSchema(db)),
    availability === null ? ({ status: 'off', latencyMs: null } as const) : timed(() => availability.ping()),
  ]);
  const status = postgres.status !== 'up' ? 'down' : redis.status === 'down' ? 'degraded' : 'ok';
  return { status, checks: { postgres, redis } };
}

async function timed(ask: () => Promise<unknown>): Promise<Check> {
  const startedMs = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'down'>((resolve) => {
    timer = setTimeout(() => resolve('down'), WITHIN_MS);
  });
  const found = await Promise.race([
    ask().then(
      () => 'up' as const,
      (error: unknown) => (error instanceof SchemaMissing ? ('unmigrated' as const) : ('down' as const)),
    ),
    late,
  ]);
  clearTimeout(timer);
  if (found !== 'up') return { status: 'down', latencyMs: null, ...(found === 'unmigrated' && { why: found }) };
  return { status: 'up', latencyMs: Math.round((performance.now() - startedMs) * 10) / 10 };
}
