import { endLease } from '../db/statements/dispatch-lease.ts';
import { endBreaks } from '../db/statements/end-breaks.ts';
import { readWaiting, type Waiting } from '../db/statements/read-snapshot.ts';
import type { Plan, PlannedRoute } from '../planning/question.ts';
import { carryOut } from './carry-out.ts';
import { type EngineDeps, engineCaller, type Report } from './deps.ts';
import { makePlan } from './make-plan.ts';
import { offerTrips } from './offer-trips.ts';
import { carryOutOffers, endOffers } from './offers.ts';
import { planInput } from './plan-input.ts';
import { projectDrivers } from './project-drivers.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';

/**
 * `planned`: all that could be planned is; `nothing`: nothing waits; `elsewhere`: another planner has the shop just now
 * and may not have seen what this one was asked to look at.
 */
export type Planned = 'planned' | 'nothing' | 'elsewhere';

/** A plan whose drivers moved on, or for which there was no time to search, is made again at once, so often in vain. */
const TRIES = 4;
/** And one that left idle drivers out as long as it gets on: an end to whatever goes round in circles. */
const ROUNDS = 20;

/** With fewer that wait a plan is no work to speak of. */
const CROWD = 100;
const REST_AT_MOST_MS = 1_000;

/**
 * A shop in which hundreds wait is marked all the time, by each driver who comes free and each order, and would be planned
 * without end, by one process after another: of the time that Postgres and the processors have, all its plans together get
 * half. What is marked meanwhile is in the next plan, far within the 5 s that an order may wait beside a free driver.
 * @param waiting at most, in one of the rounds
 */
function restAfter(tookMs: number, waiting: number): number {
  return waiting < CROWD ? 0 : Math.min(tookMs, REST_AT_MOST_MS);
}

/** What one planner keeps from plan to plan. */
export interface PlannerMemory {
  /** Names this planner in the lease. */
  holder: string;
  /** By shop: the routes it had in mind. Lost with the process, which costs nothing but a little search. */
  previous: Map<string, readonly PlannedRoute[]>;
  report: Report;
}

/**
 * Plans a shop once: lease, snapshot, plan, commit; and again where the world moved on meanwhile.
 * @param always also where nothing waits: the routes in hand are planned anew
 * @throws DependencyAway
 */
export async function planShop(
  deps: EngineDeps,
  memory: PlannerMemory,
  shopId: string,
  always = false,
): Promise<Planned> {
  const startedAtMs = performance.now();
  let most = 0;
  for (let round = 1, tries = 0; round <= ROUNDS && tries < TRIES; round += 1) {
    const {
      leased,
      waits,
      waiting,
      now_ms: nowMs,
    } = await readAnew(deps, shopId, memory.holder, always && round === 1);
    const isIdle = !waits && !(always && round === 1);
    if (isIdle && round === 1) return 'nothing';
    if (isIdle) break;
    if (!leased) return 'elsewhere';
    most = Math.max(most, waiting.length);
    const shop = await deps.shops.byId(shopId);
    if (shop === null) break;
    const snapshot = await readSnapshot(deps, engineCaller(), shop, { waiting, nowMs });
    const made = await makePlan(deps, memory, snapshot);
    keep(memory, shopId, made.plan.routes);
    deps.meter?.observe('dispatch_plan_seconds', made.ms / 1_000);
    const { rest, offers } =
      snapshot.settings.mode === 'assign' ? { rest: made, offers: null } : offerTrips(snapshot, made);
    const { lost } = await carryOut(deps, planInput(snapshot, rest));
    const notOffered = offers === null ? 0 : await carryOutOffers(deps, offers);
    const getsOn = made.plan.changes.length > lost.length + notOffered;
    if (lost.length + notOffered > 0 || made.unsearched) tries += getsOn ? 0 : 1;
    else if (!leavesIdle(snapshot, made.plan)) break;
  }
  await endLease(deps.db, shopId, memory.holder, restAfter(performance.now() - startedAtMs, most));
  return 'planned';
}

/** What waits, with nothing before it that is over and only has not been ended: offers, breaks. */
async function readAnew(deps: EngineDeps, shopId: string, holder: string, always: boolean): Promise<Waiting> {
  const read = () => readWaiting(deps.db, shopId, holder, { always });
  const first = await read();
  if (first.breaks) await projectDrivers(deps, engineCaller(), await endBreaks(deps.db, shopId, engineCaller().actor));
  return first.offers && (await endOffers(deps, shopId)) ? read() : first;
}

/**
 * A plan looks, for each delivery, at those who could be at its pickup first, and a snapshot at those near by, not at
 * everybody: of many that wait some may find all of those taken, and wait for room with them beside drivers who have
 * nothing to do. With those told of the first ones the next plan sees the others.
 */
function leavesIdle({ drivers, isCut }: Snapshot, { changes, held, routes }: Plan): boolean {
  if (changes.length === 0 || !held.some(({ reason }) => reason === 'no_room_yet')) return false;
  if (isCut) return true;
  const planned = new Set(routes.flatMap(({ driverId, stops }) => (stops.length > 0 ? [driverId] : [])));
  return drivers.some(({ id, duty, load }) => duty === 'AVAILABLE' && load === 0 && !planned.has(id));
}

function keep({ previous }: PlannerMemory, shopId: string, routes: readonly PlannedRoute[]): void {
  if (routes.some(({ stops }) => stops.length > 0)) previous.set(shopId, routes);
  else previous.delete(shopId);
}
