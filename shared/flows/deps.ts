import type { Availability } from '../availability/availability.ts';
import type { Db } from '../db/open-db.ts';
import type { ShopRow } from '../db/schema.ts';
import type { IdempotencyClaim } from '../db/statements/run-command.ts';
import type { Meter } from '../runtime/meter.ts';
import type { ContactWriter } from './contact-writer.ts';
import type { OrderIntake } from './order-intake.ts';

/** What the flows work with. `availability` is null where there is no Redis: everything is answered from Postgres. */
export interface FlowDeps {
  db: Db;
  availability: Availability | null;
  shops: ShopBook;
  /** Absent where a process may end with its request: contacts are then written within it. */
  contacts?: ContactWriter;
  /** Absent where a process answers one request at a time: each order is then stored by itself. */
  intake?: OrderIntake;
  /** Absent where nobody reads the numbers. */
  meter?: Meter | undefined;
}

/** Shops by id or slug, remembered for a few seconds: settings a request needs but never changes. */
export interface ShopBook {
  byId(id: string): Promise<ShopRow | null>;
  bySlug(slug: string): Promise<ShopRow | null>;
  /** Forget what is remembered of this shop: it was changed here. */
  forget(shop: { id: string; slug: string }): void;
}

/** Who does something, for the event; under which key; and what had to be done without. */
export interface Caller {
  actor: string;
  idempotency: IdempotencyClaim | null;
  /** Filled by flows that had to do without Redis; becomes the header `Degraded: redis`. */
  degraded: Set<'redis'>;
  /** Of the request, for the webhooks it causes. Absent where nobody asked. */
  requestId?: string | undefined;
  /** Of the request's trace, where tracing is on. */
  traceparent?: string | undefined;
}

/** The relay and every follow-up that nobody asked for. */
export function relayCaller(): Caller {
  return { actor: 'relay', idempotency: null, degraded: new Set() };
}
