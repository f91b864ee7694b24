import { once } from 'node:events';
import type { Server } from 'node:http';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { DependencyAway } from '#shared/domain/away.ts';
import type { ServiceDeps } from '#shared/runtime/deps.ts';
import { openLog } from '#shared/runtime/log.ts';
import { buildDrivers, buildShop, HERE } from '#shared/testing/builders.ts';
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
    authenticate: async () => ({ kind: 'shop', shopId, keyId: 'k', scopes: ['read'] }),
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
