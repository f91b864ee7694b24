import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type Lambda, startLambda, toEvent } from './lambda-emulator.ts';

const folder = mkdtempSync(join(tmpdir(), 'lambda-'));
afterAll(() => rmSync(folder, { recursive: true }));
let running: Lambda | undefined;
afterEach(() => running?.stop());

async function start(source: string, env: Record<string, string> = {}): Promise<Lambda> {
  const bundle = join(folder, `${crypto.randomUUID()}.mjs`);
  writeFileSync(bundle, source);
  running = await startLambda({ bundle, env });
  return running;
}

test('a bundled endpoint answers an API Gateway event in a process of its own', async () => {
  const bundle = join(folder, 'endpoint.mjs');
  await build({
    stdin: {
      contents: `
        import { endpoint } from '#shared/http/endpoint.ts';
        import { lambda } from '#shared/http/lambda.ts';
        import { openLog } from '#shared/runtime/log.ts';
        import { systemClock } from '#shared/runtime/clock.ts';
        const echo = endpoint({
          method: 'POST', path: '/echo/:id', auth: 'none',
          handle: ({ params, rawBody, query }) =>
            ({ status: 200, body: { pid: process.pid, id: params.id, bytes: [...rawBody], q: query.get('q') } }),
        });
        const deps = { authenticate: async () => null, log: openLog({ level: 'info' }), clock: systemClock };
        export const handler = lambda([echo], deps);`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile: bundle,
  });
  running = await startLambda({ bundle, env: {} });
  const event = toEvent({ method: 'POST', path: '/echo/a%20b?q=1', body: new Uint8Array([0xff, 0]) });
  const result = await running.invoke(event);
  const body = JSON.parse(result.body ?? '');
  expect(body).toMatchObject({ id: 'a b', bytes: [255, 0], q: '1' });
  expect(body.pid).not.toBe(process.pid);
  expect(await running.invoke(toEvent({ path: '/echo/a' }))).toMatchObject({
    statusCode: 405,
    headers: { allow: 'POST' },
  });
  expect(running.output()).toContain('"route":"/echo/:id"');
});

test('invocations wait for each other, and find only the environment they were given', async () => {
  const { invoke } = await start(
    `let busy = 0;
     export const handler = async (event) => {
       busy += 1;
       const most = busy;
       await new Promise((resolve) => setImmediate(resolve));
       busy -= 1;
       return { most, event, mine: process.env.MINE, home: process.env.HOME ?? null };
     };`,
    { MINE: 'yes' },
  );
  const results = await Promise.all([1, 2, 3].map((event) => invoke(event)));
  expect(results).toEqual([1, 2, 3].map((event) => ({ most: 1, event, mine: 'yes', home: null })));
});

test('an error is handed back, and the next invocation is answered', async () => {
  const { invoke } = await start(
    `export const handler = async (event) => { if (event.bad) throw new TypeError('no'); return { ok: true }; };`,
  );
  await expect(invoke({ bad: true })).rejects.toThrow('TypeError: no');
  expect(await invoke({})).toEqual({ ok: true });
});

test('a bundle that does not load, and a process that ends, fail every invocation', async () => {
  const broken = await start(`throw new RangeError('PORT is missing');`);
  await expect(broken.invoke({})).rejects.toThrow('PORT is missing');
  await broken.stop();
  const dying = await start(`export const handler = async () => process.exit(3);`);
  await expect(dying.invoke({})).rejects.toThrow('ended (3)');
  await expect(dying.invoke({})).rejects.toThrow('ended (3)');
});
