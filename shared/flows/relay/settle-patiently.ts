import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../db/open-db.ts';
import { type ClaimedEvent, type Settled, type Settlement, settleEvents } from '../../db/statements/outbox.ts';
import { DependencyAway } from '../../domain/away.ts';
import { gather } from '../../runtime/gather.ts';

const AGAIN_AFTER_MS = 250;
/** With the sender's 15 s well within the lease of 60 s: after that the event may be somebody else's. */
const PATIENCE_MS = 30_000;

export type Settle = (event: ClaimedEvent, settlement: Settlement) => Promise<void>;

/** Writes down by one statement how those events went that ended while the statement before it ran. */
export function openSettle(db: Db): Settle {
  const ended = new Map<string, Settled>();
  const settleTogether = gather(async (ids) => {
    const settled = ids.flatMap((id) => ended.get(id) ?? []);
    for (const { id } of settled) ended.delete(id);
    await settleEvents(db, settled);
    return new Map<string, never>();
  });
  return async (event, settlement) => {
    ended.set(event.id, { id: event.id, shop_id: event.shop_id, as: settlement });
    await settleTogether(event.id);
  };
}

/**
 * Writes down how an event went, also when Postgres is away at that moment. Without it the event would be sent a
 * second time, and until its lease ends it would hold one of its shop's places: a short outage that met them all would
 * silence the shop for a minute.
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
