import type { CommandItem, CommandResult, ProjectedDriver, Requester } from '../../domain/command.ts';
import { type Db, isUniqueViolation } from '../open-db.ts';

/** Notes on rows as they came from Postgres when it was asked for them. */
export function readAt<Driver extends { read_at_ms: number }>(drivers: readonly Driver[], askedAtMs: number) {
  for (const driver of drivers) driver.read_at_ms = askedAtMs;
  return drivers;
}

/** Runs one command. */
export async function runCommand<Result>(
  db: Db,
  text: string,
  who: Requester,
  input: Record<string, unknown>,
): Promise<CommandResult<Result>> {
  const [ran] = await runCommands<Result>(db, text, [{ who, input }]);
  return ran as CommandResult<Result>;
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
  list: readonly CommandItem<Record<string, unknown>>[],
): Promise<readonly CommandResult<Result>[]> {
  const parameter = JSON.stringify(list.map(({ who, input }, n) => ({ n, ...parametersOf(who, input) })));
  for (let snapshot = 1; ; snapshot += 1) {
    try {
      return await run<Result>(db, text, parameter, list.length);
    } catch (error) {
      const met = isUniqueViolation(error, 'kept_result_pkey');
      if (!met || list.length > 1 || snapshot === SNAPSHOTS) throw error;
    }
  }
}

function parametersOf({ idempotency, actor, requestId, traceparent }: Requester, input: Record<string, unknown>) {
  const { scope = null, key = null, requestSha256 = null } = idempotency ?? {};
  return { ...input, scope, key, request_sha256: requestSha256, actor, request_id: requestId, traceparent };
}

interface AnswerRow<Result> {
  kind: CommandResult<Result>['kind'];
  result: Result;
  drivers: ProjectedDriver[] | null;
}

async function run<Result>(
  db: Db,
  text: string,
  parameter: string,
  answers: number,
): Promise<readonly CommandResult<Result>[]> {
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
