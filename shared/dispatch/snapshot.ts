import type { ShopRow } from '../db/schema.ts';
import { readAskedBefore } from '../db/statements/read-offers.ts';
import {
  type DeliveryFacts,
  type DriverFacts,
  isLocated,
  type LocatedDelivery,
  readDrivers,
  readOnTheWay,
} from '../db/statements/read-snapshot.ts';
import type { Caller } from '../domain/command.ts';
import { distanceM, type Position, unitVector } from '../domain/geo.ts';
import type { EngineDeps } from './deps.ts';
import { findDrivers } from './find-drivers.ts';
import { ratioOf } from './learned-ratio.ts';
import { type DispatchSettings, planSettingsOf } from './settings-of-shop.ts';

/** Everything that a plan for a shop is made of, as it was at one moment. */
export interface Snapshot {
  shopId: string;
  nowMs: number;
  settings: DispatchSettings;
  waiting: readonly LocatedDelivery[];
  drivers: readonly DriverFacts[];
  /** By delivery: how often it was offered before, where the shop asks its drivers. */
  wavesOf: ReadonlyMap<string, number>;
  /** Offered as often as the shop wants, and no part of the plan: the shop is told, and a person decides. */
  spent: readonly LocatedDelivery[];
  /** More drivers may be near than were looked at. */
  isCut: boolean;
  /** Real over estimated travel time, as the shop's trips have taught. */
  ratio: number;
  /** Where nothing waits: the last of the drivers by id, if more of those who have something in hand may come behind. */
  busyUpTo: string | null;
}

/** Drivers in one plan, found near the pickups; and as many who have something in hand. */
export const MOST_DRIVERS = 150;
/** Places that are searched around. */
const MOST_SEARCHES = 30;
/** Behind the nearest ones so many times as many are looked for; all of them where none of the nearest may have it. */
const DEEPER = 5;
const DEEPEST = MOST_DRIVERS;

/**
 * Reads the drivers for what waits: Redis proposes who is near (Postgres where it is away), and Postgres says what is
 * true of them and of the busy ones near by. Never the whole fleet.
 * @param question.wanted a delivery that a person asks for: it takes part however often it was offered
 * @param question.busy of those who have something in hand only so many, and only who comes behind this one by id
 */
export async function readSnapshot(
  deps: EngineDeps,
  caller: Pick<Caller, 'degraded'>,
  shop: ShopRow,
  {
    waiting: all,
    nowMs,
    wanted,
    busy = { after: null, most: MOST_DRIVERS },
  }: {
    waiting: readonly LocatedDelivery[];
    nowMs: number;
    wanted?: string;
    busy?: { after: string | null; most: number };
  },
): Promise<Snapshot> {
  const settings = planSettingsOf(shop);
  const { waiting, spent, wavesOf } = await notAskedYet(deps, settings, all, wanted);
  const around = { shopId: shop.id, pickups: pickupsOf(waiting), radiusM: settings.maxRadiusM };
  const [nearest, ratio] = await Promise.all([near(deps, caller, around), ratioOf(deps, shop.id)]);
  const countToday = settings.fairness > 0;
  const first = await readDrivers(deps.db, shop.id, {
    driverIds: [...nearest.found.keys()],
    mostBusy: busy.most,
    busyAfter: busy.after,
    center: middleOf(around.pickups),
    countToday,
  });
  const deeper = deeperSearches(around.pickups, waiting, first, nearest.isCut, settings);
  const exclude =
    deeper.length === 0 ? [] : [...new Set([...(await readOnTheWay(deps.db, shop.id)), ...nearest.found.keys()])];
  const hidden = await Promise.all(deeper.map((each) => near(deps, caller, { ...around, ...each, exclude })));
  const behind = new Map(hidden.flatMap(({ found }) => [...found]));
  const driverIds = [...behind.keys()].filter((id) => !first.some((driver) => driver.id === id)).slice(0, MOST_DRIVERS);
  const more =
    driverIds.length > 0
      ? await readDrivers(deps.db, shop.id, { driverIds, mostBusy: 0, center: null, countToday })
      : [];
  const drivers = [...first, ...withoutTaken(more, first)];
  return {
    shopId: shop.id,
    nowMs,
    settings,
    waiting: stillWaiting(waiting, drivers),
    spent,
    wavesOf,
    ratio,
    isCut:
      hidden.some(({ isCut }) => isCut) || (nearest.isCut && !deeper.some(({ pickups }) => pickups === around.pickups)),
    busyUpTo: waiting.length === 0 && first.length === busy.most ? first.at(-1)!.id : null,
    drivers: drivers.map((driver) => at(driver, nearest.found.get(driver.id) ?? behind.get(driver.id))),
  };
}

/**
 * Where the shop asks its drivers: without who was asked in vain. A delivery that was offered as often as the shop wants
 * takes no part: it waits for a person.
 */
async function notAskedYet(
  { db }: EngineDeps,
  { mode, offerWaves }: DispatchSettings,
  all: readonly LocatedDelivery[],
  wanted: string | undefined,
): Promise<Pick<Snapshot, 'waiting' | 'spent' | 'wavesOf'>> {
  if (mode === 'assign' || all.length === 0) return { waiting: all, spent: [], wavesOf: new Map() };
  const asked = new Map(
    (
      await readAskedBefore(
        db,
        all.map(({ id }) => id),
      )
    ).map((row) => [row.delivery_id, row]),
  );
  const wavesOf = new Map([...asked].map(([id, { waves }]) => [id, waves]));
  const isSpent = ({ id }: LocatedDelivery) => id !== wanted && (wavesOf.get(id) ?? 0) >= offerWaves;
  const waiting = all
    .filter((delivery) => !isSpent(delivery))
    .map((delivery) => ({
      ...delivery,
      excluded_driver_ids: [...delivery.excluded_driver_ids, ...(asked.get(delivery.id)?.drivers ?? [])],
    }));
  return { waiting, spent: all.filter((each) => isSpent(each) && each.dispatch !== 'exhausted'), wavesOf };
}

/**
 * Where drivers are looked for behind the nearest ones: around everything where those may hide others;
 * around what none of them could be given now, by what it requires, or since none has room; and, where nothing waits,
 * around what somebody was told and has not collected, which may go to somebody nearer who was not there before.
 */
function deeperSearches(
  pickups: readonly Position[],
  waiting: readonly LocatedDelivery[],
  drivers: readonly DriverFacts[],
  isCut: boolean,
  { takeBack, policy, maxRadiusM }: DispatchSettings,
): readonly { pickups: readonly Position[]; times: number }[] {
  if (waiting.length === 0) {
    const told = takeBack && policy === 'planned' ? drivers.flatMap(({ stops }) => stops.filter(mayMove)) : [];
    return told.length === 0 ? [] : [{ pickups: pickupsOf(told), times: 1 }];
  }
  const forNobody = isCut
    ? waiting.filter((delivery) => !drivers.some((driver) => hasPlaceFor(driver, delivery, maxRadiusM)))
    : [];
  return [
    ...(forNobody.length > 0 ? [{ pickups: pickupsOf(forNobody), times: DEEPEST }] : []),
    ...(mayHideOthers(drivers, waiting.length, isCut) ? [{ pickups, times: DEEPER }] : []),
  ];
}

function mayMove(stop: DeliveryFacts): stop is LocatedDelivery {
  return isLocated(stop) && stop.status === 'ASSIGNED' && !stop.pinned;
}

function hasPlaceFor(driver: DriverFacts, delivery: LocatedDelivery, maxRadiusM: number): boolean {
  const { id, tags, capacity, load, reserved, lat, lon } = driver;
  const { size, requires, excluded_driver_ids: excluded, pickup_lat, pickup_lon } = delivery;
  if (load + reserved + size > capacity || excluded.includes(id) || !requires.every((tag) => tags.includes(tag)))
    return false;
  return lat !== null && lon !== null && distanceM({ lat, lon }, { lat: pickup_lat, lon: pickup_lon }) <= maxRadiusM;
}

/**
 * Redis finds all who have room, also those who have something in hand: where more waits than idle drivers were found,
 * such drivers may hide idle ones who are a little further away. So may idle ones: around pickups that are near to each
 * other the same few are found again and again.
 */
function mayHideOthers(drivers: readonly DriverFacts[], waiting: number, isCut: boolean): boolean {
  const idle = drivers.filter(({ load }) => load === 0).length;
  return idle < waiting && (isCut || idle < drivers.length);
}

/** Read a moment later: who has been given in between what one of the first had is left to the next plan. */
function withoutTaken(more: readonly DriverFacts[], first: readonly DriverFacts[]): readonly DriverFacts[] {
  const held = new Set(first.flatMap(({ stops }) => stops.map(({ id }) => id)));
  return more.filter(({ stops }) => !stops.some(({ id }) => held.has(id)));
}

/** The drivers were read after what waits: a delivery that somebody was given in between is theirs, and waits no more. */
function stillWaiting(
  waiting: readonly LocatedDelivery[],
  drivers: readonly DriverFacts[],
): readonly LocatedDelivery[] {
  const given = new Set(drivers.flatMap(({ stops }) => stops.map(({ id }) => id)));
  return waiting.filter(({ id }) => !given.has(id));
}

/** Redis has heard the newer position: Postgres keeps one in 10 s. */
function at(driver: DriverFacts, position: Position | undefined): DriverFacts {
  return position === undefined ? driver : { ...driver, ...position };
}

/** Each pickup place once, the most urgent first. */
function pickupsOf(waiting: readonly LocatedDelivery[]): readonly Position[] {
  const places = new Map<string, Position>();
  for (const { pickup_lat: lat, pickup_lon: lon } of waiting) places.set(`${lat} ${lon}`, { lat, lon });
  return [...places.values()];
}

interface Around {
  shopId: string;
  pickups: readonly Position[];
  radiusM: number;
  exclude?: readonly string[];
  times?: number;
}

/** The drivers nearest to each pickup, as many of each as of the others, and whether there may be more. */
async function near(
  deps: EngineDeps,
  caller: Pick<Caller, 'degraded'>,
  { shopId, pickups, times = 1, ...rest }: Around,
): Promise<{ found: ReadonlyMap<string, Position>; isCut: boolean }> {
  const centers = pickups.slice(0, MOST_SEARCHES);
  const each = Math.max(8, Math.ceil(MOST_DRIVERS / Math.max(1, centers.length)));
  const limit = Math.min(MOST_DRIVERS, times * each);
  const searches = await Promise.all(
    centers.map((center) => findDrivers(deps, caller, shopId, { ...rest, center, limit })),
  );
  const found = new Map<string, Position>();
  for (let place = 0; place < limit && found.size < MOST_DRIVERS; place += 1) {
    for (const search of searches) {
      const candidate = search[place];
      if (candidate !== undefined) found.set(candidate.driverId, candidate.position);
    }
  }
  return { found, isCut: pickups.length > centers.length || searches.some((search) => search.length >= limit) };
}

function middleOf(pickups: readonly Position[]): [number, number, number] | null {
  if (pickups.length === 0) return null;
  const sum: [number, number, number] = [0, 0, 0];
  for (const pickup of pickups)
    unitVector(pickup).forEach((value, axis) => {
      sum[axis]! += value;
    });
  return sum.map((value) => value / pickups.length) as [number, number, number];
}
