import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { type EmbeddedCluster, startRedisCluster } from '#infra/workshop/embedded/redis-cluster.ts';
import { availabilityContract } from './availability.contract.ts';
import { shopKeys } from './keys.ts';
import { openAvailability } from './open-availability.ts';
import { at, projection } from './trial.contract.ts';

let cluster: EmbeddedCluster;
let raw: Cluster;

beforeAll(async () => {
  const started = await startRedisCluster();
  if (started === null) throw new Error('Install redis-server or valkey-server');
  cluster = started;
  raw = new Cluster(cluster.urls as string[]);
});
afterAll(async () => {
  await raw.quit();
  await cluster.stop();
});

const open = (node = 0, user = '') => {
  const url = cluster.urls[node]?.replace('//', `//${user}`) ?? '';
  return openAvailability({ url, cluster: true, commandTimeoutMs: 2_000 });
};

availabilityContract('a cluster of three', async () => ({
  availability: open(),
  silence: async (shopId, driverIds) => {
    await raw.del(driverIds.map(shopKeys(shopId).online));
  },
  flush: async () => {
    for (const node of raw.nodes('master')) await node.flushall();
  },
}));

test('whichever node is named, all shops are served, and they are spread over the nodes', async () => {
  const [first, second] = [open(0), open(2)];
  const shops = Array.from({ length: 30 }, () => randomUUID());
  for (const shop of shops) {
    await first.markWarm(shop);
    expect(await first.project(shop, [projection('a'), projection('b', { position: at(10) })])).toEqual(['OK', 'OK']);
    const found = await second.search(shop, { center: at(0), radiusM: 1_000, limit: 5 });
    expect(found === 'COLD' ? found : found.map(({ driverId }) => driverId)).toEqual(['a', 'b']);
  }
  const sizes = await Promise.all(raw.nodes('master').map((node) => node.dbsize()));
  expect(Math.min(...sizes)).toBeGreaterThan(0);
  await Promise.all([first.close(), second.close()]);
});

test('a user with the rights that the guide names for a cluster may do all of it', async () => {
  const guide = readFileSync(path.join(projectRoot(), 'infra', 'product', 'guides', 'redis-services.md'), 'utf8');
  const [, rights = ''] = /^ACL SETUSER \w+ (.*)$/m.exec(guide) ?? [];
  const [, more = ''] = /may also `([^`]+)`/.exec(guide) ?? [];
  for (const node of raw.nodes('master')) {
    await node.call('ACL', 'SETUSER', 'guided', ...rights.split(' '), ...more.split(' '));
  }
  const availability = open(0, 'guided:password@');
  const shop = randomUUID();
  await availability.markWarm(shop);
  expect(await availability.project(shop, [projection('a')])).toEqual(['OK']);
  const fix = { driverId: 'a', position: at(10), recordedAtMs: null };
  expect(await availability.locate(shop, [fix])).toMatchObject([{ outcome: 'OK' }]);
  expect(await availability.heartbeat(shop, [{ driverId: 'a' }])).toMatchObject([{ outcome: 'OK' }]);
  expect(await availability.search(shop, { center: at(0), radiusM: 1_000, limit: 5 })).toMatchObject([
    { driverId: 'a' },
  ]);
  const page = await availability.unsaved(shop, '0');
  expect(page?.heard).toMatchObject([{ driverId: 'a' }]);
  await availability.saved(shop, page!.heard, true);
  expect(await availability.spend(shop, [{ name: 'key:k', quota: 10, windowS: 60, spent: 1 }])).toEqual([9]);
  expect((await availability.projectedIds(shop, '0', 10)).ids).toEqual(['a']);
  await availability.forget(shop, ['a']);
  expect(await availability.lastPositions(shop, ['a'])).toEqual([null]);
  await availability.close();
});
