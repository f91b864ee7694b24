import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { type EmbeddedCluster, startRedisCluster } from '#infra/workshop/embedded/redis-cluster.ts';
import { availabilityContract } from '#shared/availability/availability.contract.ts';
import { shopKeys } from '#shared/availability/keys.ts';
import type { openAvailability } from '#shared/availability/open-availability.ts';
import { testRedis } from '#shared/testing/stores.ts';

// What the bundles hold of ioredis does all that its whole does for us, on one node and on a cluster.
const folder = mkdtempSync(path.join(os.tmpdir(), 'slim-ioredis-'));
let bundled: { openAvailability: typeof openAvailability };
let cluster: EmbeddedCluster;
let node: Redis;
let nodes: Cluster;

beforeAll(async () => {
  const { slimIoredis } = await import(new URL('./slim-ioredis.mjs', import.meta.url).href);
  const outfile = path.join(folder, 'open-availability.cjs');
  await build({
    entryPoints: [path.join(projectRoot(), 'shared/availability/open-availability.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    loader: { '.lua': 'text' },
    plugins: [slimIoredis],
  });
  bundled = await import(outfile);
  const started = await startRedisCluster();
  if (started === null) throw new Error('Install redis-server or valkey-server');
  cluster = started;
  nodes = new Cluster(cluster.urls as string[]);
  node = new Redis(testRedis().url);
});
afterAll(async () => {
  await Promise.all([node.quit(), nodes.quit()]);
  await cluster.stop();
  rmSync(folder, { recursive: true });
});

availabilityContract('slim, one node', async () => {
  const { url, prefix } = testRedis();
  return {
    availability: bundled.openAvailability({ url, prefix, commandTimeoutMs: 5_000 }),
    silence: async (shopId, driverIds) => void (await node.del(driverIds.map(shopKeys(shopId, prefix).online))),
    flush: async (shopId) => void (await node.del(await node.keys(`${prefix}*{${shopId}}*`))),
  };
});

availabilityContract('slim, a cluster of three', async () => ({
  availability: bundled.openAvailability({ url: cluster.urls[0] ?? '', cluster: true, commandTimeoutMs: 5_000 }),
  silence: async (shopId, driverIds) => void (await nodes.del(driverIds.map(shopKeys(shopId).online))),
  flush: async () => {
    for (const master of nodes.nodes('master')) await master.flushall();
  },
}));
