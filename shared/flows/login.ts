import { randomUUID } from 'node:crypto';
import { deleteSession, insertSession } from '../db/statements/console-session.ts';
import { useTicket } from '../db/statements/login-ticket.ts';
import type { Seal } from '../secrets/seal.ts';
import type { FlowDeps } from './deps.ts';

/** A ticket lives for a day at most; that it was used is noted among the idempotency keys. */
const TICKET_LIFE_MS = 24 * 3_600_000;

/** A ticket that logs in once, without a key: for the link that `npm start` prints. */
export function loginTicket(seal: Seal, who: { shopId: string; keyId: string }, nowMs: number): string {
  return seal.close('ticket', { ...who, id: randomUUID() }, nowMs + TICKET_LIFE_MS);
}

/** Whom a ticket logs in; `null` if it is no ticket, too old, or was used. */
export async function redeemTicket(
  { db }: Pick<FlowDeps, 'db'>,
  seal: Seal,
  ticket: string,
  nowMs: number,
): Promise<{ shopId: string; keyId: string } | null> {
  const content = seal.open('ticket', ticket, nowMs);
  if (!content?.id || !content.shopId || !content.keyId) return null;
  return (await useTicket(db, content.id)) ? { shopId: content.shopId, keyId: content.keyId } : null;
}

/** @returns the session's id, good for `lifeS` unless it is ended before, or its key is withdrawn; null where it was */
export function beginSession({ db }: Pick<FlowDeps, 'db'>, keyId: string, lifeS: number): Promise<string | null> {
  return insertSession(db, keyId, lifeS);
}

/** Good for 10 s more at most, in processes where it was just used. */
export function endSession({ db }: Pick<FlowDeps, 'db'>, sessionId: string): Promise<void> {
  return deleteSession(db, sessionId);
}
