import { openDb } from '../../../../shared/db/open-db.ts';
import { loadConfig } from '../../../../shared/runtime/config.ts';
import { asMetrics, type Backlog } from './metrics.ts';

const BACKLOG = `
  SELECT coalesce((SELECT extract(epoch FROM now() - o.created_at) FROM dispatch.outbox o
                     JOIN dispatch.outbox_lane l ON l.delivery_id = o.delivery_id JOIN dispatch.shop s ON s.id = o.shop_id
                    WHERE o.sent_at IS NULL AND l.parked_at IS NULL
                      AND s.webhook_url IS NOT NULL AND s.webhook_disabled_at IS NULL
                    ORDER BY o.created_at LIMIT 1), 0)::float8 AS "outboxOldestS",
         (SELECT count(*) FROM dispatch.outbox_lane WHERE parked_at IS NOT NULL)::int AS "outboxParked",
         coalesce((SELECT extract(epoch FROM now() - min(marked_at)) FROM dispatch.projection_dirty), 0)::float8
           AS "projectionOldestS",
         (SELECT count(*) FROM dispatch.delivery WHERE ended_at IS NULL AND status = 'PENDING')::int AS "deliveriesWaiting"`;

/**
 * Says how far behind the relay is, from outside the relay, so that it is told of a relay that does not run too. One line
 * in CloudWatch's embedded metric format, which becomes metrics without any right but to log.
 */
export async function handler(): Promise<Backlog> {
  const db = openDb({ ...loadConfig().postgres, pool: 1 });
  try {
    const [backlog] = await db.run<Backlog>(BACKLOG);
    if (backlog === undefined) throw new Error('no answer');
    process.stdout.write(`${JSON.stringify(asMetrics(backlog, Date.now()))}\n`);
    return backlog;
  } finally {
    await db.close();
  }
}
