import { SILENT_AFTER_S } from '../../domain/driver.ts';

/**
 * Who may be given a delivery, as the deciding statements ask it of driver `d` with location `l` and parameters `p`:
 * a candidate, of this shop, in service, AVAILABLE with a free place, and heard from by Postgres' clock. Redis only
 * ever proposed him. With FOR UPDATE SKIP LOCKED the test is made again on the newest version of the row.
 */
export const eligible = `d.id = ANY(p.candidates) AND d.shop_id = p.shop_id AND d.active AND d.status = 'AVAILABLE'
    AND d.load < d.capacity AND l.seen_at > now() - interval '${SILENT_AFTER_S} s'`;
