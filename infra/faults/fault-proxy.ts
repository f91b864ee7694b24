import net from 'node:net';

/**
 * - `pass` as if it were not there
 * - `slow` each chunk waits up to `delayMs`, a random part of it, order kept within a connection
 * - `blackhole` takes everything, passes nothing on; connections stay open
 * - `refuse` resets connections, old and new
 */
export type ProxyMode =
  | { kind: 'pass' }
  | { kind: 'slow'; delayMs: number }
  | { kind: 'blackhole' }
  | { kind: 'refuse' };

export interface FaultProxy {
  port: number;
  set(mode: ProxyMode): void;
  /** Resets all open connections. */
  reset(): void;
  /** Where new connections lead: a restarted store has another port. */
  lead(port: number): void;
  close(): void;
}

/** A TCP proxy on a free port of 127.0.0.1 in front of `targetPort`. */
export async function openFaultProxy(targetPort: number): Promise<FaultProxy> {
  let target = targetPort;
  let mode: ProxyMode = { kind: 'pass' };
  const open = new Set<net.Socket>();
  const reset = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  const server = net.createServer((client) => {
    if (mode.kind === 'refuse') return void client.resetAndDestroy();
    const store = net.connect(target, '127.0.0.1');
    for (const socket of [client, store]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
    }
    forward(client, store, () => mode);
    forward(store, client, () => mode);
    client.on('close', () => open.delete(client) && store.destroy());
    store.on('close', () => open.delete(store) && client.resetAndDestroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    set: (next) => {
      mode = next;
      if (next.kind === 'refuse') reset();
    },
    reset,
    lead: (port) => {
      target = port;
    },
    close: () => {
      server.close();
      reset();
    },
  };
}

/** What a blackhole swallowed does not come later: to both ends the connection is broken for good. */
function forward(from: net.Socket, to: net.Socket, mode: () => ProxyMode): void {
  let readyAtMs = 0;
  let isBroken = false;
  from.on('data', (chunk: Buffer) => {
    const now = mode();
    isBroken ||= now.kind === 'blackhole';
    if (isBroken) return;
    readyAtMs = Math.max(readyAtMs, performance.now() + (now.kind === 'slow' ? now.delayMs * Math.random() : 0));
    const waitMs = readyAtMs - performance.now();
    if (waitMs <= 0) to.write(chunk);
    else setTimeout(() => to.destroyed || to.write(chunk), waitMs);
  });
}
