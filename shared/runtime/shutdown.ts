import { once } from 'node:events';
import type { Server, ServerResponse } from 'node:http';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './log.ts';

/** The parts of `process` that stopping needs. */
export type ProcessLike = {
  on(event: string, listener: (argument?: unknown) => void): unknown;
  exit(code: number): void;
};

export type ShutdownOptions = {
  process: ProcessLike;
  /** Absent for a process that serves nothing, such as the relay: then there is no lame-duck time either. */
  server?: Server;
  /** Ends loops and closes stores; called once, after the last response. */
  closeStores: () => Promise<void>;
  log: Log;
  /** Ends responses that would not end by themselves; called when serving stops. */
  endStreams?: () => void;
  lameDuckMs?: number;
  hardExitMs?: number;
};

export type Shutdown = { draining(): boolean };

/**
 * Stops the process without losing a request, in the order measured in front of PM2 with keep-alive clients: on
 * SIGINT (PM2), SIGTERM (containers), message `shutdown` (PM2 on Windows) or `disconnect` (PM2 itself gone) it keeps
 * serving for `lameDuckMs` with `Connection: close` on every response, so that clients leave by themselves; then it
 * listens no more, ends the streams, waits until every answer was sent to its end, closes what connections are left and
 * the stores, and exits 0. Whatever hangs, also a reader who does not go on, it exits 1 after `hardExitMs`, before PM2 or
 * Docker kill it.
 */
export function openShutdown(options: ShutdownOptions): Shutdown {
  const { process, server, closeStores, log, lameDuckMs = 1_500, hardExitMs = 8_000 } = options;
  let draining = false;
  const open = new Set<ServerResponse>();
  // Before the application's own listener, so that the header is there when it writes its head.
  server?.prependListener('request', (_request, response: ServerResponse) => {
    if (draining) response.setHeader('Connection', 'close');
    open.add(response);
    response.once('close', () => open.delete(response));
  });

  const drain = async (cause: string): Promise<void> => {
    if (draining) return;
    draining = true;
    log.info('shutdown_started', { cause, openResponses: open.size });
    const hardExit = setTimeout(() => {
      log.error('shutdown_forced', { openResponses: open.size });
      process.exit(1);
    }, hardExitMs);
    hardExit.unref();
    for (const response of open) if (!response.headersSent) response.setHeader('Connection', 'close');
    try {
      if (server) await closeServer(server, open, lameDuckMs, options.endStreams);
      await closeStores();
    } catch (error) {
      log.error('shutdown_failed', { error });
      clearTimeout(hardExit);
      return process.exit(1);
    }
    clearTimeout(hardExit);
    log.info('shutdown_finished');
    process.exit(0);
  };

  process.on('SIGINT', () => void drain('SIGINT'));
  process.on('SIGTERM', () => void drain('SIGTERM'));
  process.on('disconnect', () => void drain('disconnect'));
  process.on('message', (message) => {
    if (message === 'shutdown') void drain('message');
  });
  return { draining: () => draining };
}

/** For the head of a request that is on its way when the server closes. */
const ARRIVING_MS = 500;

async function closeServer(
  server: Server,
  open: ReadonlySet<ServerResponse>,
  lameDuckMs: number,
  endStreams: (() => void) | undefined,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, lameDuckMs));
  endStreams?.();
  const closed = new Promise<void>((resolve, reject) => {
    // Not the HTTP server's own close, which takes a connection for idle as soon as its answer is made, however much of
    // it is still to be sent: a slow reader would get half of it.
    net.Server.prototype.close.call(server, (error) => (error ? reject(error) : resolve()));
  });
  await allSent(open);
  server.closeIdleConnections();
  await Promise.race([closed, sleep(ARRIVING_MS)]);
  await allSent(open);
  // Left are those that never sent a whole request: to Node they are not idle, and they would keep the process for ever.
  server.closeAllConnections();
  await closed;
}

async function allSent(open: ReadonlySet<ServerResponse>): Promise<void> {
  while (open.size > 0) await Promise.all([...open].map((response) => once(response, 'close')));
}
