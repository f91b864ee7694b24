import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startServer } from '#functions/server.ts';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { loginTicket } from '#shared/flows/login.ts';
import { readConfig } from '#shared/runtime/config.ts';
import { testDatabase, testRedis } from './stores.ts';

const KEY = 'dk_stage_0123456789abcdef';

/** The whole service, with a shop to fill, for tests that look at it through a browser. */
export interface Stage {
  url: string;
  key: string;
  /** A link that logs in, once. */
  loginLink(): Promise<string>;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape
  api(method: string, path: string, body?: unknown, token?: string): Promise<any>;
  deps: ServiceDeps;
  /** With which another host works on the same stores. */
  environment: Readonly<Record<string, string>>;
  shopId(): Promise<string>;
  /** Cuts every connection, as a worker that dies does; whoever comes back is served again. */
  cutConnections(): void;
  close(): Promise<void>;
}

export async function openStage(environment: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const [database, redis] = [await testDatabase(), testRedis()];
  const proofs = await mkdtemp(path.join(tmpdir(), 'proofs-'));
  const settings = {
    DATABASE_URL: database.url,
    DB_POOL: '5',
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    TOKEN_SECRET: 'a token secret for the tests, 32+',
    DEFAULT_SHOP_KEY: KEY,
    DEFAULT_SHOP_PICKUP_LAT: '52.5291',
    DEFAULT_SHOP_PICKUP_LON: '13.4013',
    PROOF_DIR: proofs,
    LOG_LEVEL: 'silent',
    ...environment,
  };
  const config = readConfig(settings);
  const { server, deps, url, endStreams } = await startServer({
    ...config,
    http: { ...config.http, port: 0, host: '127.0.0.1' },
  });
  const api: Stage['api'] = async (method, target, body, token = KEY) => {
    const response = await fetch(url + target, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const shopId = async () => (await deps.shops.bySlug('default'))!.id;
  return {
    url,
    key: KEY,
    api,
    deps,
    environment: settings,
    cutConnections: () => server.closeAllConnections(),
    shopId,
    loginLink: async () =>
      `${url}/console#login=${loginTicket(deps.seal, { shopId: await shopId(), keyId: 'stage' }, Date.now())}`,
    async close() {
      endStreams();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await deps.close();
      await database.drop();
      await rm(proofs, { recursive: true, force: true });
    },
  };
}
