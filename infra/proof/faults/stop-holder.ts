import { setTimeout as pause } from 'node:timers/promises';
import type { Bench } from './bench.ts';
import type { Note } from './fault.ts';
import type { ServiceProcess } from './processes.ts';

/** A shop is planned by one process at a time, and by none while Postgres is away, which another fault may have done. */
const AT_LEAST_MS = 7_500;
const AFTER_MS = 5_000;
const HEARD_WITHIN_MS = 1_500;
const STATEMENT_MS = 100;

const HELD = 'SELECT count(*)::int AS n FROM dispatch.dispatch_lease WHERE holder = $1 AND until > now()';

/**
 * Stops the process that has a shop's planning to itself, in the moment in which it says so to Postgres. Which process
 * that is nobody knows but by what goes over its link.
 */
export async function stopHolder(bench: Bench, durationMs: number, note: Note) {
  const untilMs = Date.now() + Math.max(AT_LEAST_MS, durationMs + AFTER_MS);
  const all = [...bench.workers, ...bench.relays];
  const { db } = bench.postgres;
  while (Date.now() < untilMs) {
    const leases = await db
      .run<{ holder: string }>('SELECT DISTINCT holder FROM dispatch.dispatch_lease')
      .catch(() => []);
    const stopped = await stopOnWords(
      all,
      leases.map(({ holder }) => holder),
    );
    if (stopped === null) continue;
    // What it said has to be done first.
    await pause(STATEMENT_MS);
    const [held] = await db.run<{ n: number }>(HELD, [stopped.holder]).catch(() => []);
    const worker = bench.workers.indexOf(stopped.process);
    note({ leases: held?.n ?? 0 }, worker < 0 ? null : worker);
    if (held?.n) return async () => stopped.process.thaw();
    stopped.process.thaw();
  }
  return async () => {};
}

async function stopOnWords(
  processes: readonly ServiceProcess[],
  words: readonly string[],
): Promise<{ process: ServiceProcess; holder: string } | null> {
  const ends: (() => void)[] = [];
  const heard = new Promise<{ process: ServiceProcess; holder: string }>((resolve) => {
    for (const process of processes) {
      const end = process.links.postgres.overhear((said) => {
        const holder = words.find((word) => said.includes(word));
        if (holder === undefined) return;
        for (const each of ends) each();
        process.freeze();
        resolve({ process, holder });
      });
      ends.push(end);
    }
  });
  const found = await Promise.race([heard, pause(HEARD_WITHIN_MS, null)]);
  for (const end of ends) end();
  return found;
}
