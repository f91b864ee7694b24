import type { Db } from '#shared/db/open-db.ts';

/**
 * Drivers whose stops are not a legal route: the load is not the sum of the sizes of what has stops, the
 * places kept are not those of open offers, two stops have one
 * rank, or a dropoff comes before its pickup; and drivers whose versions have gaps or no event. Empty: all is well.
 */
export async function brokenRoutes(db: Db): Promise<readonly string[]> {
  const rows = await db.run<{ fault: string }>(
    `WITH stop AS (SELECT driver_id, id, pickup_rank AS rank FROM dispatch.delivery WHERE pickup_rank IS NOT NULL
       UNION ALL SELECT driver_id, id, dropoff_rank FROM dispatch.delivery WHERE dropoff_rank IS NOT NULL)
     SELECT 'load ' || d.load || ' of ' || d.id AS fault FROM dispatch.driver d WHERE d.load <> (SELECT coalesce(sum(x.size), 0)
       FROM dispatch.delivery x WHERE x.driver_id = d.id AND x.dropoff_rank IS NOT NULL)
     UNION ALL SELECT 'reserved ' || d.reserved || ' of ' || d.id FROM dispatch.driver d WHERE d.reserved <> (SELECT coalesce(sum(o.size), 0)
       FROM dispatch.offer o WHERE o.driver_id = d.id AND o.exclusive AND o.state = 'open')
     UNION ALL SELECT 'rank ' || rank || ' twice of ' || driver_id FROM stop GROUP BY driver_id, rank HAVING count(*) > 1
     UNION ALL SELECT 'order of ' || id FROM dispatch.delivery WHERE pickup_rank >= dropoff_rank
     UNION ALL SELECT 'events of ' || e.driver_id FROM dispatch.driver_event e JOIN dispatch.driver d ON d.id = e.driver_id
       GROUP BY e.driver_id, d.version HAVING count(*) <> d.version - min(e.version) + 1 OR max(e.version) <> d.version`,
  );
  return rows.map((row) => row.fault);
}
