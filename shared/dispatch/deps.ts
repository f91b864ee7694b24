import type { Availability } from '../availability/availability.ts';
import type { Db } from '../db/open-db.ts';
import type { ShopRow } from '../db/schema.ts';
import type { Caller } from '../domain/command.ts';
import type { Routing } from '../routing/open-routing.ts';
import type { Meter } from '../runtime/meter.ts';

/** What the engine works with. `availability` is null where there is no Redis: everything is answered from Postgres. */
export interface EngineDeps {
  db: Db;
  availability: Availability | null;
  shops: { byId(id: string): Promise<ShopRow | null> };
  /** Absent where there is no routing server: ways are estimated. */
  routing?: Routing | null;
  /** Absent where nobody reads the numbers. */
  meter?: Meter | undefined;
}

/** Told of a plan that could not be made or carried out; the marks in the data make it come again. */
export type Report = (event: 'plan_waits' | 'plan_failed', fields: { shopId: string; error: unknown }) => void;

/** The engine, and every follow-up that nobody asked for. */
export function engineCaller(): Caller {
  return { actor: 'dispatch', idempotency: null, degraded: new Set() };
}
