import { type Candidates, candidatesMax, writeCandidates } from './candidates.ts';
import { assigningCost } from './cost.ts';
import { tryInsertion } from './insertion.ts';
import { insert } from './routes.ts';
import type { Blink, Trial } from './trial.ts';

/** Not tried yet: it may cost anything. */
const UNKNOWN = Number.NEGATIVE_INFINITY;

/** What has been tried for the deliveries that are to be inserted: a row for each of them. */
interface Tries {
  width: number;
  open: number[];
  count: Int32Array;
  driver: Int32Array;
  /** What all costs more with it where that is exact, else what it costs at least. */
  rise: Float64Array;
  exact: Uint8Array;
  pickupAt: Int32Array;
  dropoffAt: Int32Array;
  /** By row: the best try (-1: none) as an index into the arrays above, and what is lost if it is missed. */
  best: Int32Array;
  regret: Float64Array;
}

/**
 * Regret insertion: in turn the delivery that would lose most if its best driver were taken. `goOn` is asked before each
 * delivery is looked at and before each is inserted. Returns how many were inserted.
 */
export function insertByRegret(
  candidates: Candidates,
  list: readonly number[],
  goOn: ((inserted: number) => boolean) | null,
): number {
  const { routes } = candidates;
  const tries = emptyTries(list, candidatesMax(candidates));
  for (const row of list.keys()) {
    if (goOn && !goOn(0)) return 0;
    fillRow(candidates, tries, row);
  }
  let inserted = 0;
  while (!goOn || goOn(inserted)) {
    const row = mostRegretted(tries);
    if (row < 0) break;
    const slot = tries.best[row]!;
    const j = tries.driver[slot]!;
    insert(routes, tries.open[row]!, j, tries.pickupAt[slot]!, tries.dropoffAt[slot]!);
    tries.regret[row] = Number.NEGATIVE_INFINITY;
    tries.count[row] = 0;
    inserted += 1;
    tryAgain(candidates, tries, j);
  }
  return inserted;
}

function emptyTries(list: readonly number[], width: number): Tries {
  const rows = list.length;
  return {
    width,
    open: [...list],
    count: new Int32Array(rows),
    driver: new Int32Array(rows * width),
    rise: new Float64Array(rows * width),
    exact: new Uint8Array(rows * width),
    pickupAt: new Int32Array(rows * width),
    dropoffAt: new Int32Array(rows * width),
    best: new Int32Array(rows).fill(-1),
    regret: new Float64Array(rows).fill(Number.NEGATIVE_INFINITY),
  };
}

function fillRow(candidates: Candidates, tries: Tries, row: number): void {
  const first = row * tries.width;
  tries.count[row] = writeCandidates(candidates, tries.open[row]!, tries.driver, first);
  tries.rise.fill(UNKNOWN, first, first + tries.width);
  rank(candidates.trial, tries, row);
}

/**
 * Finds the best try of a row, and what the second best, or nobody, would cost more. What is known to cost no less than
 * the second best is not tried: its rise is then the bound up to which that is known.
 */
function rank(trial: Trial, tries: Tries, row: number): void {
  const { rise, exact } = tries;
  const i = tries.open[row]!;
  const first = row * tries.width;
  const end = first + tries.count[row]!;
  let best = assigningCost(trial.routes.model, i, -1);
  let second = best;
  tries.best[row] = -1;
  const note = (slot: number): void => {
    if (rise[slot]! < best) {
      second = best;
      best = rise[slot]!;
      tries.best[row] = slot;
    } else if (rise[slot]! < second) second = rise[slot]!;
  };
  for (let slot = first; slot < end; slot += 1) if (exact[slot]) note(slot);
  for (let slot = first; slot < end; slot += 1) {
    if (exact[slot] || rise[slot]! >= second) continue;
    if (tryInsertion(trial, i, tries.driver[slot]!, second, null) < second) {
      exact[slot] = 1;
      rise[slot] = trial.riseS;
      tries.pickupAt[slot] = trial.pickupAt;
      tries.dropoffAt[slot] = trial.dropoffAt;
      note(slot);
    } else rise[slot] = second;
  }
  tries.regret[row] = tries.best[row]! < 0 ? Number.NEGATIVE_INFINITY : second - best;
}

function mostRegretted({ open, regret }: Tries): number {
  let most = -1;
  for (let row = 0; row < open.length; row += 1) {
    if (regret[row]! > (most < 0 ? Number.NEGATIVE_INFINITY : regret[most]!)) most = row;
  }
  return most;
}

/** The route of driver j has changed: deliveries that were tried on it are tried again. */
function tryAgain({ trial }: Candidates, tries: Tries, j: number): void {
  for (let row = 0; row < tries.open.length; row += 1) {
    const first = row * tries.width;
    for (let x = 0; x < tries.count[row]!; x += 1) {
      if (tries.driver[first + x] !== j) continue;
      tries.exact[first + x] = 0;
      tries.rise[first + x] = UNKNOWN;
      rank(trial, tries, row);
      break;
    }
  }
}

/** One after the other at its cheapest place. */
export function insertGreedily(candidates: Candidates, list: readonly number[], blink: Blink | null): void {
  const who = new Int32Array(candidatesMax(candidates));
  for (const i of list) {
    const count = writeCandidates(candidates, i, who, 0);
    insertCheapest(candidates.trial, i, who.subarray(0, count), blink);
  }
}

/** Puts a delivery where it costs least among these drivers, or nowhere if that costs less. */
export function insertCheapest(trial: Trial, i: number, drivers: Int32Array, blink: Blink | null): boolean {
  const { routes } = trial;
  let rise = assigningCost(routes.model, i, -1);
  let best = -1;
  let pickupAt = -1;
  let dropoffAt = -1;
  for (const j of drivers) {
    if (tryInsertion(trial, i, j, rise, blink) >= rise) continue;
    rise = trial.riseS;
    best = j;
    pickupAt = trial.pickupAt;
    dropoffAt = trial.dropoffAt;
  }
  if (best < 0) return false;
  insert(routes, i, best, pickupAt, dropoffAt);
  return true;
}
