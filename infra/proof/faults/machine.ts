import os from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { quantile } from './check/quantile.ts';
import type { MachineFacts } from './history.ts';

const EVERY_MS = 1_000;

/** Watches whether the machine has time for this at all. @returns what it saw, and the end of it */
export function watchMachine(): () => Omit<MachineFacts, 'loadStretch'> {
  const loop = monitorEventLoopDelay({ resolution: 20 });
  loop.enable();
  const loads: number[] = [];
  const look = () => void loads.push(os.loadavg()[0] ?? 0);
  const looking = setInterval(look, EVERY_MS);
  return () => {
    clearInterval(looking);
    loop.disable();
    look();
    return { loopP99Ms: loop.percentile(99) / 1e6, loadPerCore: quantile(loads, 0.5) / os.availableParallelism() };
  };
}
