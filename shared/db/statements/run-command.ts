import { type Db, isUniqueViolation } from '../open-db.ts';
import type { DriverRow } from '../schema.ts';

/** Who repeats what: the first result under (scope, key) is kept and given again. `null` where no key was sent. */
export interface IdempotencyClaim {
  scope: string;
  key: string;
  requestSha256: string;
}

/** Who does something, for the event, and on whose request, for the webhooks it causes. */
export interface Who {
  /** `shop:<key>`, `driver:<id>`, `webhook:<id>`, `dispatch` (a plan), `relay`. */
  actor: string;
  idempotency: IdempotencyClaim | null;
  requestId?: string | undefined;
  traceparent?: string | undefined;
}

/** A driver as the projection needs them, read by the statement that changed them. Ages in ms by Postgres' clock. */
export interface ProjectedDriver {
  id: string;
  shop_id: string;
  version: number;
  status: DriverRow['status'];
  active: boolean;
  lat: number | null;
  lon: number | null;
  idle_since_ms: number;
  seen_age_ms: number | null;
  /** When Postgres was asked, by `performance.now()`: the age is as of then, or younger. */
  read_at_ms: number;
}

/** Notes on rows as they came from Postgres when it was asked for them. */
export function readAt<Driver extends { read_at_ms: number }>(drivers: readonly Driver[], askedAtMs: number) {
  for (const driver of drivers) driver.read_at_ms = askedAtMs;
  return drivers;
}

export type Ran<Result> =
  | { kind: 'done'; result: Result; drivers: readonly ProjectedDriver[] }
  | { kind: 'replayed'; result: Result; drivers: readonly ProjectedDriver[] }
  | { kind: 'in_flight' }
  | { kind: 'key_reused' };

/** One command of a list. */
export interface Order<Input> {
  who: Who;
  input: Input;
}

/** Runs one command. */
export async function runCommand<Result>(
  db: Db,
  text: string,
  who: Who,
  input: Record<string, unknown>,
): Promise<Ran<Result>> {
  const [ran] = await runCommands<Result>(db, text, [{ who, input }]);
  return ran as Ran<Result>;
}

const SNAPSHOTS = 3;

/**
 * Runs one command for each of a list, in one commit; answers in their order. No two may have the same key. One that is
 * alone is run again with a newer snapshot where the result of its key was stored meanwhile; one of several fails them
 * all, and nothing of any is kept.
 */
export async function runCommands<Result>(
  db: Db,
  text: string,
  list: readonly Order<Record<string, unknown>>[],
): Promise<readonly Ran<Result>[]> {
  const parameter = JSON.stringify(list.map(({ who, input }, n) => ({ n, ...parametersOf(who, input) })));
  for (let snapshot = 1; ; snapshot += 1) {
    try {
      return await run<Result>(db, text, parameter, list.length);
    } catch (error) {
      const met = isUniqueViolation(error, 'idempotency_scope_key_pk');
      if (!met || list.length > 1 || snapshot === SNAPSHOTS) throw error;
    }
  }
}

function parametersOf({ idempotency, actor, requestId, traceparent }: Who, input: Record<string, unknown>) {
  const { scope = null, key = null, requestSha256 = null } = idempotency ?? {};
  return { ...input, scope, key, request_sha256: requestSha256, actor, request_id: requestId, traceparent };
}

interface AnswerRow<Result> {
  kind: Ran<Result>['kind'];
  result: Result;
  drivers: ProjectedDriver[] | null;
}

async function run<Result>(db: Db, text: string, parameter: string, answers: number): Promise<readonly Ran<Result>[]> {
  const askedAtMs = performance.now();
  const rows = await db.run<AnswerRow<Result>>(text, [parameter]);
  if (rows.length !== answers) {
    const kinds = rows.map(({ kind }) => kind).join(' ');
    throw new Error(`a command answers exactly one row; ${rows.length} for ${answers}: ${kinds}`);
  }
  return rows.map(({ kind, result, drivers }) =>
    kind === 'done' || kind === 'replayed' ? { kind, result, drivers: readAt(drivers ?? [], askedAtMs) } : { kind },
  );
}
