import type { Db } from '../open-db.ts';

/**
 * Uses a one-time login ticket up. It lies among the idempotency keys, which are kept longer than a ticket lives.
 * @returns false if it was used before, by whichever process
 */
export async function useTicket(db: Db, ticketId: string): Promise<boolean> {
  const rows = await db.run(
    `INSERT INTO dispatch.idempotency (scope, key, request_sha256, result) VALUES ('login-ticket', $1, '', 'null')
     ON CONFLICT DO NOTHING RETURNING key`,
    [ticketId],
  );
  return rows.length === 1;
}
