import { commitPlan, type LostBecause, type PlanInput, type PlanResult } from '../db/statements/commit-plan.ts';
import type { Caller } from '../domain/command.ts';
import { type EngineDeps, engineCaller } from './deps.ts';
import { projectDrivers } from './project-drivers.ts';

/** Drivers in one statement: a driver's tap waits for their row no longer than it takes, some 20 ms. */
const DRIVERS_AT_ONCE = 50;

export interface CarriedOut {
  won: number;
  lost: readonly { driver: string; why: LostBecause }[];
}

/** Commits a plan in chunks of whole groups, and shows Redis what has changed. */
export async function carryOut(
  deps: EngineDeps,
  input: PlanInput,
  caller: Caller = engineCaller(),
): Promise<CarriedOut> {
  const rows: PlanResult['rows'][number][] = [];
  for (const chunk of chunksOf(input)) {
    const ran = await commitPlan(deps.db, caller, chunk);
    if (ran.kind !== 'done') throw new Error(`a plan has no key, and was ${ran.kind}`);
    await projectDrivers(deps, caller, ran.drivers);
    rows.push(...ran.result.rows);
  }
  const lost = rows.filter(({ won }) => !won).map(({ driver, why }) => ({ driver, why: why ?? 'group' }));
  for (const { why } of lost) deps.meter?.count('dispatch_plan_rows_lost_total', { why });
  return { won: rows.length - lost.length, lost };
}

function chunksOf(input: PlanInput): readonly PlanInput[] {
  const { rows, parts, holds, decisions } = input;
  if (rows.length + holds.length === 0) return [];
  const groups = new Map<number, PlanInput['rows'][number][]>();
  for (const row of rows) groups.set(row.grp, [...(groups.get(row.grp) ?? []), row]);
  const chunks: PlanInput['rows'][number][][] = [[]];
  for (const group of groups.values()) {
    const last = chunks.at(-1)!;
    if (last.length > 0 && last.length + group.length > DRIVERS_AT_ONCE) chunks.push([...group]);
    else last.push(...group);
  }
  return chunks.map((chunk, place) => {
    const drivers = new Set(chunk.map(({ driver }) => driver));
    const isFirst = place === 0;
    return {
      ...input,
      rows: chunk,
      parts: parts.filter(({ driver }) => drivers.has(driver)),
      // What nobody is told of is written with the first chunk.
      holds: isFirst ? holds : [],
      decisions: decisions.filter(({ outcome, driver }) =>
        outcome === 'assigned' ? driver !== null && drivers.has(driver) : isFirst,
      ),
    };
  });
}
