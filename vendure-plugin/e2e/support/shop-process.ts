import {
  bootstrap,
  bootstrapWorker,
  DefaultJobQueuePlugin,
  EventBus,
  OrderPlacedEvent,
  type VendureConfig,
} from '@vendure/core';
import { BullMQJobQueuePlugin } from '@vendure/job-queue-plugin/package/bullmq';
import { shopConfig } from './shop';

/** One process of a shop, as shops run in production: its server, or its worker. What it is comes as JSON in `SHOP`. */
export interface ShopProcess {
  role: 'server' | 'worker';
  queue: Queue;
  port: number;
  databaseUrl: string;
  /** The shop's own, which a test has filled. */
  database: string;
  serviceUrl: string;
  redisUrl: string;
}
/** An order that is placed, and when that was committed. */
export interface Committed {
  code: string;
  atMs: number;
}
export type Queue = 'default queue' | 'BullMQ';

function configOf({ queue, port, databaseUrl, database, serviceUrl, redisUrl }: ShopProcess): VendureConfig {
  const { hostname: host, port: redisPort } = new URL(redisUrl);
  const jobQueue =
    queue === 'BullMQ'
      ? BullMQJobQueuePlugin.init({ connection: { host, port: Number(redisPort), maxRetriesPerRequest: null } })
      : DefaultJobQueuePlugin.init({});
  const config = shopConfig({ port, databaseUrl }, { serviceUrl }, {}, jobQueue);
  return { ...config, dbConnectionOptions: { ...config.dbConnectionOptions, database, synchronize: false } as never };
}

async function main(): Promise<void> {
  const settings = JSON.parse(process.env.SHOP ?? '{}') as ShopProcess;
  if (settings.role === 'server') {
    const server = await bootstrap(configOf(settings));
    // Subscribers hear of an event after the commit of its transaction.
    server
      .get(EventBus)
      .ofType(OrderPlacedEvent)
      .subscribe(({ order }) => process.send?.({ code: order.code, atMs: Date.now() } satisfies Committed));
  }
  if (settings.role === 'worker') await (await bootstrapWorker(configOf(settings))).startJobQueue();
  process.send?.('ready');
  // Nobody is left who would stop it.
  process.once('disconnect', () => process.exit(1));
}

void main();
