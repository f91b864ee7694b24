import { setTimeout as sleep } from 'node:timers/promises';
import { type Config, ConfigError, loadConfig } from '#shared/runtime/config.ts';
import { openLog } from '#shared/runtime/log.ts';
import { openShutdown } from '#shared/runtime/shutdown.ts';
import { startMetrics } from './metrics/index.ts';
import { startRelay } from './relay/index.ts';
import { startServer } from './server.ts';
import { openWatch, type Watch } from './watch.ts';

/** The server as a process: what PM2, Docker and `node dist/server.mjs` run. Connects, listens, then says `ready`. */
export async function runServer(): Promise<void> {
  const config = configOrExit();
  const watch = await openWatch(config);
  const { server, deps, port, endStreams } = await startServer(config, watch);
  deps.log.info('listening', { port });
  const endWatch = await startWatching(config, watch, deps);
  const closeStores = async () => {
    await deps.close();
    await endWatch();
  };
  openShutdown({ process, server, endStreams, closeStores, log: deps.log });
  process.send?.('ready');
}

/** The relay as a process of its own. */
export async function runRelayProcess(): Promise<void> {
  const config = configOrExit();
  const watch = await openWatch(config);
  const relay = startRelay(config, watch);
  const log = openLog({ level: config.logLevel });
  const endWatch = await startWatching(config, watch, { ...relay.stores, log });
  const closeStores = async () => {
    await relay.stop();
    await endWatch();
  };
  openShutdown({ process, closeStores, log });
  log.info('relay_started');
  process.send?.('ready');
}

const LAST_SPANS_MS = 1_000;

type Watched = Parameters<typeof startMetrics>[1];

/** Serves the numbers, where anybody wants them. @returns what ends that, and sends the last spans */
export async function startWatching(
  config: Config,
  { meter, tracing }: Watch,
  deps: Omit<Watched, 'meter'>,
): Promise<() => Promise<void>> {
  const metrics = config.metrics && meter ? await startMetrics(config.metrics, { ...deps, meter }) : null;
  if (metrics?.port) deps.log.info('metrics_served', { port: metrics.port });
  return async () => {
    metrics?.stop();
    // A collector that is away must not cost the process its orderly end.
    await Promise.race([tracing?.close(), sleep(LAST_SPANS_MS, undefined, { ref: false })]);
  };
}

/** A wrong environment is told in plain words, without a stack. */
function configOrExit() {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(78);
  }
}
