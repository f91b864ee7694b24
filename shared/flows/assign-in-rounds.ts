import type { ShopRow } from '../db/schema.ts';
import type { Ran } from '../db/statements/run-command.ts';
import { POLICIES, type PolicyName, type Proposal, type WaitingDelivery } from '../domain/assignment.ts';
import type { Caller, FlowDeps } from './deps.ts';
import { findCandidates } from './find-candidates.ts';
import { measureRounds } from './measure-assignment.ts';
import { projectDrivers } from './project-drivers.ts';

/**
 * Drivers looked for in the first round, and one more for each other order of the shop under way, which may take one of
 * them; doubled in each further round.
 */
const WINDOW = 8;
const MAX_ROUNDS = 5;
/** What is still undecided then is stored and waits: its request has 3 s, and the last round takes its time too. */
const MAX_MS = 1_500;

/** What the deciding statement is told: whom to try, why, and whether this was the last window. */
export interface Attempt {
  candidates: readonly string[];
  /** By driver: what the ASSIGNED event keeps of the choice. */
  reasons: Record<string, unknown>;
  final: boolean;
}

/**
 * Search, rank, decide, until somebody is had or nobody is left: candidates from Redis (or Postgres), ranked by the
 * shop's policy, decided by one statement. Lost to others on every candidate: the next, wider window. Whoever changed
 * is projected before this returns.
 * @param sinceMs by `performance.now()`: when the order came, if it has waited since
 */
export async function assignInRounds<Result extends { outcome: string }>(
  deps: FlowDeps,
  caller: Caller,
  shop: Pick<ShopRow, 'id' | 'max_radius_m' | 'policy'>,
  delivery: WaitingDelivery,
  decide: (attempt: Attempt) => Promise<Ran<Result>>,
  sinceMs = performance.now(),
): Promise<Ran<Result>> {
  const windowAtFirst = WINDOW + (deps.intake?.rivals(shop.id) ?? 0);
  for (let round = 1; ; round += 1) {
    const windowSize = windowAtFirst << (round - 1);
    const { ranked } = await propose(deps, caller, shop, delivery, windowSize);
    const final = ranked.length < windowSize || round === MAX_ROUNDS || performance.now() - sinceMs > MAX_MS;
    const candidates = ranked.map((driver) => driver.driverId);
    const ran = await decide({
      candidates,
      reasons: reasonsOf(ranked),
      final,
    });
    if (ran.kind === 'done') await projectDrivers(deps, caller, ran.drivers);
    measureRounds(deps.meter, round, candidates, ran);
    if (final || ran.kind !== 'done' || ran.result.outcome !== 'lost') return ran;
  }
}

async function propose(
  deps: FlowDeps,
  caller: Caller,
  shop: Pick<ShopRow, 'id' | 'max_radius_m' | 'policy'>,
  delivery: WaitingDelivery,
  windowSize: number,
): Promise<Proposal> {
  const candidates = await findCandidates(deps, caller, shop.id, {
    center: delivery.pickup,
    radiusM: shop.max_radius_m,
    limit: windowSize,
    exclude: delivery.excludedDriverIds,
  });
  const policy = POLICIES[shop.policy as PolicyName] ?? POLICIES.nearest;
  const [proposal] = policy({
    // The policies compare durations with each other only; which clock counts them does not matter here.
    nowMs: Date.now(),
    waiting: [delivery],
    candidates: candidates.map(({ driverId, ...rest }) => ({ id: driverId, ...rest, fixAgeMs: null })),
    settings: { maxRadiusM: shop.max_radius_m, windowSize },
  });
  if (proposal === undefined) throw new Error('a policy answers one proposal for each waiting delivery');
  return proposal;
}

function reasonsOf(ranked: Proposal['ranked']): Record<string, unknown> {
  return Object.fromEntries(
    ranked.map(({ driverId, distanceM, idleMs }, place) => [
      driverId,
      {
        distanceM: Math.round(distanceM),
        idleS: Math.max(0, Math.round(idleMs / 1000)),
        place: place + 1,
        of: ranked.length,
      },
    ]),
  );
}
