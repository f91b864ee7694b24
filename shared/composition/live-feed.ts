import { setImmediate as afterOthers } from 'node:timers/promises';
import type { ChangesView, PositionTuple } from '../contract/live.ts';
import { readChanges, readOnDuty } from '../db/statements/changes.ts';
import { DependencyAway } from '../domain/away.ts';
import { changesSince, positionsOf } from '../flows/changes.ts';
import type { FlowDeps } from '../flows/deps.ts';
import { changesView } from '../mappers/changes-view.ts';

/*
 * One feed per process, however many pages watch: one question to Postgres for all watched shops, twice a second, and
 * one to Redis per watched shop, once a second. It runs only while somebody watches. Workers need not know of each
 * other: each reads the same events, and a watcher who comes back to another worker brings their cursor along.
 */

export type FeedMessage =
  | { kind: 'changes'; changes: ChangesView }
  /** Drivers who moved since the last message, and those not heard from for 60 s. */
  | { kind: 'positions'; positions: readonly PositionTuple[]; silent: readonly string[] }
  /** Nothing happened; the cursor has moved on all the same. */
  | { kind: 'tick'; cursor: string };

export interface LiveFeed {
  /**
   * Begins with everything since `after` (or the whole board), then whatever comes, each change once. The whole board
   * comes again where a cursor is of no use any more: after a start of Postgres, or too much at once.
   * @returns how to leave
   * @throws DependencyAway when the beginning cannot be read
   */
  watch(shopId: string, after: string | null, send: (message: FeedMessage) => void): Promise<() => void>;
  close(): void;
}

interface Watcher {
  shopId: string;
  cursor: string;
  send: (message: FeedMessage) => void;
}

const CHANGES_MS = 500;
const POSITIONS_MS = 1_000;
const ON_DUTY_MS = 10_000;
const TICK_MS = 4_000;

export function openLiveFeed(deps: Pick<FlowDeps, 'db' | 'availability'>, onError: (error: unknown) => void): LiveFeed {
  const watchers = new Set<Watcher>();
  const positions = new Map<string, ShopPositions>();
  const timers = new Set<NodeJS.Timeout>();
  let turn: Promise<void> = Promise.resolve();
  /** A beginning may be megabytes: of many at once each has a turn of the event loop, and others' requests come between. */
  const nextTurn = (): Promise<void> => {
    turn = turn.then(() => afterOthers());
    return turn;
  };
  const start = () => {
    if (timers.size > 0) return;
    timers.add(every(CHANGES_MS, () => tellChanges(deps, watchers), onError));
    timers.add(every(POSITIONS_MS, () => tellPositions(deps, watchers, positions), onError));
    timers.add(every(TICK_MS, async () => tick(watchers), onError));
  };
  const stopIfAlone = () => {
    for (const shopId of positions.keys()) {
      if (![...watchers].some((watcher) => watcher.shopId === shopId)) positions.delete(shopId);
    }
    if (watchers.size > 0) return;
    for (const timer of timers) clearInterval(timer);
    timers.clear();
  };
  return {
    async watch(shopId, after, send) {
      const changes = await changesSince(deps, shopId, after);
      await nextTurn();
      const watcher: Watcher = { shopId, cursor: changes.cursor, send };
      send({ kind: 'changes', changes });
      const onDuty = await readOnDuty(deps.db, shopId);
      send({ kind: 'positions', positions: await positionsOf(deps, shopId, onDuty, true), silent: [] });
      watchers.add(watcher);
      start();
      return () => {
        watchers.delete(watcher);
        stopIfAlone();
      };
    },
    close() {
      watchers.clear();
      stopIfAlone();
    },
  };
}

/** Never two at once, and an error does not end it. */
function every(ms: number, work: () => Promise<void>, onError: (error: unknown) => void): NodeJS.Timeout {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    work()
      .catch((error: unknown) => (error instanceof DependencyAway ? undefined : onError(error)))
      .finally(() => {
        busy = false;
      });
  }, ms);
  timer.unref();
  return timer;
}

/** Those who stand at the same place are told the same. Once told, all watchers of a shop do. */
async function tellChanges(deps: Pick<FlowDeps, 'db'>, watchers: ReadonlySet<Watcher>): Promise<void> {
  const groups = standingTogether(watchers);
  const read = await readChanges(deps.db, groups);
  const lost: Group[] = [];
  groups.forEach((group, n) => {
    const changes = read[n];
    if (changes == null) lost.push(group);
    else if (changes.deliveries.length + changes.drivers.length > 0) tell(group, changesView(changes));
    else for (const watcher of group.watchers) watcher.cursor = changes.cursor;
  });
  for (const group of lost) tell(group, await changesSince(deps, group.shopId, null));
}

interface Group {
  shopId: string;
  after: string;
  watchers: Watcher[];
}

function standingTogether(watchers: ReadonlySet<Watcher>): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const watcher of watchers) {
    const { shopId, cursor } = watcher;
    const group = groups.get(`${shopId} ${cursor}`) ?? { shopId, after: cursor, watchers: [] };
    groups.set(`${shopId} ${cursor}`, group);
    group.watchers.push(watcher);
  }
  return [...groups.values()];
}

function tell({ watchers }: Group, changes: ChangesView): void {
  for (const watcher of watchers) {
    watcher.cursor = changes.cursor;
    watcher.send({ kind: 'changes', changes });
  }
}

interface ShopPositions {
  onDuty: readonly string[];
  onDutyReadAtMs: number;
  /** By driver: the last one told. */
  told: Map<string, PositionTuple>;
}

async function tellPositions(
  deps: Pick<FlowDeps, 'db' | 'availability'>,
  watchers: ReadonlySet<Watcher>,
  known: Map<string, ShopPositions>,
): Promise<void> {
  for (const shopId of new Set([...watchers].map((watcher) => watcher.shopId))) {
    const shop = known.get(shopId) ?? { onDuty: [], onDutyReadAtMs: Number.NEGATIVE_INFINITY, told: new Map() };
    known.set(shopId, shop);
    if (performance.now() - shop.onDutyReadAtMs > ON_DUTY_MS) {
      shop.onDuty = await readOnDuty(deps.db, shopId);
      shop.onDutyReadAtMs = performance.now();
    }
    const now = await positionsOf(deps, shopId, shop.onDuty, false);
    const moved = now.filter((each) => isDifferent(shop.told.get(each[0]), each));
    const heard = new Set(now.map(([driverId]) => driverId));
    const silent = [...shop.told.keys()].filter((driverId) => !heard.has(driverId));
    for (const each of moved) shop.told.set(each[0], each);
    for (const driverId of silent) shop.told.delete(driverId);
    if (moved.length + silent.length === 0) continue;
    for (const watcher of watchers) {
      if (watcher.shopId === shopId) watcher.send({ kind: 'positions', positions: moved, silent });
    }
  }
}

function isDifferent(before: PositionTuple | undefined, now: PositionTuple): boolean {
  return before === undefined || before[1] !== now[1] || before[2] !== now[2] || before[3] !== now[3];
}

function tick(watchers: ReadonlySet<Watcher>): void {
  for (const watcher of watchers) watcher.send({ kind: 'tick', cursor: watcher.cursor });
}
