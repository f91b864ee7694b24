import { randomUUID } from 'node:crypto';
import type { Db } from '../../db/open-db.ts';
import { type ClaimedPush, claimPushes, type PushSettlement, settlePush } from '../../db/statements/tell-phones.ts';
import { retryDelayMs } from '../../domain/retry-schedule.ts';
import type { Push } from '../../webhooks/push.ts';
import type { WebhookOutcome } from '../../webhooks/send.ts';

/** Messages that a relay has under way at once, in all and for one shop: a push service that hangs holds its own places. */
const LIMIT = 64;
const PER_SHOP = 16;
/** With what `retryDelayMs` waits in between: about two days. */
const MOST_ATTEMPTS = 11;

export interface PhonesDeps {
  db: Db;
  push: Push;
  random01: () => number;
  /** One line per message that left, or did not. */
  report: (event: string, fields: Record<string, unknown>) => void;
}

export interface PhonesTeller {
  /** Claims what is to be told and begins to tell it. @returns how many were begun */
  begin(): Promise<number>;
  /** Resolves when none is under way. */
  idle(): Promise<void>;
}

/**
 * Tells drivers' phones what they were not told: never lost, since a phone that is behind stays so until its push service
 * has taken the message, and not twice, but where a relay dies between that and noting it; then the same message comes
 * again, with the same kind and version.
 */
export function openPhonesTeller(deps: PhonesDeps): PhonesTeller {
  const relay = randomUUID();
  const works = new Map<string, { shopId: string; work: Promise<void> }>();
  const byShop = () => {
    const counts: Record<string, number> = {};
    for (const { shopId } of works.values()) counts[shopId] = (counts[shopId] ?? 0) + 1;
    return counts;
  };
  return {
    async begin() {
      const limit = LIMIT - works.size;
      if (limit <= 0) return 0;
      const claimed = await claimPushes(deps.db, { relay, limit, perShop: PER_SHOP, underWay: byShop() });
      for (const push of claimed) {
        const work = tellOne(deps, relay, push).finally(() => works.delete(push.id));
        works.set(push.id, { shopId: push.shop_id, work });
      }
      return claimed.length;
    },
    idle: async () => void (await Promise.all([...works.values()].map(({ work }) => work))),
  };
}

/** Never rejects: what could not be settled is told again when its lease ends. */
async function tellOne(deps: PhonesDeps, relay: string, push: ClaimedPush): Promise<void> {
  const fields = { kind: push.kind, driverId: push.driver_id, shopId: push.shop_id, attempt: push.attempts };
  try {
    const { kind, driver_id: driverId, version } = push;
    const answer = await deps.push(push, { payload: { kind, driverId, version }, topic: kind, ttlS: push.ttl_s });
    const settlement = settlementOf(push, answer, deps.random01());
    await settlePush(deps.db, relay, push, settlement);
    deps.report('push_sent', { ...fields, outcome: settlement.outcome, detail: answer.detail });
  } catch (error) {
    deps.report('push_unsettled', { ...fields, error });
  }
}

function settlementOf(push: ClaimedPush, answer: WebhookOutcome, random01: number): PushSettlement {
  if (answer.outcome === 'delivered') return { outcome: 'told' };
  if (answer.outcome === 'gone' || push.attempts >= MOST_ATTEMPTS) return { outcome: 'gone' };
  return { outcome: 'again', inMs: retryDelayMs(push.attempts, random01, answer.retryAfterS) };
}
