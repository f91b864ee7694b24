import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from './free-port.ts';
import { startRedisCluster } from './redis-cluster.ts';

test('a node whose port was taken meanwhile takes another', async () => {
  const stranger = createServer().listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as AddressInfo;
  // The port and the bus of the first node, then the port of the second.
  const ports = [port, await freePort(), await freePort()];
  const cluster = await startRedisCluster(async () => ports.shift() ?? freePort());
  try {
    expect(ports).toEqual([]);
    expect(cluster?.urls).toHaveLength(3);
    expect(cluster?.urls).not.toContain(`redis://127.0.0.1:${port}`);
  } finally {
    await cluster?.stop();
    stranger.close();
  }
});
