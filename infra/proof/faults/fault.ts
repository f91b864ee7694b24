import type { Bench } from './bench.ts';
import type { Facts, FaultGroup } from './history.ts';

/** Told of what was measured meanwhile, and of the worker that was met, where only the injection could know which. */
export type Note = (facts: Facts, worker?: number | null) => void;

/** One way to break something. */
export interface Fault {
  name: string;
  group: FaultGroup;
  /** Something to be done well before, such as the snapshot that will be an old one. */
  prepare?: (bench: Bench) => Promise<void>;
  /** Breaks it; `durationMs` is how long it will last. @returns how to mend it */
  inject: (bench: Bench, durationMs: number, note: Note) => Promise<() => Promise<void>>;
  /** How long it lasts, where that is not the schedule's to say. */
  durationMs?: number;
  /** Left out of shorter runs. */
  minMinutes?: number;
  /** The worker it is done to. */
  worker?: number;
  /** The one process that it is done to, by name: the others must not notice. */
  alone?: string;
  /** The shop whose endpoint it is done to. */
  shop?: string;
}
