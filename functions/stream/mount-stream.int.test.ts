import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { systemClock } from '#shared/runtime/clock.ts';
import { openLog } from '#shared/runtime/log.ts';
import type { Labels } from '#shared/runtime/meter.ts';
import { buildDrivers, buildShop, HERE } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openTestDeps, type TestDeps } from '#shared/testing/flow-deps.ts';
import { fillWaiting } from '#shared/testing/large-tables.ts';
import { mountStream } from './mount-stream.ts';

let deps: TestDeps;
let main: Awaited<ReturnType<typeof serveStreams>>;
let url: string;
let shopId: string;
/** Statements that are answered before Postgres is lost. */
let answered = Number.POSITIVE_INFINITY;
/** What every statement waits for, and how many do. */
let held: Promise<void> = Promise.resolve();
let waiting = 0;
const lines: string[] = [];
const measured: (string | undefined)[] = [];
const withdrawn = new Set<string>();
/** The withdrawn keys that were asked about. */
const refused: string[] = [];

/** A server with nothing but streams. */
async function serveStreams() {
  const db: TestDeps['db'] = {
    ...deps.db,
    run: async (text, parameters) => {
      waiting += 1;
      await held;
      waiting -= 1;
      answered -= 1;
      if (answered < 0) throw new DependencyAway('postgres', new Error('lost'));
      return deps.db.run(text, parameters);
    },
  };
  const app = new Hono<{ Bindings: HttpBindings }>();
  const streams = mountStream(app, {
    ...deps,
    db,
    authenticate: async ({ authorization = 'k' }) => {
      if (withdrawn.has(authorization)) refused.push(authorization);
      return withdrawn.has(authorization) ? null : { kind: 'shop', shopId, keyId: authorization, scopes: ['read'] };
    },
    clock: systemClock,
    limits: {
      streams: () => ({ perKey: 3, perShop: 5 }),
      spend: () => null,
      noteRefusal: () => {},
      outOfRefusals: () => null,
    },
    meter: { observe: (_name: string, _value: number, { status }: Labels) => measured.push(status), count: () => {} },
    log: openLog({ level: 'info', write: (line) => lines.push(line) }),
    // The rest of what endpoints work with is none of a stream's business.
  } as unknown as ServiceDeps);
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server;
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const close = () => {
    streams.end();
    server.close();
  };
  return { port, url: `http://127.0.0.1:${port}/v1/stream`, end: streams.end, close };
}

beforeAll(async () => {
  deps = await openTestDeps();
  main = await serveStreams();
  url = main.url;
});
afterAll(async () => {
  main.close();
  await deps.close();
});
beforeEach(async () => {
  answered = Number.POSITIVE_INFINITY;
  held = Promise.resolve();
  lines.length = 0;
  measured.length = 0;
  shopId = await buildShop(deps.db);
  await buildDrivers(deps.db, shopId, [HERE]);
});

test('a stream whose start loses Postgres ends, with whole events alone, and the page comes again with its cursor', async () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
  const ends = [];
  // Wherever in its start Postgres is lost: before the head it is a problem document, after it the end.
  for (const statements of [0, 1, 2, 3]) {
    answered = statements;
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    if (response.status === 200 && answered >= 0) {
      await response.body?.cancel();
      break;
    }
    const text = await response.text();
    ends.push(response.status);
    if (response.status === 503) expect(JSON.parse(text)).toMatchObject({ status: 503 });
    else expect(text).toMatch(/^(id: \S+\nevent: changes\ndata: \{.*\}\n\n)$/);
    expect(lines.filter((line) => line.includes('dependency_away'))).toHaveLength(ends.length);
  }
  expect(ends).toContain(503);
  expect(ends).toContain(200);
  expect(printed.mock.calls).toEqual([]);
  printed.mockRestore();

  answered = Number.POSITIVE_INFINITY;
  const again = await fetch(url);
  const reader = again.body!.getReader();
  const { value } = await reader.read();
  expect(new TextDecoder().decode(value)).toContain('event: changes');
  await reader.cancel();
});

const asking = (key: string) => fetch(url, { headers: { authorization: key } });
/** Resolves when the server ends it. */
async function ended(response: Response): Promise<void> {
  const reader = response.body!.getReader();
  while (!(await reader.read()).done);
}

test('of many at once a key gets its places and no more, a shop likewise, and places come free again', async () => {
  const first = await Promise.all(Array.from({ length: 30 }, () => asking('one')));
  expect(first.filter(({ status }) => status === 200)).toHaveLength(3);
  const second = await Promise.all(Array.from({ length: 30 }, () => asking('two')));
  expect(second.filter(({ status }) => status === 200)).toHaveLength(2);
  const refused = first.find(({ status }) => status !== 200)!;
  expect(refused.status).toBe(429);
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    'content-type': 'application/problem+json',
    'retry-after': '5',
    'ratelimit-policy': '"streams-of-key";q=3',
  });
  expect(await refused.json()).toMatchObject({ 'violated-policies': ['streams-of-key'] });
  for (const response of [...first, ...second]) if (response.status === 200) await response.body!.cancel();
  await eventually(async () => {
    const again = await asking('one');
    await again.body?.cancel();
    expect(again.status).toBe(200);
  });
});

test('a refusal is logged and measured like every other', async () => {
  withdrawn.add('gone');
  expect((await asking('gone')).status).toBe(401);
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ event: 'request', route: '/v1/stream', status: 401 }),
  );
  expect(measured).toContain('401');
});

test('whose key is withdrawn hears nothing more within ten seconds; others go on', async () => {
  const [leaves, stays] = [await asking('leaves'), await asking('stays')];
  expect([leaves.status, stays.status]).toEqual([200, 200]);
  let isOver = false;
  const over = ended(stays).then(() => {
    isOver = true;
  });
  withdrawn.add('leaves');
  await eventually(() => ended(leaves).then(() => true), { timeoutMs: 10_000 });
  expect(isOver).toBe(false);
  withdrawn.add('stays');
  await over;
}, 20_000);

/** More than what lies between two sockets of one machine, and what a page may leave unread besides. */
const LARGE = { deliveries: 600, notes: 20_000 };

/** Asks for a stream and reads nothing of it until it is told to. */
async function askSlowly(key: string) {
  const socket = connect(main.port, '127.0.0.1').pause();
  socket.write(`GET /v1/stream HTTP/1.1\r\nhost: h\r\nconnection: close\r\nauthorization: ${key}\r\n\r\n`);
  lines.length = 0;
  await eventually(() => lines.some((line) => line.includes('stream_opened')));
  return socket;
}

/** Reads until this is said, or to the end. @returns the last of it */
async function readTo(socket: Socket, said: RegExp | 'end'): Promise<string> {
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text = (text + String(chunk)).slice(-100_000);
    if (said !== 'end' && said.test(text)) break;
  }
  return text;
}

async function fillBoard(): Promise<void> {
  await fillWaiting(deps.db, shopId, LARGE.deliveries);
  await deps.db.run('UPDATE dispatch.delivery SET notes = repeat($1, $2::int) WHERE shop_id = $3', [
    'x',
    LARGE.notes,
    shopId,
  ]);
}

test('a board of many megabytes is begun with, however slowly it is read; what comes after it too', async () => {
  await fillBoard();
  const socket = await askSlowly('slow');
  expect(await readTo(socket, /event: positions/)).toContain('event: positions');
  expect(socket.bytesRead).toBeGreaterThan(LARGE.deliveries * LARGE.notes);
  socket.destroy();
}, 20_000);

test('one that is ended while much of it is unread is read to its end, and nothing is added to it', async () => {
  await fillBoard();
  const socket = await askSlowly('unread');
  const other = await askSlowly('other');
  await readTo(other, /event: positions/);
  withdrawn.add('unread');
  await eventually(() => refused.includes('unread'), { timeoutMs: 10_000 });
  await deps.db.run(
    `INSERT INTO dispatch.driver_event (driver_id, version, shop_id, type, status, load, capacity, actor, recorded_at)
     SELECT id, version + 1, shop_id, 'CHANGED', status, load, capacity, 'test', now() FROM dispatch.driver WHERE shop_id = $1`,
    [shopId],
  );
  // All who watch the shop are told the same at the same time.
  await readTo(other, /event: changes/);
  other.destroy();
  expect(await readTo(socket, 'end')).toMatch(/\r\n0\r\n\r\n$/);
}, 20_000);

test('one that had not begun when all were ended is ended as it begins, and no other begins', async () => {
  const ending = await serveStreams();
  let release = () => {};
  held = new Promise((resolve) => {
    release = resolve;
  });
  const asked = fetch(ending.url);
  await eventually(() => waiting > 0);
  ending.end();
  release();
  await ended(await asked);
  expect((await fetch(ending.url)).status).toBe(503);
  ending.close();
});

test('who asks for the head alone is told what it would be', async () => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
  const { status, headers } = await fetch(url, { method: 'HEAD' });
  expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  withdrawn.add('headless');
  expect((await fetch(url, { method: 'HEAD', headers: { authorization: 'headless' } })).status).toBe(401);
  expect(printed.mock.calls).toEqual([]);
  printed.mockRestore();
});
