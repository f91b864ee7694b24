import postgres from 'postgres';
import type { Db } from '#shared/db/open-db.ts';

/** On one connection and without deadlines: for filling tables on a machine that has other work. */
export function openPatientDb(url: string): Db {
  const sql = postgres(url, { max: 1, onnotice: () => {}, fetch_types: false });
  return {
    run: async <Row>(text: string, parameters: readonly unknown[] = []) =>
      (await sql.unsafe(text, parameters as never[])) as unknown as readonly Row[],
    close: () => sql.end(),
  };
}
