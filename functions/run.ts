import { ConfigError, loadConfig } from '#shared/runtime/config.ts';
import { openLog } from '#shared/runtime/log.ts';
import { openShutdown } from '#shared/runtime/shutdown.ts';
import { startRelay } from './relay/index.ts';
import { startServer } from './server.ts';

/** The server as a process: what PM2, Docker and `node dist/server.mjs` run. Connects, listens, then says `ready`. */
export async function runServer(): Promise<void> {
  const config = configOrExit();
  const { server, deps, endStreams } = await startServer(config);
  openShutdown({ process, server, endStreams, closeStores: deps.close, log: deps.log });
  process.send?.('ready');
}

/** The relay as a process of its own. */
export async function runRelayProcess(): Promise<void> {
  const config = configOrExit();
  const relay = startRelay(config);
  const log = openLog({ level: config.logLevel });
  openShutdown({ process, closeStores: relay.stop, log });
  log.info('relay_started');
  process.send?.('ready');
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
