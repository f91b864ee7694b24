import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { findRedisBinary, type RedisBinary } from './redis-binary.ts';
import { type RunningStore, spawnUntilReady } from './spawn-until-ready.ts';

const SLOTS = 16_384;
const READY_WITHIN_MS = 20_000;
const TRIES = 3;

export interface EmbeddedCluster {
  /** One per node; any of them leads to all. */
  urls: readonly string[];
  pids: readonly number[];
  stop(): Promise<void>;
}

type Node = RunningStore & { port: number };

/**
 * Three masters on 127.0.0.1 that share the slots, without replicas or data on disk; null where there is no Redis.
 * @param findPort one that nobody listens on
 */
export async function startRedisCluster(findPort = freePort): Promise<EmbeddedCluster | null> {
  const binary = await findRedisBinary();
  if (binary === null) return null;
  const nodes = await Promise.all([1, 2, 3].map(() => startNode(binary, findPort, TRIES)));
  const ports = nodes.map(({ port }) => port);
  const clients = ports.map((port) => new Redis(port, '127.0.0.1'));
  try {
    await join(clients, ports);
  } finally {
    await Promise.all(clients.map((client) => client.quit()));
  }
  return {
    urls: ports.map((port) => `redis://127.0.0.1:${port}`),
    pids: nodes.map((node) => node.pid),
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}

/** Between our look and the node's bind somebody else may take a port, the likelier with six of them: then others. */
async function startNode(binary: RedisBinary, findPort: typeof freePort, tries: number): Promise<Node> {
  const [port, busPort] = [await findPort(), await findPort()];
  try {
    return { ...(await spawnNode(binary, port, busPort)), port };
  } catch (error) {
    if (tries === 1 || !/address already in use/i.test(String(error))) throw error;
    return startNode(binary, findPort, tries - 1);
  }
}

function spawnNode(binary: RedisBinary, port: number, busPort: number): Promise<RunningStore> {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'dispatch-cluster-'));
  // By default the nodes talk to each other at port + 10000, which may be past the last one.
  const cluster = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
  const memoryOnly = ['--save', '', '--appendonly', 'no', '--dir', dataDir];
  return spawnUntilReady({
    name: 'Redis (cluster node)',
    command: binary.command,
    args: ['--bind', '127.0.0.1', '--port', String(port), ...cluster, ...memoryOnly],
    options: { env: { ...process.env, ...binary.env } },
    readyLine: /Ready to accept connections/,
    readyStream: 'stdout',
    stopSignal: 'TERM',
    removeDirs: [dataDir],
  });
}

/** Gives each a third of the slots, introduces them to the first, and waits until all see the whole cluster. */
async function join(clients: readonly Redis[], ports: readonly number[]): Promise<void> {
  const from = (node: number) => Math.floor((SLOTS * node) / clients.length);
  for (const [i, client] of clients.entries()) {
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1);
    await client.call('CLUSTER', 'ADDSLOTSRANGE', from(i), from(i + 1) - 1);
  }
  const bus = await busPort(clients[0] as Redis);
  for (const client of clients.slice(1)) await client.call('CLUSTER', 'MEET', '127.0.0.1', ports[0] as number, bus);
  const until = Date.now() + READY_WITHIN_MS;
  while (!(await allReady(clients))) {
    if (Date.now() > until) throw new Error(`The Redis cluster was not ready within ${READY_WITHIN_MS / 1000} s`);
    await sleep(50);
  }
}

async function busPort(client: Redis): Promise<number> {
  const [, port] = (await client.call('CONFIG', 'GET', 'cluster-port')) as string[];
  return Number(port);
}

async function allReady(clients: readonly Redis[]): Promise<boolean> {
  const infos = (await Promise.all(clients.map((client) => client.call('CLUSTER', 'INFO')))) as string[];
  return infos.every((info) => /cluster_state:ok/.test(info) && info.includes(`cluster_known_nodes:${clients.length}`));
}
