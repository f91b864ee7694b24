import type { Db } from '#shared/db/open-db.ts';
import { readBoard } from '#shared/db/statements/changes.ts';
import { commitPlan } from '#shared/db/statements/commit-plan.ts';
import { fillBlocked } from './blocked-events.ts';
import { buildDrivers, buildShop, HERE } from './builders.ts';
import { fillFinished, fillHistory, fillWaiting } from './large-tables.ts';
import { planFor } from './plan-rows.ts';
import { nobody } from './shop-commands.ts';
import type { Asking } from './statements/asking.ts';

/** A shop with something in every table; whatever is not an id is the same in all of them. @returns how to ask about it */
export async function fillOneOfTwo(db: Db): Promise<Asking> {
  const shop = await buildShop(db);
  const drivers = await buildDrivers(db, shop, [HERE, HERE, HERE], { capacity: 10 });
  await fillFinished(db, shop, 30);
  await fillHistory(db, shop, 30);
  await fillWaiting(db, shop, 12);
  await fillBlocked(db, shop, 2, 2);
  const waiting = await idsOf(db, shop, "dispatch = 'searching'");
  const [ended = ''] = await idsOf(db, shop, "order_ref = 'OLD-7'");
  await commitPlan(db, nobody, await planFor(db, shop, [{ driver: drivers[0]!, gets: waiting.splice(0, 2) }]));
  for (const text of THE_REST) await db.run(text, [shop, drivers[1], waiting.at(-1)].slice(0, parametersOf(text)));
  const plan = await planFor(db, shop, [{ driver: drivers[1]!, gets: waiting.slice(0, 3) }]);
  return { shop, drivers, waiting, ended, plan, cursor: (await readBoard(db, shop)).cursor };
}

async function idsOf(db: Db, shop: string, condition: string): Promise<string[]> {
  const text = `SELECT id FROM dispatch.delivery WHERE shop_id = $1 AND ${condition} ORDER BY id`;
  return (await db.run<{ id: string }>(text, [shop])).map(({ id }) => id);
}

/** What neither a plan nor a finished delivery leaves behind. $1 the shop, $2 a driver, $3 a delivery that waits. */
const THE_REST = [
  `WITH k AS (INSERT INTO dispatch.api_key (id, shop_id, name, secret_sha256, scopes)
     VALUES ('key of ' || $1::uuid, $1, 'Key', 'x', array['read']) RETURNING id)
   INSERT INTO dispatch.console_session (key_id, expires_at) SELECT id, now() + interval '1 h' FROM k`,
  `INSERT INTO dispatch.device (shop_id, driver_id, name, expires_at) VALUES ($1, $2, 'Phone', now() + interval '1 day')`,
  `INSERT INTO dispatch.pairing (finder, proof, shop_id, driver_id, token_ttl_s, expires_at)
   VALUES ('finder of ' || $1::uuid, 'x', $1, $2, 60, now() + interval '1 h')`,
  `INSERT INTO dispatch.push_subscription (shop_id, driver_id, token_version, endpoint, p256dh, auth, told_version)
   VALUES ($1, $2, 1, 'https://push.example/a', 'a', 'a', 0)`,
  `INSERT INTO dispatch.dispatch_lease (shop_id, holder, until) VALUES ($1, 'planner', now())
   ON CONFLICT (shop_id) DO NOTHING`,
  `WITH o AS (INSERT INTO dispatch.offer (shop_id, driver_id, delivery_ids, size, exclusive, wave, expires_at)
     VALUES ($1, $2, array[$3::uuid], 1, true, 1, now() - interval '1 s'))
   UPDATE dispatch.driver SET reserved = 1 WHERE id = $2`,
];

function parametersOf(text: string): number {
  return Math.max(...[...text.matchAll(/\$(\d)/g)].map(([, n]) => Number(n)));
}
