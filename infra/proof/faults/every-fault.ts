import type { Fault } from './fault.ts';
import { CALLER_FAULTS } from './faults-of-callers.ts';
import { CLOCK_FAULTS } from './faults-of-clocks.ts';
import { CROWD_FAULTS } from './faults-of-crowds.ts';
import { LINK_FAULTS } from './faults-of-links.ts';
import { MORE_POSTGRES_FAULTS, POSTGRES_FAULTS } from './faults-of-postgres.ts';
import { MORE_PROCESS_FAULTS, PROCESS_FAULTS } from './faults-of-processes.ts';
import { RECEIVER_FAULTS } from './faults-of-receivers.ts';
import { MORE_REDIS_FAULTS, REDIS_FAULTS } from './faults-of-redis.ts';

/** Broken one by one. */
export const MAIN_FAULTS: readonly Fault[] = [
  ...REDIS_FAULTS,
  ...POSTGRES_FAULTS,
  ...PROCESS_FAULTS,
  ...CLOCK_FAULTS,
  ...CROWD_FAULTS,
  ...CALLER_FAULTS,
];

/** Broken beside them; in a long run also by themselves. */
export const MORE_FAULTS: readonly Fault[] = [
  ...MORE_REDIS_FAULTS,
  ...MORE_POSTGRES_FAULTS,
  ...MORE_PROCESS_FAULTS,
  ...LINK_FAULTS,
];

/** Of those that have `part` in their name. */
export const faultsNamed = (part: string): readonly Fault[] =>
  [...MAIN_FAULTS, ...MORE_FAULTS, ...RECEIVER_FAULTS].filter(({ name }) => name.includes(part));
