import { once } from 'node:events';
import type { Server } from 'node:http';
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
import { mountStream } from './mount-stream.ts';

let deps: TestDeps;
let server: Server;
let url: string;
let shopId: string;
let streams: { end: () => void };
/** Statements that are answered before Postgres is lost. */
let answered = Number.POSITIVE_INFINITY;
const lines: string[] = [];
const measured: (string | undefined)[] = [];
const withdrawn = new Set<string>();

beforeAll(async () => {
  deps = await openTestDeps();
  const db: TestDeps['db'] = {
    ...deps.db,
    run: async (text, parameters) => {
      answered -= 1;
      if (answered < 0) throw new DependencyAway('postgres', new Error('lost'));
      return deps.db.run(text, parameters);
    },
  };
  const app = new Hono<{ Bindings: HttpBindings }>();
  streams = mountStream(app, {
    ...deps,
    db,
    authenticate: async ({ authorization = 'k' }) =>
      withdrawn.has(authorization) ? null : { kind: 'shop', shopId, keyId: authorization, scopes: ['read'] },
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
  server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }) as Server;
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1/stream`;
});
afterAll(async () => {
  streams.end();
  server.close();
  await deps.close();
});
beforeEach(async () => {
  answered = Number.POSITIVE_INFINITY;
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
