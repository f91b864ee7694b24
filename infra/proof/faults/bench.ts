import type { Asker } from './ask.ts';
import type { ServiceProcess } from './processes.ts';
import type { Random } from './random.ts';
import type { Receiver } from './receiver.ts';
import type { BenchPostgres, BenchRedis } from './stores.ts';
import type { World } from './world.ts';

/** Everything that can be broken. */
export interface Bench {
  postgres: BenchPostgres;
  redis: BenchRedis;
  workers: readonly ServiceProcess[];
  relays: readonly ServiceProcess[];
  receiver: Receiver;
  random: Random;
  /** Its requests are part of the history. */
  ask: Asker;
  world: World;
}
