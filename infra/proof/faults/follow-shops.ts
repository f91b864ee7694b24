import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChangesView } from '#shared/contract/live.ts';
import type { Db } from '#shared/db/open-db.ts';
import type { DeliveryRow, DriverRow } from '#shared/db/schema.ts';
import { deliveryView, driverView } from '#shared/mappers/views.ts';
import { type Difference, type Follow, type Follower, openFollower, type Truth } from './follower.ts';
import type { BenchShop } from './world.ts';

/** Who follows shops through all that is broken: by asking, and by stream. */
export interface Followers {
  /**
   * Compares what they know with what is true, until it is the same or too late. Nothing is broken and nobody asks for
   * anything any more, but the engine may still go on.
   */
  settle(db: Db): Promise<readonly Follow[]>;
}

const ASK_MS = 400;
const AGAIN_MS = 300;
const TIMEOUT_MS = 6_000;
/** The server says something at least every 10 s. */
const SILENT_MS = 14_000;
const SETTLE_MS = 15_000;

/** @param ports of the workers */
export function followShops(shops: readonly BenchShop[], ports: readonly number[], signal: AbortSignal): Followers {
  const all = shops.flatMap((shop, n) => {
    const [asking, streaming] = [openFollower('changes', shop.slug), openFollower('stream', shop.slug)];
    void askAgain(asking, shop, ports, signal);
    void readStreams(streaming, shop, ports[n % ports.length] ?? 0, signal);
    return [asking, streaming].map((follower) => ({ follower, shop }));
  });
  return {
    async settle(db) {
      const untilMs = Date.now() + SETTLE_MS;
      for (;;) {
        const found: Follow[] = [];
        for (const { follower, shop } of all) {
          const wrong = await differences(db, shop, follower);
          found.push(follower.facts(wrong));
        }
        if (found.every(({ wrong }) => wrong.length === 0) || Date.now() > untilMs) return found;
        await pause(AGAIN_MS);
      }
    },
  };
}

/** A connection of its own for each question: none stays open that a stopping server would wait for. */
async function ask(port: number, path: string, headers: Record<string, string>, signal: AbortSignal) {
  const asked = get({ host: '127.0.0.1', port, path, headers, signal, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return response.setEncoding('utf8');
}

/** At one worker and the other in turn: a cursor is good everywhere. */
async function askAgain(follower: Follower, { key }: BenchShop, ports: readonly number[], signal: AbortSignal) {
  const headers = { authorization: `Bearer ${key}` };
  for (let n = 0; !signal.aborted; n += 1) {
    const after = follower.cursor();
    const path = `/v1/changes${after === null ? '' : `?after=${after}`}`;
    const soon = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      const response = await ask(ports[n % ports.length] ?? 0, path, headers, soon);
      const body = await text(response);
      if (response.statusCode === 200) follower.take(JSON.parse(body) as ChangesView);
    } catch {
      // Refused, cut off or too late: asked again, from where it stood.
    }
    await pause(ASK_MS, undefined, { signal }).catch(() => {});
  }
}

/** Comes back with the last id whenever a stream ends, as a browser does. */
async function readStreams(follower: Follower, { key }: BenchShop, port: number, signal: AbortSignal) {
  while (!signal.aborted) {
    const after = follower.cursor();
    const headers = { authorization: `Bearer ${key}`, ...(after !== null && { 'last-event-id': after }) };
    const silence = new AbortController();
    const watch = setTimeout(() => silence.abort(), SILENT_MS);
    try {
      const response = await ask(port, '/v1/stream', headers, AbortSignal.any([signal, silence.signal]));
      let rest = '';
      for await (const chunk of response) {
        watch.refresh();
        if (response.statusCode !== 200) continue;
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) hear(follower, block);
      }
    } catch {
      // The same.
    }
    clearTimeout(watch);
    await pause(AGAIN_MS, undefined, { signal }).catch(() => {});
  }
}

function hear(follower: Follower, block: string): void {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  if (fields.get('event') === 'changes') follower.take(JSON.parse(fields.get('data') ?? '') as ChangesView);
  else if (fields.get('event') === 'tick') follower.tick(fields.get('id') ?? '');
}

async function differences(db: Db, { id }: BenchShop, follower: Follower): Promise<readonly Difference[]> {
  const deliveries = await db.run<{ is_open: boolean; row: DeliveryRow }>(
    `SELECT ended_at IS NULL AS is_open, row_to_json(x) AS row FROM dispatch.delivery x WHERE shop_id = $1`,
    [id],
  );
  const drivers = await db.run<{ is_open: boolean; row: DriverRow }>(
    'SELECT active AS is_open, row_to_json(d) AS row FROM dispatch.driver d WHERE shop_id = $1',
    [id],
  );
  const views = [
    ...deliveries.map(({ is_open, row }) => ({ is_open, view: deliveryView(row) })),
    ...drivers.map(({ is_open, row }) => ({ is_open, view: driverView(row) })),
  ];
  // As JSON has it: a field that is undefined is none.
  const byId = (open: boolean): Truth['open'] =>
    new Map(
      views.filter(({ is_open }) => is_open === open).map(({ view }) => [view.id, JSON.parse(JSON.stringify(view))]),
    );
  return follower.compare({ open: byId(true), ended: byId(false) });
}
