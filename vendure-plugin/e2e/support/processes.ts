import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { TransactionalConnection } from '@vendure/core';
import { inject } from 'vitest';
import { eventually } from './eventually';
import { freePort } from './free-port';
import type {} from './global-setup';
import { Service } from './service';
import { serviceRoot } from './service-files';
import { openShop, type Shop, shopConfig } from './shop';
import type { Committed, Queue, ShopProcess } from './shop-process';

const plugin = path.resolve(__dirname, '../..');
type Role = ShopProcess['role'];

/** A shop whose server and worker are processes of their own, the service, and the line to the queue's Redis. */
export interface Processes {
  shop: Shop;
  service: Service;
  redis: Line;
  /** When orders were committed, by their codes, in ms. */
  committed: ReadonlyMap<string, number>;
  start(role: Role): Promise<void>;
  /** As a power cut would. */
  kill(role: Role): Promise<void>;
  close(): Promise<void>;
}

export async function openProcesses(name: string, queue: Queue): Promise<Processes> {
  const [port, databaseUrl, program] = [await freePort(), inject('databases')[name]!, await bundle()];
  const redisUrl = inject('redisUrl');
  const service = await Service.start({ databaseUrl, redisUrl, redisPrefix: `${name}:`, shopPort: port });
  const redis = await openLine(Number(new URL(redisUrl).port));
  const shop = await openShop(shopConfig({ port, databaseUrl }, { serviceUrl: service.url }));
  const { database } = shop.server.app.get(TransactionalConnection).rawConnection.options as { database: string };
  await shop.server.destroy();
  const committed = new Map<string, number>();
  const children: Partial<Record<Role, ChildProcess>> = {};
  const start = async (role: Role) => {
    const settings = { role, queue, port, databaseUrl, database, serviceUrl: service.url, redisUrl: redis.url };
    const child = fork(program, { env: { ...process.env, SHOP: JSON.stringify(settings) }, stdio: 'inherit' });
    children[role] = child;
    child.on('message', (said: Committed | 'ready') => {
      if (said !== 'ready') committed.set(said.code, said.atMs);
    });
    await new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      child.once('exit', (code) => reject(new Error(`The shop's ${role} ended with ${code}`)));
    });
  };
  const kill = async (role: Role) => {
    const child = children[role];
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  };
  const close = async () => {
    await Promise.all([kill('server'), kill('worker'), service.stop()]);
    redis.close();
  };
  await Promise.all([start('server'), start('worker')]).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return { shop, service, redis, committed, start, kill, close };
}

/** The processes run compiled code: the plugin's as it is packed, and the shop's bundled for them. */
async function bundle(): Promise<string> {
  const { build } = createRequire(path.join(serviceRoot, 'package.json'))('esbuild');
  const outfile = path.join(plugin, 'node_modules', '.cache', 'driver-dispatch', 'shop-process.js');
  const asPacked = {
    name: 'plugin-as-packed',
    setup: (of: { onResolve: (which: object, to: () => object) => void }) =>
      of.onResolve({ filter: /^\.\.\/\.\.\/src$/ }, () => ({ path: path.join(plugin, 'dist'), external: true })),
  };
  await build({
    entryPoints: [path.join(__dirname, 'shop-process.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    packages: 'external',
    plugins: [asPacked],
    logLevel: 'error',
  });
  return outfile;
}

/** A way to a local port that can be cut, as a cable would be. */
export interface Line {
  url: string;
  cut(): void;
  mend(): void;
  close(): void;
}

async function openLine(toPort: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let whole = true;
  const server = createServer((near) => {
    if (!whole) return void near.destroy();
    const far = connect(toPort, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    cut: () => {
      whole = false;
      drop();
    },
    mend: () => {
      whole = true;
    },
    close: () => {
      drop();
      server.close();
    },
  };
}

/** Every order is known to the service, once. @returns when, by its code, in ms */
export async function arrivals(service: Service, codes: string[], withinMs: number): Promise<Map<string, number>> {
  return eventually(async () => {
    const { body } = await service.ask('GET', '/v1/deliveries?limit=200');
    const ours = (body.items as { sellerOrderId: string; createdAt: string }[]).filter((each) =>
      codes.includes(each.sellerOrderId),
    );
    if (ours.length !== codes.length) throw new Error(`${ours.length} of ${codes.length} orders are known`);
    return new Map(ours.map((each) => [each.sellerOrderId, Date.parse(each.createdAt)]));
  }, withinMs);
}
