import { SILENT_AFTER_S } from '../../domain/driver.ts';

/** Heard from lately enough to be found, by Postgres' clock. `l` is the driver's location. */
export const HEARD = `l.seen_at > now() - interval '${SILENT_AFTER_S} s'`;

/**
 * Since when driver `w` has been silent: on a break nobody is expected to be heard, and its end is where silence begins.
 * `l` is their location; null: never heard from.
 */
export const silentSince = (w: string) => `greatest(l.seen_at, ${w}.break_until)`;

/**
 * Who may be given delivery `f`, as the deciding statement asks it of driver `d` with location `l`: of this shop, in
 * service, AVAILABLE with room for it, with its tags, on shift until
 * the time they are planned to bring it (where none is planned, a shift must have no end), and heard from. Redis only ever proposed them. With
 * FOR UPDATE the test is made again on the newest version of the row.
 */
export const eligible = `d.shop_id = f.shop_id AND d.active AND d.status = 'AVAILABLE'
    AND d.load + d.reserved + f.size <= d.capacity AND d.tags @> f.requires
    AND (d.shift_ends_at IS NULL OR d.shift_ends_at > (f.told -> d.id::text ->> 'dropoff_at')::timestamptz)
    AND ${HEARD}`;
