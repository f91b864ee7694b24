import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../db/open-db.ts';
import { type ClaimedEvent, type Settled, type Settlement, settleEvents } from '../../db/statements/outbox.ts';
import { DependencyAway } from '../../domain/away.ts';
import { openBatch } from '../../runtime/batch.ts';

const PER_STATEMENT = 500;
const AGAIN_AFTER_MS = 250;
/** While Postgres is away nobody else can take the event over either, whatever has become of its lease. */
const PATIENCE_MS = 30_000;

export type Settle = (event: ClaimedEvent, settlement: Settlement) => Promise<void>;

/** Writes down by one statement how those events of this relay went that ended while the statement before it ran. */
export function openSettle(db: Db, relay: string): Settle {
  const batch = openBatch<Settled, undefined>({
    mode: 'one_at_a_time',
    most: PER_STATEMENT,
    run: async (_, settled) => {
      await settleEvents(db, relay, settled);
      return settled.map(() => undefined);
    },
  });
  return (event, settlement) => batch.add('', { event, as: settlement });
}

/**
 * Writes down how an event went, also when Postgres is away at that moment: without it the event would be sent a second
 * time.
 * @throws DependencyAway when Postgres stays away
 */
export async function settlePatiently(settle: Settle, event: ClaimedEvent, settlement: Settlement): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await settle(event, settlement);
    } catch (error) {
      if (!(error instanceof DependencyAway) || performance.now() > untilMs) throw error;
      await sleep(AGAIN_AFTER_MS);
    }
  }
}
