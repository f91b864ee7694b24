import type { Availability, Fix, FixReply } from '../availability/availability.ts';
import { type Contact, saveContacts } from '../db/statements/locations.ts';
import type { ProjectedDriver } from '../db/statements/run-command.ts';
import { projectDrivers } from '../dispatch/project-drivers.ts';
import { DependencyAway } from '../domain/away.ts';
import { type Position, snapToGrid } from '../domain/geo.ts';
import type { SavedContact } from './contact-writer.ts';
import type { Caller, FlowDeps } from './deps.ts';

/*
 * THE ONE EXCEPTION to "truth changes in one SQL statement": a location fix is telemetry, not state. It goes to Redis,
 * and a thinned last position (one in 10 s per driver) to Postgres. It never changes a status, and it is idempotent by
 * (driver, recordedAt), so it keeps no result under an Idempotency-Key.
 */

/**
 * A location report, or with `position` null a heartbeat. Time in ms since 1970 by the phone's clock; null: now, by
 * the stores' clocks and not by ours, since two processes may disagree about it.
 */
export interface Report {
  driverId: string;
  position: Position | null;
  recordedAtMs: number | null;
}
export type ReportOutcome = 'accepted' | 'outdated' | 'unknown';

type Deps = FlowDeps;
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
  const known = new Set(drivers.map((driver: ProjectedDriver) => driver.id));
  return reports.map((each, place) => outcomeOf(each, replies?.[place], known));
}

/** What follows a contact that is written down: a driver who was silent may be found again, and somebody waits. */
export async function lookAgain(
  { dispatch }: Pick<FlowDeps, 'dispatch'>,
  shopId: string,
  saved: readonly SavedContact[],
): Promise<void> {
  if (saved.some((row) => row.wanted_again)) await dispatch.mark(shopId);
}

/**
 * The thinned write. Those whom Postgres would otherwise take for silent or does not know of are waited for; the others
 * follow within seconds where the process lives on.
 * @returns the drivers that were waited for
 */
async function tellPostgres(
  { db, contacts }: Pick<Deps, 'db' | 'contacts'>,
  shopId: string,
  reports: readonly Report[],
  replies: Replies,
): Promise<readonly SavedContact[]> {
  const dueAs = (when: FixReply['persist']) =>
    reports.filter((_, place) => dueOf(replies?.[place]) === when).map(toContact);
  const now = dueAs('now');
  const soon = dueAs('soon');
  if (contacts === undefined) {
    const due = [...now, ...soon];
    return due.length === 0 ? [] : saveContacts(db, shopId, due);
  }
  if (soon.length > 0) contacts.writeSoon(shopId, soon);
  return now.length === 0 ? [] : contacts.write(shopId, now);
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
      beats.length === 0
        ? []
        : availability.heartbeat(
            shopId,
            beats.map((beat) => beat.driverId),
          ),
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

/** Without Redis, and where Redis does not know the driver, Postgres is asked, and he is shown to Redis from there. */
function dueOf(reply: FixReply | undefined): FixReply['persist'] {
  return reply === undefined || reply.outcome === 'MISS' ? 'now' : reply.persist;
}

/** On the grid, so that both stores have the same position. */
function toContact({ driverId, position, recordedAtMs }: Report): Contact {
  if (position === null) return { driver_id: driverId, lat: null, lon: null, recorded_at_ms: null };
  return { driver_id: driverId, ...snapToGrid(position), recorded_at_ms: recordedAtMs };
}

function outcomeOf(report: Report, reply: FixReply | undefined, saved: ReadonlySet<string>): ReportOutcome {
  if (reply === undefined || reply.outcome === 'MISS') return saved.has(report.driverId) ? 'accepted' : 'unknown';
  return reply.outcome === 'OLD' ? 'outdated' : 'accepted';
}
