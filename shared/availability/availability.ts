import type { DriverStatus } from '#shared/domain/driver.ts';
import type { Position } from '#shared/domain/geo.ts';

/** What Postgres says of one driver. */
export interface Projection {
  driverId: string;
  version: number;
  status: DriverStatus;
  /** Last position known to Postgres, on the grid (`snapToGrid`). */
  position: Position | null;
  /** Epoch milliseconds, by Postgres. */
  idleSinceMs: number;
  /** Milliseconds since the last contact Postgres knows of; null: never. */
  seenAgeMs: number | null;
  /** When that was so, by `performance.now()`; left out: now. */
  asOfMs?: number;
}

/**
 * - `OK` Redis has it now (again, perhaps)
 * - `STALE` Redis knows a newer version; nothing changed
 * - `CONFLICT` Redis has this version with another status: a writer forgot to bump. Worth an alarm
 */
export type ProjectReply = 'OK' | 'STALE' | 'CONFLICT';

/** A word from a driver. `heardAtMs`: when it was received, by `performance.now()`; left out: now. */
export interface Beat {
  driverId: string;
  heardAtMs?: number;
}

/**
 * A location report. Its position is found again on the grid (`snapToGrid`); `recordedAtMs` is the phone's clock; null:
 * when it was received, by Redis's.
 */
export interface Fix extends Beat {
  position: Position;
  recordedAtMs: number | null;
}

/** By the phone's clock, of two fixes that came together; one without a time is from now. */
export function isOlder(one: Fix, other: Fix): boolean {
  return (one.recordedAtMs ?? Number.POSITIVE_INFINITY) < (other.recordedAtMs ?? Number.POSITIVE_INFINITY);
}

/**
 * - `OK` taken, or the same fix as before
 * - `OLD` a newer fix is known; the contact counts
 * - `MISS` not to be found by what Redis knows: ask Postgres once, project, and repeat
 *
 * Postgres is told by the relay, within seconds (`unsaved`). `persist`: it has to be told before the answer, since the
 * driver is found from now on and Postgres would take them for silent: the last word was 30 s ago, or nobody tells it.
 */
export interface FixReply {
  outcome: 'OK' | 'OLD' | 'MISS';
  persist: boolean;
}

/** What was heard of a driver and Postgres has not been told. Null: no fix came to Redis since it knows them. */
export interface Heard {
  driverId: string;
  fix: { position: Position; recordedAtMs: number } | null;
  /** By `performance.now()`. */
  heardAtMs: number;
  /** As it is kept: handed back to `saved`. */
  kept: string;
}

export interface Candidate {
  driverId: string;
  position: Position;
  idleSinceMs: number;
}

export interface NearestQuestion {
  center: Position;
  /** Metres, > 0. */
  radiusM: number;
  limit: number;
  /** Never among the answers. */
  exclude?: readonly string[];
}

/** `position` null: heard from, but no fix known. `recordedAtMs` 0: no fix came to Redis itself. */
export interface LastPosition {
  position: Position | null;
  recordedAtMs: number;
}

export interface ProjectedStatus {
  version: number;
  status: DriverStatus;
  inGeo: boolean;
  /** How long ago their last contact was; null: they are silent. */
  heardAgeMs: number | null;
}

/** What one caller of a shop has spent of a quota that fills again in `windowS`. */
export interface Spent {
  name: string;
  quota: number;
  windowS: number;
  spent: number;
}

/**
 * The projection of driver status and position, in Redis. It proposes; Postgres decides. Replies stand in the order of
 * what was asked. Every method rejects with `DependencyAway('redis')` when Redis does not answer or refuses: whether
 * a write took place is then unknown, and repeating it is safe.
 */
export interface Availability {
  /** A driver who is not AVAILABLE is never found after this. An AVAILABLE one is, if not silent (`SILENT_AFTER_S`). */
  project(shopId: string, projections: readonly Projection[]): Promise<readonly ProjectReply[]>;
  /** Never changes a status. Of several fixes of one driver the newest counts, whatever their order. */
  locate(shopId: string, fixes: readonly Fix[]): Promise<readonly FixReply[]>;
  /** Never changes a status. */
  heartbeat(shopId: string, beats: readonly Beat[]): Promise<readonly FixReply[]>;
  /**
   * A page of what was heard and Postgres has not been told; begin with cursor `'0'`, and end when it comes back. One
   * driver may come twice. Null: somebody else has the turn, or had it a moment ago (never so when asked `anyway`).
   */
  unsaved(
    shopId: string,
    cursor: string,
    anyway?: boolean,
  ): Promise<{ cursor: string; heard: readonly Heard[] } | null>;
  /** Postgres has been told these; `isLast`: the last page. What was heard of them since stays to be told. */
  saved(shopId: string, heard: readonly Heard[], isLast: boolean): Promise<void>;
  /**
   * AVAILABLE drivers who are not silent, by distance, then id. Where more than `limit` + 16 stand equally far
   * away, which of them are among the answers is Redis's choice.
   *
   * @returns `COLD` when this shop was never rebuilt here (a new, empty or flushed Redis): ask Postgres
   */
  search(shopId: string, question: NearestQuestion): Promise<readonly Candidate[] | 'COLD'>;
  /** null: silent. */
  lastPositions(shopId: string, driverIds: readonly string[]): Promise<readonly (LastPosition | null)[]>;
  /** For the repair scan. null: not projected. */
  statuses(shopId: string, driverIds: readonly string[]): Promise<readonly (ProjectedStatus | null)[]>;
  /** Drops drivers that Postgres does not know. */
  forget(shopId: string, driverIds: readonly string[]): Promise<void>;
  /**
   * One page of the drivers projected, for the repair scan; begin with cursor `'0'`, and end when it comes back. An id
   * may come twice, and `ids` may be longer or shorter than `count`.
   */
  projectedIds(shopId: string, cursor: string, count: number): Promise<{ cursor: string; ids: string[] }>;
  /** After a rebuild: searches are answered from here on. */
  markWarm(shopId: string): Promise<void>;
  isWarm(shopId: string): Promise<boolean>;
  /**
   * Adds what was spent of quotas of the shop's callers. @returns what is left of each, of all processes together;
   * negative where more was spent
   */
  spend(shopId: string, spent: readonly Spent[]): Promise<readonly number[]>;
  ping(): Promise<{ latencyMs: number }>;
  /** Calls `listener` each time Redis can be asked (again): time for a repair. More than one call per outage may come. */
  onReady(listener: () => void): void;
  breakerState(): 'closed' | 'open' | 'half-open';
  close(): Promise<void>;
}
