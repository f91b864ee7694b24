import type { Server } from 'node:http';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { openDeps, type ServiceDeps } from '#shared/composition/deps.ts';
import { openPageDeps, type PageDeps, type PhotoDeps } from '#shared/composition/page-deps.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { ensureDefaultShop } from '#shared/flows/shops.ts';
import { mount, SERVER_OPTIONS } from '#shared/http/node.ts';
import { openArrivals } from '#shared/runtime/arrivals.ts';
import type { Config } from '#shared/runtime/config.ts';
import { api, pages } from './api.ts';
import { endpoints as docs } from './docs/index.ts';
import { mountStream } from './stream/mount-stream.ts';
import type { Watch } from './watch.ts';

/** With `pages`, what API Gateway's routes are to the Lambdas; and the interface's description, which is no Lambda's. */
export const endpoints = [...api, ...docs];

export interface RunningServer {
  server: Server;
  deps: ServiceDeps;
  port: number;
  /** `http://host:port` as a client on this machine would ask it. */
  url: string;
  /** Lets go of the pages that watch, so that the server can close; they come back to another one. */
  endStreams: () => void;
}

const DEFAULT_SHOP_RETRY_MS = 2_000;

/** With its database away at the start, the shop `default` is made as soon as that is there. */
async function makeDefaultShop(deps: ServiceDeps, config: Config): Promise<void> {
  try {
    await ensureDefaultShop(deps, config);
  } catch (error) {
    if (!(error instanceof DependencyAway)) return deps.log.error('default_shop_failed', { error });
    deps.log.warn('default_shop_waits', { error });
    setTimeout(() => void makeDefaultShop(deps, config), DEFAULT_SHOP_RETRY_MS).unref();
  }
}

/** Starts the whole service in this process and listens. Without its database it listens all the same, and answers 503. */
export async function startServer(config: Config, watch: Watch = {}): Promise<RunningServer> {
  const deps = openDeps(config, 'on', watch);
  await makeDefaultShop(deps, config);
  const app = new Hono<{ Bindings: HttpBindings }>();
  const streams = mountStream(app, deps, config.trustedProxies);
  mount<PageDeps & PhotoDeps>(app, [...endpoints, ...pages], openPageDeps(config, deps), {
    ...openArrivals(),
    trustedProxies: config.trustedProxies,
  });
  const { host, port } = config.http;
  const server = await new Promise<Server>((resolve, reject) => {
    const listening = serve({ fetch: app.fetch, hostname: host, port, serverOptions: SERVER_OPTIONS }, () =>
      resolve(listening),
    ) as Server;
    listening.once('error', reject);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return { server, deps, port: bound, url: `http://127.0.0.1:${bound}`, endStreams: streams.end };
}
