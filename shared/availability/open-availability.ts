import { DependencyAway } from '#shared/domain/away.ts';
import { SILENT_AFTER_S } from '#shared/domain/driver.ts';
import { cellAround, distanceM, type Position, searchRingsM } from '#shared/domain/geo.ts';
import {
  type Availability,
  type Candidate,
  type Fix,
  type FixReply,
  isOlder,
  type NearestQuestion,
} from './availability.ts';
import { type Commands, openClient, type RedisClient } from './client.ts';
import { openRedisClocks, readHeard, readOnline } from './heard.ts';
import { type ShopKeys, shopKeys } from './keys.ts';
import { script } from './script.ts';
import { assertFix, beatArgs, fixColumns, lonLat, projectionArgs } from './script-arguments.ts';
import { type FixReplies, SCRIPTS, type SearchReply } from './scripts.ts';
import { together } from './together.ts';

export type * from './availability.ts';

/** Drivers per script call: holds Redis for a few milliseconds at most. */
const PER_CALL = 500;
/** With more a call counts as bulk: a quarter of a millisecond of Redis's time, or more. */
const BULK_ITEMS = 100;
/** Found beyond the limit, so that small ties at the cut are all seen and ordered by id here. */
const TIE_SLACK = 16;
/** Each call but the last removes 2,000 silent drivers. */
const SEARCH_CALLS = 20;

const project = script(SCRIPTS.project);
const locate = script(SCRIPTS.locate);
const heartbeat = script(SCRIPTS.heartbeat);
const search = script(SCRIPTS.search);
const statuses = script(SCRIPTS.statuses);
const forget = script(SCRIPTS.forget);
const spend = script(SCRIPTS.spend);
const unsaved = script(SCRIPTS.unsaved);
const saved = script(SCRIPTS.saved);

type Args = readonly (string | number)[];
type Ask<Reply> = (redis: Commands, keys: ShopKeys, args: Args) => Promise<Reply>;

export interface AvailabilityOptions {
  /** `redis://` or `rediss://`. */
  url: string;
  /** The address is a node of a Redis Cluster. */
  cluster?: boolean;
  /** Goes in front of every key. */
  prefix?: string;
  /** Default 150. */
  commandTimeoutMs?: number;
}

/** One connection, opened in the background. Never throws for a Redis that is away: its methods reject instead. */
export function openAvailability({ prefix = '', ...options }: AvailabilityOptions): Availability {
  const client = openClient(options);
  const { run } = client;
  const { keysOf, call, callAged, callTimed } = openCalls(client, prefix);

  return {
    project: together(
      (drivers) => void drivers.map(projectionArgs),
      (shopId, drivers) =>
        inParts(drivers, (part) => callAged(project, shopId, part.flatMap(projectionArgs), part.length)),
    ),
    locate: together(
      (fixes) => fixes.forEach(assertFix),
      (shopId, fixes) => locateNewest(fixes, (part) => callTimed(locate, shopId, fixColumns(part), part.length)),
    ),
    heartbeat: together(
      () => {},
      (shopId, beats) => inParts(beats, (part) => callTimed(heartbeat, shopId, part.flatMap(beatArgs), part.length)),
    ),
    async unsaved(shopId, cursor, anyway = false) {
      const askedAtMs = performance.now();
      const page = await call(unsaved, shopId, [cursor, PER_CALL, anyway ? 1 : 0], PER_CALL);
      return page && { cursor: page.cursor, heard: page.kept.map((each) => readHeard(each, page.nowMs, askedAtMs)) };
    },
    async saved(shopId, heard, isLast) {
      const told = heard.flatMap(({ driverId, kept }) => [driverId, kept]);
      await call(saved, shopId, [isLast ? 1 : 0, ...told], heard.length);
    },
    search: (shopId, question) => nearest(question, (args) => call(search, shopId, args)),
    statuses: (shopId, driverIds) => inParts(driverIds, (part) => call(statuses, shopId, part, part.length)),

    lastPositions: (shopId, driverIds) =>
      inParts(driverIds, async (part) => {
        const names = part.map(keysOf(shopId).online);
        return (await run((redis) => redis.mget(names))).map(readOnline);
      }),

    async forget(shopId, driverIds) {
      for (const part of parts(driverIds)) await call(forget, shopId, part, part.length);
    },

    async projectedIds(shopId, cursor, count) {
      const { status } = keysOf(shopId);
      const [next, fields] = await run((redis) => redis.hscan(status, cursor, 'COUNT', count));
      return { cursor: next, ids: fields.filter((_, i) => i % 2 === 0) };
    },

    async markWarm(shopId) {
      const { marker } = keysOf(shopId);
      await run((redis) => redis.set(marker, '1'));
    },

    async isWarm(shopId) {
      const { marker } = keysOf(shopId);
      return (await run((redis) => redis.exists(marker))) === 1;
    },

    spend: (shopId, spent) =>
      inParts(spent, (part) => {
        const args = part.flatMap(({ name, quota, windowS, spent: points }) => [name, quota, windowS, points]);
        return call(spend, shopId, args, part.length);
      }),

    ping: () => ping(client),
    onReady: client.onReady,
    breakerState: client.breakerState,
    close: client.close,
  };
}

/** How scripts are called: by shop, with what they are told of time. */
function openCalls({ run, runBulk }: RedisClient, prefix: string) {
  const keysOf = (shopId: string): ShopKeys => shopKeys(shopId, prefix);
  // Arguments are made outside `run`: a wrong one is the caller's mistake, not Redis being away.
  const call = <Reply>(ask: Ask<Reply>, shopId: string, args: Args, items = 1): Promise<Reply> => {
    const keys = keysOf(shopId);
    return (items > BULK_ITEMS ? runBulk : run)((redis) => ask(redis, keys, args));
  };
  const clocks = openRedisClocks();
  /** The same for a call whose arguments are ages, counted from now (it may wait for its turn, and on its way), and judge silence. */
  const callAged = <Reply>(ask: Ask<Reply>, shopId: string, args: Args, items: number): Promise<Reply> => {
    const asOf = clocks.asOf(shopId);
    return call((redis, keys) => ask(redis, keys, [...asOf(), SILENT_AFTER_S * 1000, ...args]), shopId, [], items);
  };
  /** The same for one that tells Redis's time. */
  const callTimed = async (ask: Ask<FixReplies>, shopId: string, args: Args, items: number): Promise<FixReply[]> => {
    let sent = clocks.instant();
    const asking: Ask<FixReplies> = (...asked) => {
      sent = clocks.instant();
      return ask(...asked);
    };
    const { replies, nowMs } = await callAged(asking, shopId, args, items);
    clocks.read(shopId, nowMs, sent);
    return replies;
  };
  return { keysOf, call, callAged, callTimed };
}

async function ping({ run }: RedisClient): Promise<{ latencyMs: number }> {
  const startedAt = performance.now();
  await run((redis) => redis.ping());
  return { latencyMs: performance.now() - startedAt };
}

function* parts<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let from = 0; from < items.length; from += PER_CALL) yield items.slice(from, from + PER_CALL);
}

/** @throws Error (a bug of ours, not Redis's absence) if a part does not give one reply per item */
async function inParts<Item, Reply>(
  items: readonly Item[],
  ask: (part: readonly Item[]) => Promise<readonly Reply[]>,
): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (const part of parts(items)) {
    const answered = await ask(part);
    if (answered.length !== part.length) throw new Error(`${answered.length} replies for ${part.length} items`);
    replies.push(...answered);
  }
  return replies;
}

/** Only the newest fix of each driver goes to Redis. The others share its fate, but for a place in the search: OLD. */
async function locateNewest(
  fixes: readonly Fix[],
  ask: (part: readonly Fix[]) => Promise<readonly FixReply[]>,
): Promise<FixReply[]> {
  const newest: Fix[] = [];
  const placeOf = new Map<string, number>();
  for (const fix of fixes) {
    const place = placeOf.get(fix.driverId) ?? newest.length;
    placeOf.set(fix.driverId, place);
    const best = newest[place];
    if (best === undefined || !isOlder(fix, best)) newest[place] = fix;
  }
  const answers = await inParts(newest, ask);
  return fixes.map((fix) => {
    const place = placeOf.get(fix.driverId)!;
    const [best, answer] = [newest[place]!, answers[place]!];
    if (fix === best) return answer;
    const superseded = answer.outcome === 'OK' && isOlder(fix, best);
    return { outcome: superseded ? 'OLD' : answer.outcome, persist: false };
  });
}

async function nearest(
  { center, radiusM, limit, exclude = [] }: NearestQuestion,
  ask: (args: (string | number)[]) => Promise<SearchReply>,
): Promise<readonly Candidate[] | 'COLD'> {
  const excluded = [...new Set(exclude)];
  const [lon, lat] = lonLat(center);
  const { fromScore, toScore, areaM2 } = cellAround(center);
  const cell = [fromScore, toScore, areaM2];
  const args = [lon, lat, limit, TIE_SLACK, ...cell, excluded.length, ...excluded, ...searchRingsM(radiusM)];
  for (let call = 0; call < SEARCH_CALLS; call += 1) {
    const reply = await ask(args);
    if (reply.outcome === 'COLD') return 'COLD';
    if (reply.outcome === 'DONE') return byDistance(center, reply.candidates).slice(0, limit);
  }
  throw new DependencyAway('redis', new Error(`still clearing silent drivers after ${SEARCH_CALLS} calls`));
}

/** Nearest first, then id: the order Postgres answers in. */
function byDistance(center: Position, candidates: readonly Candidate[]): Candidate[] {
  return candidates
    .map((candidate) => ({ candidate, awayM: distanceM(center, candidate.position) }))
    .sort((a, b) => a.awayM - b.awayM || (a.candidate.driverId < b.candidate.driverId ? -1 : 1))
    .map(({ candidate }) => candidate);
}
