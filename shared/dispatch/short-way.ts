import type { ShopRow } from '../db/schema.ts';
import { type CreateResult, createDeliveries, MOST_ORDERS } from '../db/statements/create-delivery.ts';
import { type Fleet, readFleet } from '../db/statements/read-snapshot.ts';
import { DependencyAway } from '../domain/away.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import { nextDispatchDelayMs } from '../domain/dispatch-schedule.ts';
import { openBatch } from '../runtime/batch.ts';
import { ttlCache } from '../runtime/ttl-cache.ts';
import type { EngineDeps } from './deps.ts';
import { findDrivers } from './find-drivers.ts';
import { ratioOf } from './learned-ratio.ts';
import { measureWait } from './measure-wait.ts';
import { postgresNowMs } from './postgres-clock.ts';
import { projectDrivers } from './project-drivers.ts';
import { type DispatchSettings, dispatchSettingsOf } from './settings-of-shop.ts';
import { type OrderDecision, type OrderDetails, planOrders, UNDECIDED } from './small-plan.ts';

/*
 * The short way: an order that finds its shop calm is planned by itself, stored and given to a driver in one commit.
 * Orders that come while another is being stored go together, planned together, in one commit for up to 16. What cannot
 * be decided so is stored, and the engine plans it with everything else that waits.
 */

interface NewOrder {
  caller: Caller;
  shop: ShopRow;
  details: OrderDetails;
}

/** Batches under way, of all shops: more of them would only wait for each other's commits. */
const AT_ONCE = 4;
/** A request has 3 s; what has not begun by then is refused, and may be sent again. */
const WAIT_MS = 1_500;
/** Drivers looked for around a pickup, beside one for each other order of the batch. */
const WINDOW = 8;
const FLEET_TTL_MS = 10_000;

export interface ShortWay {
  /**
   * Stores an order, and assigns it where that can be decided at once. `lost`: another copy of it is being stored.
   * @throws DependencyAway also where its turn did not come in time
   */
  create(caller: Caller, shop: ShopRow, details: OrderDetails): Promise<CommandResult<CreateResult>>;
}

/** @param mark told of a shop whose new orders are left to the engine */
export function openShortWay(deps: EngineDeps, mark: (shopId: string) => Promise<void>): ShortWay {
  const fleets = ttlCache(FLEET_TTL_MS, (shopId: string) => readFleet(deps.db, shopId));
  const batch = openBatch<NewOrder, CommandResult<CreateResult>>({
    mode: 'one_at_a_time',
    most: MOST_ORDERS,
    atOnce: AT_ONCE,
    deadline: { waitMs: WAIT_MS, late: () => new DependencyAway('postgres', new Error('no turn in time')) },
    apart: ({ caller: { idempotency } }) => idempotency && `${idempotency.scope} ${idempotency.key}`,
    run: async (shopId, orders) => {
      const decisions = await decide(deps, shopId, orders, () => fleets.get(shopId));
      return store(deps, orders, decisions);
    },
  });
  const once = openOnce();
  return {
    async create(caller, shop, details) {
      const ran = await once(caller, () => batch.add(shop.id, { caller, shop, details }));
      measureWait(deps.meter, ran);
      if (ran.kind === 'done' && isLeft(ran.result)) await mark(shop.id);
      return ran;
    },
  };
}

/**
 * Copies of one request, sent at the same time, are answered with the first one's answer. Each by itself, they would be
 * stored one after the other, since a copy sees a result that is kept only once that is committed: twenty of them took
 * 1.5 s beside a slow Redis, and the last were refused.
 */
function openOnce(): (
  caller: Caller,
  create: () => Promise<CommandResult<CreateResult>>,
) => Promise<CommandResult<CreateResult>> {
  const underWay = new Map<string, Promise<CommandResult<CreateResult>>>();
  return async ({ idempotency }, create) => {
    if (!idempotency) return create();
    const name = JSON.stringify([idempotency.scope, idempotency.key, idempotency.requestSha256]);
    const first = underWay.get(name);
    if (first !== undefined) return asKept(await first);
    const creating = create().finally(() => underWay.delete(name));
    underWay.set(name, creating);
    return creating;
  };
}

/** As it is answered to whoever asks once it is kept. */
function asKept(ran: CommandResult<CreateResult>): CommandResult<CreateResult> {
  return ran.kind === 'done' && ran.result.outcome === 'created' ? { ...ran, kind: 'replayed', drivers: [] } : ran;
}

/** Stored, and for the engine to plan. */
function isLeft(result: CreateResult): boolean {
  return result.outcome === 'created' && result.delivery.dispatch === 'searching';
}

function isLocated({ pickup_lat, dropoff_lat }: OrderDetails): boolean {
  return pickup_lat !== null && dropoff_lat !== null;
}

/** The engine asks drivers, asks the server for real ways, and knows who was given how much today. */
function isForTheEngine(
  { mode, policy, fairness }: DispatchSettings,
  { routing }: Pick<EngineDeps, 'routing'>,
): boolean {
  return mode !== 'assign' || (policy === 'planned' && (fairness > 0 || Boolean(routing)));
}

async function decide(
  deps: EngineDeps,
  shopId: string,
  orders: readonly NewOrder[],
  readShopFleet: () => Promise<Fleet>,
): Promise<readonly OrderDecision[]> {
  const located = orders.filter(({ details }) => isLocated(details));
  const shop = orders[0]!.shop;
  const settings = dispatchSettingsOf(shop);
  if (located.length === 0 || isForTheEngine(settings, deps)) return orders.map(() => UNDECIDED);
  const fleet = await readShopFleet();
  // Several orders for drivers who carry several are a trip: that takes what this way does not know.
  const mayBundle = settings.policy === 'planned' && settings.bundle !== 'none' && located.length > 1;
  if (mayBundle && fleet.most > 1) return orders.map(() => UNDECIDED);
  const limit = WINDOW + located.length - 1;
  const searches = new Map<string, ReturnType<typeof findDrivers>>();
  const near = ({ caller, details: { pickup_lat: lat, pickup_lon: lon } }: NewOrder) => {
    const key = `${lat} ${lon}`;
    const search = { center: { lat: lat!, lon: lon! }, radiusM: settings.maxRadiusM, limit };
    const known = searches.get(key) ?? findDrivers(deps, caller, shopId, search);
    searches.set(key, known);
    return known;
  };
  const [found, ratio, nowMs] = await Promise.all([
    Promise.all(located.map(near)),
    ratioOf(deps, shopId),
    postgresNowMs(deps.db),
  ]);
  // Behind so many there may be somebody who is quicker to the door by another vehicle: the engine looks further.
  const isMixed = settings.policy === 'planned' && Object.keys(fleet.others).length > 0;
  if (isMixed && found.some(({ length }) => length >= limit)) return orders.map(() => UNDECIDED);
  const asked = located.map(({ details }, place) => ({ details, found: found[place]! }));
  const vehicleOf = (driverId: string) => fleet.others[driverId] ?? (driverId in fleet.others ? null : fleet.vehicle);
  const decided = planOrders(asked, settings, { nowMs, ratio, vehicleOf }).values();
  return orders.map(({ details }) => (isLocated(details) ? (decided.next().value ?? UNDECIDED) : UNDECIDED));
}

/** One that fails the statement is tried apart from the others, and they from it. */
async function store(
  deps: EngineDeps,
  orders: readonly NewOrder[],
  decisions: readonly OrderDecision[],
): Promise<readonly CommandResult<CreateResult>[]> {
  try {
    const answers = await createDeliveries(
      deps.db,
      orders.map(({ caller, shop, details }, place) => {
        const isPlanned = shop.policy === 'planned' || dispatchSettingsOf(shop).mode !== 'assign';
        const decision = decisions[place] ?? UNDECIDED;
        // Nobody is near: the engine comes back to it by the clock. Else it is rung at once.
        const retry_in_ms = decision.candidates.length > 0 || isPlanned ? 0 : nextDispatchDelayMs(1);
        return { who: caller, input: { ...details, ...decision, if_calm: isPlanned, append: !isPlanned, retry_in_ms } };
      }),
    );
    const drivers = answers.flatMap((ran) => (ran.kind === 'done' ? ran.drivers : []));
    await projectDrivers(deps, orders[0]!.caller, drivers);
    return answers;
  } catch (error) {
    if (orders.length === 1 || error instanceof DependencyAway) throw error;
    const apart = orders.map(async (order, place) => {
      const [answer] = await store(deps, [order], [decisions[place] ?? UNDECIDED]);
      return answer!;
    });
    return Promise.all(apart);
  }
}
