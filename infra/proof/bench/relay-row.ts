import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { openDb } from '#shared/db/open-db.ts';
import { openSender } from '#shared/flows/relay/send-events.ts';
import { openSecretBox } from '#shared/secrets/secret-box.ts';
import { closeWebhookConnections, sendWebhook } from '#shared/webhooks/send.ts';
import { signatureHeaders } from '#shared/webhooks/sign.ts';
import { judged, type Row, type Sample, sample, sideBySide } from './figures.ts';
import { metered } from './process-cpu.ts';
import { clearShops } from './seed.ts';
import { SIGNING_SECRET, type World } from './world.ts';

const ENDPOINTS = 8;
const EVENTS = 2_400;
/** Of each delivery, so that there is an order to be kept. */
const PER_DELIVERY = 3;
/** The relay has at most 16 under way for one shop. */
const PER_ENDPOINT = 16;
/** Each place of the bare loop posts equally many. */
const EACH_POSTS = Math.ceil(EVENTS / ENDPOINTS / PER_ENDPOINT);
const POSTED = EACH_POSTS * PER_ENDPOINT * ENDPOINTS;

/** The outbox to 8 shops' endpoints, against the same bodies posted in a bare loop with as many under way. */
export async function relayRow(world: World): Promise<Row> {
  const { db, options } = world;
  const service = await world.startService();
  await service.stop();
  const receivers = await Promise.all(Array.from({ length: ENDPOINTS }, () => startReceiver()));
  const disorders: number[] = [];
  // This process sends and receives.
  const pids = [world.postgres.pid];
  const both = await sideBySide(
    options.rounds,
    async () => {
      await clearShops(db);
      await fillOutbox(
        world,
        receivers.map(({ url }) => url),
      );
      const sent = await metered(pids, async () => ({ sample: await sendAll(world), operations: EVENTS }));
      disorders.push(...(await Promise.all(receivers.map((receiver) => receiver.disorder()))));
      return sent;
    },
    () => metered(pids, async () => ({ sample: await postAll(receivers.map(({ url }) => url)), operations: POSTED })),
  );
  await Promise.all(receivers.map((receiver) => receiver.stop()));
  await db.run("UPDATE dispatch.shop SET webhook_url = NULL WHERE slug LIKE 'bench-%'");
  const outOfOrder = disorders.reduce((sum, each) => sum + each, 0);
  return {
    name: 'outbox → 8 endpoints',
    unit: '/s',
    ...both,
    wanted: '≥ 0.50, in order',
    reached: outOfOrder > 0 ? false : judged(both, both.ratio >= 0.5),
    notes: [
      `floor: the same POSTs in a bare loop; ${both.spread}`,
      `${outOfOrder} of ${EVENTS * options.rounds} events out of order; p50/p99 are from the commit to the answer`,
    ],
  };
}

async function fillOutbox({ db }: World, urls: readonly string[]): Promise<void> {
  await db.run(
    `INSERT INTO dispatch.shop (slug, name) SELECT 'bench-' || n, 'Bench' FROM generate_series(1, $1::int) n ON CONFLICT (slug) DO NOTHING`,
    [urls.length],
  );
  await db.run(
    `UPDATE dispatch.shop SET webhook_secrets = ARRAY[$2], webhook_url = (SELECT u.url FROM json_array_elements_text($1::text::json)
       WITH ORDINALITY u(url, n) WHERE slug = 'bench-' || u.n) WHERE slug LIKE 'bench-%'`,
    [JSON.stringify(urls), SIGNING_SECRET],
  );
  await db.run(
    `WITH d AS (INSERT INTO dispatch.delivery (shop_id, dispatch, version, pickup, dropoff)
       SELECT s.id, 'needs_location', 1, '{}', '{}' FROM dispatch.shop s, generate_series(1, $1::int)
       WHERE s.slug LIKE 'bench-%' RETURNING id, shop_id),
     e AS (INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor)
       SELECT d.id, n, d.shop_id, 'CREATED', 'PENDING', now(), 'bench' FROM d, generate_series(1, $2::int) n RETURNING *)
     INSERT INTO dispatch.outbox (shop_id, delivery_id, seq, event, body)
       SELECT shop_id, delivery_id, seq, 'DELIVERY_CREATED_V1', json_build_object('deliveryId', delivery_id,
         'sequence', seq, 'data', repeat('x', 300))::text FROM e`,
    [EVENTS / ENDPOINTS / PER_DELIVERY, PER_DELIVERY],
  );
  await db.run('ANALYZE');
}

/** What the relay does with its outbox, without its pauses, until it is empty. */
async function sendAll({ postgres }: World): Promise<Sample> {
  const db = openDb({ url: postgres.url, pool: 10, prepare: true, sessionTimeouts: true });
  const ages: number[] = [];
  let failure: string | null = null;
  const startedAt = performance.now();
  const sender = openSender({
    db,
    secretBox: openSecretBox({ secret: 'of the bench, whose secrets are not sealed', previousSecret: null }),
    send: (request) => sendWebhook({ ...request, allowPrivate: true }),
    nowMs: Date.now,
    random01: Math.random,
    report: (event, fields) => {
      if (event === 'webhook_sent' && fields.outcome === 'sent') ages.push(performance.now() - startedAt);
      else failure ??= `${event}: ${fields.outcome} ${fields.detail} ${fields.error}`;
    },
  });
  while (ages.length < EVENTS && failure === null && performance.now() - startedAt < 60_000) {
    await sender.begin();
    await Promise.race([sender.progress(), sleep(10)]);
  }
  await sender.idle();
  if (ages.length < EVENTS) throw new Error(`${ages.length} of ${EVENTS} events were sent; ${failure}`);
  const tookS = (performance.now() - startedAt) / 1000;
  closeWebhookConnections();
  await db.close();
  return sample(EVENTS / tookS, { p50Ms: ages[EVENTS / 2] ?? null, p99Ms: ages[Math.floor(EVENTS * 0.99)] ?? null });
}

/** As many bytes as the relay posts, headers and all, signed beforehand. */
async function postAll(urls: readonly string[]): Promise<Sample> {
  const body = JSON.stringify({ deliveryId: randomUUID(), sequence: 0, data: 'x'.repeat(300) });
  const signed = { id: randomUUID(), timestampS: Math.floor(Date.now() / 1000), body, secrets: [SIGNING_SECRET] };
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'driver-dispatch/1',
    ...signatureHeaders(signed),
  };
  const pools = urls.map((url) => new Pool(url, { connections: PER_ENDPOINT }));
  const startedAt = performance.now();
  await Promise.all(
    pools.flatMap((pool) =>
      Array.from({ length: PER_ENDPOINT }, async () => {
        for (let i = 0; i < EACH_POSTS; i += 1) {
          const answer = await pool.request({ method: 'POST', path: '/', headers, body });
          await answer.body.dump();
        }
      }),
    ),
  );
  const tookS = (performance.now() - startedAt) / 1000;
  await Promise.all(pools.map((pool) => pool.close()));
  return sample(POSTED / tookS);
}

/** Answers 200 and notes whether a delivery's events came in order. In this process: both sides pay for it alike. */
async function startReceiver() {
  const last = new Map<string, number>();
  let disorder = 0;
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const { deliveryId, sequence } = JSON.parse(text) as { deliveryId: string; sequence: number };
      if (sequence !== 0) {
        if (sequence !== (last.get(deliveryId) ?? 0) + 1) disorder += 1;
        last.set(deliveryId, sequence);
      }
      response.writeHead(200).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    disorder: async () => {
      const found = disorder;
      disorder = 0;
      last.clear();
      return found;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
