import { OFFLINE_AFTER_S } from '../../domain/driver.ts';
import type { Db } from '../open-db.ts';

/** Relays look every 5 s. Those who did not for so long could not, or were not there: drivers spoke to nobody. */
const BREAK_S = 20;

/**
 * Notes that drivers can be heard now, or with `anew` that they could not be until now.
 * @returns whether they could be for so long that their silence means something
 */
export async function couldBeHeard(db: Db, { anew = false } = {}): Promise<boolean> {
  const [row] = await db.run<{ long_enough: boolean }>(
    `INSERT INTO dispatch.hearing AS h (one) VALUES (true) ON CONFLICT (one) DO UPDATE SET renewed_at = now(),
       since = CASE WHEN $1 OR abs(extract(epoch FROM now() - h.renewed_at)) > $2::int THEN now() ELSE h.since END
     RETURNING h.since <= now() - $3::int * interval '1 s' AS long_enough`,
    [anew, BREAK_S, OFFLINE_AFTER_S],
  );
  return row?.long_enough ?? false;
}
