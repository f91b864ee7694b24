import { createServer } from 'node:http';
import { readGauges } from '#shared/flows/read-gauges.ts';
import type { Config } from '#shared/runtime/config.ts';
import type { Log } from '#shared/runtime/log.ts';
import type { OpenMeter } from '#shared/runtime/open-meter.ts';

type Sources = Parameters<typeof readGauges>[0];

/**
 * `GET /metrics` in the Prometheus text format, on a port of its own, so that nobody who may ask the service can ask
 * this. A port that is taken is logged and costs the numbers, never the service.
 */
export async function startMetrics(
  config: NonNullable<Config['metrics']>,
  deps: Sources & { meter: OpenMeter; log: Log },
): Promise<{ port: number | null; stop(): void }> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') return void response.writeHead(404).end();
    readGauges(deps)
      .then(deps.meter.render)
      .then((text) => response.writeHead(200, { 'content-type': deps.meter.contentType }).end(text))
      .catch((error: unknown) => {
        deps.log.error('metrics_failed', { error });
        response.writeHead(500).end();
      });
  });
  const listening = await new Promise<boolean>((resolve) => {
    const notServed = (error: unknown): void => {
      deps.log.error('metrics_not_served', { port: config.port, error });
      resolve(false);
    };
    server.once('error', notServed);
    try {
      server.listen(config.port, config.host, () => resolve(true));
    } catch (error) {
      // A number that is no port: those of several processes are counted up from the one that is set.
      notServed(error);
    }
  });
  const address = server.address();
  return {
    port: listening && typeof address === 'object' ? (address?.port ?? null) : null,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
