import net from 'node:net';

/**
 * - `pass` as if it were not there
 * - `slow` each chunk waits up to `delayMs`, a random part of it, order kept within a connection
 * - `narrow` all connections together carry so much and no more, either way
 * - `blackhole` takes everything, passes nothing on; connections stay open
 * - `mute` half open: nothing that the client says arrives
 * - `deaf` half open: the store hears and does what it is asked, its answers do not arrive
 * - `lossy` of the chunks that the store answers each `every`th is lost, and its connection with it
 * - `refuse` resets connections, old and new
 */
export type ProxyMode =
  | { kind: 'pass' }
  | { kind: 'slow'; delayMs: number }
  | { kind: 'narrow'; bytesPerS: number }
  | { kind: 'blackhole' }
  | { kind: 'mute' }
  | { kind: 'deaf' }
  | { kind: 'lossy'; every: number }
  | { kind: 'refuse' };

export interface FaultProxy {
  port: number;
  set(mode: ProxyMode): void;
  /** Resets all open connections. */
  reset(): void;
  /** Where new connections lead: a restarted store has another port. */
  lead(port: number): void;
  /** Connections that are open now. */
  connections(): number;
  /** Tells `listener` all that clients say from now on. @returns the end of it */
  overhear(listener: (said: Buffer) => void): () => void;
  close(): void;
}

export const PASS: ProxyMode = { kind: 'pass' };

/** What all connections of a proxy share. */
interface Link {
  mode(): ProxyMode;
  /** When a narrow link will have carried what it was given. */
  freeAtMs: number;
  answers: number;
  listeners: Set<(said: Buffer) => void>;
}

/**
 * A TCP proxy on a free port of 127.0.0.1 in front of `targetPort`.
 * @param common how it is while it has no mode of its own
 */
export async function openFaultProxy(targetPort: number, common: () => ProxyMode = () => PASS): Promise<FaultProxy> {
  let target = targetPort;
  let mode = PASS;
  const current = () => (mode.kind === 'pass' ? common() : mode);
  const link: Link = { mode: current, freeAtMs: 0, answers: 0, listeners: new Set() };
  const open = new Set<net.Socket>();
  const reset = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  const server = net.createServer((client) => {
    if (link.mode().kind === 'refuse') return void client.resetAndDestroy();
    const store = net.connect(target, '127.0.0.1');
    for (const socket of [client, store]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
    }
    forward(client, store, 'question', link);
    forward(store, client, 'answer', link);
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
    connections: () => open.size / 2,
    overhear(listener) {
      link.listeners.add(listener);
      return () => void link.listeners.delete(listener);
    },
    close: () => {
      server.close();
      reset();
    },
  };
}

const SWALLOWED_BY = { question: ['blackhole', 'mute'], answer: ['blackhole', 'deaf'] } as const;

/** What was swallowed does not come later: in that direction the connection is broken for good. */
function forward(from: net.Socket, to: net.Socket, part: 'question' | 'answer', link: Link): void {
  let readyAtMs = 0;
  let isBroken = false;
  // One queue and one timer: timers of two chunks may come in the other order, and then an answer has no rows and the
  // next one its own and those.
  const queue: { chunk: Buffer; atMs: number }[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    for (let [next] = queue; next !== undefined && next.atMs <= performance.now(); [next] = queue) {
      queue.shift();
      if (!to.destroyed) to.write(next.chunk);
    }
    const [next] = queue;
    if (next !== undefined) timer = setTimeout(flush, Math.max(1, next.atMs - performance.now()));
  };
  from.on('data', (chunk: Buffer) => {
    const mode = link.mode();
    if (part === 'question') for (const listener of link.listeners) listener(chunk);
    isBroken ||= SWALLOWED_BY[part].some((kind) => kind === mode.kind) || isLost(mode, part, link);
    if (isBroken && mode.kind === 'lossy') from.resetAndDestroy();
    if (isBroken) return;
    readyAtMs = Math.max(readyAtMs, carriedAtMs(mode, chunk.length, link));
    queue.push({ chunk, atMs: readyAtMs });
    if (timer === undefined) flush();
  });
}

function isLost(mode: ProxyMode, part: 'question' | 'answer', link: Link): boolean {
  if (mode.kind !== 'lossy' || part === 'question') return false;
  link.answers += 1;
  return link.answers % mode.every === 0;
}

function carriedAtMs(mode: ProxyMode, bytes: number, link: Link): number {
  const nowMs = performance.now();
  if (mode.kind === 'slow') return nowMs + mode.delayMs * Math.random();
  if (mode.kind !== 'narrow') return nowMs;
  link.freeAtMs = Math.max(link.freeAtMs, nowMs) + (bytes * 1_000) / mode.bytesPerS;
  return link.freeAtMs;
}

/** The ways of all processes into one store, a proxy for each: they are broken together or one by one. */
export interface Links extends Pick<FaultProxy, 'set' | 'reset' | 'lead' | 'close'> {
  /** The way of the process of this name; made when it is asked for first. */
  of(process: string): Promise<FaultProxy>;
}

export function openLinks(targetPort: number): Links {
  let target = targetPort;
  let mode = PASS;
  const proxies = new Map<string, FaultProxy>();
  const reset = () => {
    for (const proxy of proxies.values()) proxy.reset();
  };
  return {
    async of(process) {
      const proxy = proxies.get(process) ?? (await openFaultProxy(target, () => mode));
      proxies.set(process, proxy);
      return proxy;
    },
    set(next) {
      mode = next;
      if (next.kind === 'refuse') reset();
    },
    reset,
    lead(port) {
      target = port;
      for (const proxy of proxies.values()) proxy.lead(port);
    },
    close() {
      for (const proxy of proxies.values()) proxy.close();
    },
  };
}
