import type { Db } from '../open-db.ts';

/**
 * Uses a one-time login ticket up. It lies among the results that are kept under keys, longer than a ticket lives.
 * @returns false if it was used before, by whichever process
 */
export async function useTicket(db: Db, ticketId: string): Promise<boolean> {
  const rows = await db.run(
    `INSERT INTO dispatch.kept_result (digest, request, result) VALUES (dispatch.digest('login-ticket ' || $1), dispatch.digest(''), 'null')
     ON CONFLICT DO NOTHING RETURNING 1`,
    [ticketId],
  );
  return rows.length === 1;
}
