import type { Availability, Fix, FixReply } from '../availability/availability.ts';
import type { FixFields } from '../contract/locations.ts';
import { type Contact, type SavedContact, saveContacts } from '../db/statements/locations.ts';
import type { Dispatch } from '../dispatch/dispatch.ts';
import { projectDrivers } from '../dispatch/project-drivers.ts';
import { DependencyAway } from '../domain/away.ts';
import type { Caller } from '../domain/command.ts';
import { placeOfFix, timeOfFix } from '../domain/fix.ts';
import { type Position, snapToGrid } from '../domain/geo.ts';
import { within } from '../runtime/within.ts';
import type { FlowDeps } from './deps.ts';

/*
 * THE ONE EXCEPTION to "truth changes in one SQL statement": a location fix is telemetry, not state. It goes to Redis,
 * in one round trip, and from there to Postgres within seconds (relay/save-heard.ts), for many drivers at once. Without
 * Redis it goes to Postgres alone. It never changes a status, and it is idempotent by (driver, recordedAt), so it keeps
 * no result under an Idempotency-Key.
 */

/**
 * A location report, or with `position` null a heartbeat. `recordedAtMs` is ms since 1970 by the phone's clock; null:
 * when it was received. `heardAtMs` is when that was, by `performance.now()` (left out: now): the stores reckon it by their own clocks,
 * since two processes may disagree about the time.
 */
export interface Report {
  driverId: string;
  position: Position | null;
  recordedAtMs: number | null;
  heardAtMs?: number;
}
/** A fix as it was said: what is no place or no time in it counts for nothing. @param clock when it was received, by both clocks */
export function reportOf(
  driverId: string,
  { recordedAt, ...fix }: FixFields,
  { receivedAtMs, nowMs }: { receivedAtMs: number; nowMs: number },
): Report {
  const recordedAtMs = timeOfFix(recordedAt === undefined ? null : Date.parse(recordedAt), nowMs);
  return { driverId, position: placeOfFix(fix), recordedAtMs, heardAtMs: receivedAtMs };
}

export type ReportOutcome = 'accepted' | 'outdated' | 'unknown';

/** For Postgres, of a driver whom Redis knows: less than a request may take, while one lost statement takes longer. */
const PATIENCE_MS = 1_000;

type Deps = Pick<FlowDeps, 'db' | 'availability' | 'contacts'> & { dispatch: Pick<Dispatch, 'mark'> };
/** In the order of the reports; null when Redis is away or there is none. */
type Replies = readonly FixReply[] | null;

/**
 * Takes reports of drivers of one shop; answers in their order. `outdated`: a newer fix is known, the contact counts.
 * `unknown`: no such driver in service in this shop. Without Redis all of them go to Postgres.
 */
export async function reportFixes(
  deps: Deps,
  caller: Pick<Caller, 'degraded'>,
  shopId: string,
  reports: readonly Report[],
): Promise<readonly ReportOutcome[]> {
  const replies = await tellRedis(deps.availability, caller, shopId, reports);
  const saved = await tellPostgres(deps, shopId, reports, replies);
  const drivers = saved.map((row) => row.driver);
  const missed = new Set(
    reports.filter((_, place) => replies?.[place]?.outcome === 'MISS').map((each) => each.driverId),
  );
  if (missed.size > 0) {
    await projectDrivers(
      deps,
      caller,
      drivers.filter((driver) => missed.has(driver.id)),
    );
  }
  await lookAgain(deps, shopId, saved);
  const known = new Set(drivers.map((driver) => driver.id));
  return reports.map((each, place) => outcomeOf(each, replies?.[place], known));
}

/** What follows a contact that is written down: a driver who was silent may be found again, and somebody waits. */
export async function lookAgain(
  { dispatch }: Pick<Deps, 'dispatch'>,
  shopId: string,
  saved: readonly SavedContact[],
): Promise<void> {
  if (saved.some((row) => row.wanted_again)) await dispatch.mark(shopId);
}

/**
 * Tells Postgres at once of those it would otherwise take for silent or Redis does not know; the others follow from
 * Redis. A driver whom Redis knows does without: while Postgres is away their contact is kept there until it is back.
 * @returns the drivers it was told of
 */
async function tellPostgres(
  { db, availability, contacts }: Pick<Deps, 'db' | 'availability' | 'contacts'>,
  shopId: string,
  reports: readonly Report[],
  replies: Replies,
): Promise<readonly SavedContact[]> {
  const due = reports.filter((_, place) => isDue(replies?.[place]));
  if (due.length === 0) return [];
  const isNeeded = replies === null || replies.some((reply) => reply.outcome === 'MISS');
  if (!isNeeded && contacts?.isWorthTrying() === false) return [];
  try {
    const isPast = replies === null;
    const told = due.map((each) => toContact(each, { past_redis: isPast, to_show: isPast && availability !== null }));
    const saving = contacts === undefined ? saveContacts(db, shopId, told) : contacts.write(shopId, told);
    return await (isNeeded ? saving : within(saving, PATIENCE_MS, () => []));
  } catch (error) {
    if (isNeeded || !(error instanceof DependencyAway)) throw error;
    return [];
  }
}

async function tellRedis(
  availability: Availability | null,
  caller: Pick<Caller, 'degraded'>,
  shopId: string,
  reports: readonly Report[],
): Promise<Replies> {
  if (availability === null) return null;
  const isFix = (report: Report): report is Report & Fix => report.position !== null;
  const fixes = reports.filter(isFix);
  const beats = reports.filter((report) => report.position === null);
  try {
    const [ofFixes, ofBeats] = await Promise.all([
      fixes.length === 0 ? [] : availability.locate(shopId, fixes),
      beats.length === 0 ? [] : availability.heartbeat(shopId, beats),
    ]);
    if (beats.length === 0) return ofFixes;
    const [nextFix, nextBeat] = [ofFixes.values(), ofBeats.values()];
    return reports.map((report) => (isFix(report) ? nextFix : nextBeat).next().value as FixReply);
  } catch (error) {
    if (!(error instanceof DependencyAway)) throw error;
    caller.degraded.add('redis');
    return null;
  }
}

/** Without Redis, and where Redis does not know the driver, Postgres is asked, and they are shown to Redis from there. */
function isDue(reply: FixReply | undefined): boolean {
  return reply === undefined || reply.outcome === 'MISS' || reply.persist;
}

/** On the grid, so that both stores have the same position. */
function toContact(
  { driverId, position, recordedAtMs, heardAtMs = performance.now() }: Report,
  ofRedis: Pick<Contact, 'past_redis' | 'to_show'>,
): Contact {
  const who = { driver_id: driverId, heard_at_ms: heardAtMs, ...ofRedis };
  if (position === null) return { ...who, lat: null, lon: null, recorded_at_ms: null };
  return { ...who, ...snapToGrid(position), recorded_at_ms: recordedAtMs };
}

function outcomeOf(report: Report, reply: FixReply | undefined, saved: ReadonlySet<string>): ReportOutcome {
  if (reply === undefined || reply.outcome === 'MISS') return saved.has(report.driverId) ? 'accepted' : 'unknown';
  return reply.outcome === 'OLD' ? 'outdated' : 'accepted';
}
