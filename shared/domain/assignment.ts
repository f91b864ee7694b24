import { fnv1a } from './fnv1a.ts';
import { distanceM, type Position } from './geo.ts';

/** A PENDING delivery with known coordinates. Times in ms since 1970, UTC. */
export interface WaitingDelivery {
  id: string;
  pickup: Position;
  dropoff?: Position | null;
  waitingSinceMs: number;
  /** When the goods can be collected; null = now. */
  readyAtMs: number | null;
  dropoffBeforeMs: number | null;
  /** Drivers who rejected it or lost it: never proposed for it again. */
  excludedDriverIds: readonly string[];
}

/** A driver found AVAILABLE and alive, perhaps a moment ago. Each id at most once. */
export interface CandidateDriver {
  id: string;
  position: Position;
  idleSinceMs: number;
  /** Age of the position; null = unknown. */
  fixAgeMs: number | null;
}

export interface PolicySettings {
  /** Pickups further away than this are out of range; the radius itself is in range. */
  maxRadiusM: number;
  /** How many drivers a proposal names at most. */
  windowSize: number;
}

export interface RankedDriver {
  driverId: string;
  distanceM: number;
  /** By the asker's clock against Postgres' own: right among drivers, below zero where the asker's is behind. */
  idleMs: number;
  fixAgeMs: number | null;
}

export interface RuledOut {
  driverId: string;
  reason: 'excluded' | 'out_of_range';
}

/** Whom to try for one delivery, best first, and who was ruled out why (in order of id). */
export interface Proposal {
  deliveryId: string;
  ranked: readonly RankedDriver[];
  ruledOut: readonly RuledOut[];
}

export interface PolicyQuestion {
  nowMs: number;
  waiting: readonly WaitingDelivery[];
  candidates: readonly CandidateDriver[];
  settings: PolicySettings;
}

/**
 * Who should get what. Pure, and independent of the order of its inputs. One proposal for each waiting delivery, also
 * where nobody fits, since the reasons are in it. A policy only proposes: the deciding statement has the last word on
 * every single pair, so a driver may stand in several proposals.
 */
export type Policy = (question: PolicyQuestion) => readonly Proposal[];

/** Idle times are compared in steps of this: a few minutes decide nothing, and see `rank`. */
const IDLE_STEP_MS = 5 * 60_000;

/**
 * The default policy: whoever waits longest chooses first, and gets the nearest driver. A driver who heads one proposal
 * stands behind all others in the later ones, so that heads differ as long as there are drivers, and he is named there
 * only as a fallback. `readyAtMs` and `dropoffBeforeMs` are not looked at.
 */
export const nearest: Policy = ({ nowMs, waiting, candidates, settings }) => {
  const heads = new Set<string>();
  return [...waiting].sort(byWaiting).map((delivery) => {
    const { inRange, ruledOut } = sift(delivery, candidates, nowMs, settings.maxRadiusM);
    const ranked = rank(inRange, delivery.id);
    const free = ranked.filter((driver) => !heads.has(driver.driverId));
    const spokenFor = ranked.filter((driver) => heads.has(driver.driverId));
    const proposed = [...free, ...spokenFor].slice(0, settings.windowSize);
    if (proposed[0]) heads.add(proposed[0].driverId);
    return { deliveryId: delivery.id, ranked: proposed, ruledOut };
  });
};

/** What a shop may choose from, by name. */
export const POLICIES = { nearest } as const satisfies Record<string, Policy>;
export type PolicyName = keyof typeof POLICIES;

function sift(
  delivery: WaitingDelivery,
  candidates: readonly CandidateDriver[],
  nowMs: number,
  maxRadiusM: number,
): { inRange: RankedDriver[]; ruledOut: RuledOut[] } {
  const excluded = new Set(delivery.excludedDriverIds);
  const inRange: RankedDriver[] = [];
  const ruledOut: RuledOut[] = [];
  for (const { id, position, idleSinceMs, fixAgeMs } of candidates) {
    const metres = distanceM(delivery.pickup, position);
    if (excluded.has(id)) ruledOut.push({ driverId: id, reason: 'excluded' });
    else if (metres <= maxRadiusM)
      inRange.push({ driverId: id, distanceM: metres, idleMs: nowMs - idleSinceMs, fixAgeMs });
    else ruledOut.push({ driverId: id, reason: 'out_of_range' });
  }
  return { inRange, ruledOut: ruledOut.sort((a, b) => compareIds(a.driverId, b.driverId)) };
}

/**
 * Distance, then longest idle (in whole steps), then id; drivers equal in distance and idle step are rotated by a hash
 * of the delivery's id. Orders that arrive together at one place are decided apart from each other, and would otherwise
 * all try the same driver first and lose to one another. Exact idle times would never be equal and defeat the rotation;
 * steps, unlike "differs by more than", keep the order total.
 */
function rank(drivers: RankedDriver[], deliveryId: string): RankedDriver[] {
  const sorted = [...drivers].sort((a, b) => compareMerit(a, b) || compareIds(a.driverId, b.driverId));
  const hash = fnv1a(deliveryId);
  const ranked: RankedDriver[] = [];
  let run: RankedDriver[] = [];
  for (const driver of sorted) {
    if (run[0] && compareMerit(run[0], driver) !== 0) {
      ranked.push(...rotate(run, hash));
      run = [];
    }
    run.push(driver);
  }
  return [...ranked, ...rotate(run, hash)];
}

function compareMerit(a: RankedDriver, b: RankedDriver): number {
  return a.distanceM - b.distanceM || Math.floor(b.idleMs / IDLE_STEP_MS) - Math.floor(a.idleMs / IDLE_STEP_MS);
}

function rotate(run: RankedDriver[], hash: number): RankedDriver[] {
  const first = run.length === 0 ? 0 : hash % run.length;
  return [...run.slice(first), ...run.slice(0, first)];
}

function byWaiting(a: WaitingDelivery, b: WaitingDelivery): number {
  return a.waitingSinceMs - b.waitingSinceMs || compareIds(a.id, b.id);
}

/** By code unit, as Postgres orders uuids: never by the locale of the machine. */
function compareIds(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
