import type { ServiceProcess } from './processes.ts';
import type { Random } from './random.ts';
import type { Receiver } from './receiver.ts';
import type { BenchPostgres, BenchRedis } from './stores.ts';

/** Everything that can be broken. */
export interface Bench {
  postgres: BenchPostgres;
  redis: BenchRedis;
  workers: readonly ServiceProcess[];
  relay: ServiceProcess;
  receiver: Receiver;
  random: Random;
}
