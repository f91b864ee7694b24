import { DependencyAway, SchemaMissing } from '../domain/away.ts';
import { openFairQueue } from '../runtime/fair-queue.ts';
import { type Connection, openConnection } from './connection.ts';

/**
 * Runs one SQL text with positional parameters under a deadline. Rows come back as the driver decodes them; arrays are
 * not decoded (that would cost a query on each connect): select them with `to_json`.
 */
export interface Db {
  /**
   * @throws DependencyAway when Postgres refuses, is gone, or does not answer in time. Whether the statement
   * committed is then unknown: repeat it with the same idempotency key.
   */
  run<Row>(text: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** Connections of this process's pool by what they do, and who waits for one. */
  usage?(): { busy: number; free: number; waiting: number };
  /** The same pool for one of many who share it (a shop, or LOOK_UPS): see runtime/fair-queue.ts. */
  lane?(name: string): Db;
  /** Too many wait in this lane: one more would be refused at once. */
  isFull?(): boolean;
  close(): Promise<void>;
}

export interface DbOptions {
  url: string;
  /** Connections at most. */
  pool: number;
  /** Named prepared statements; false behind RDS Proxy, which pins a connection for them. */
  prepare: boolean;
  /** Send the server-side timeouts as start-up parameters; false where the role carries them. */
  sessionTimeouts: boolean;
}

/** The lane of those who ask who somebody is: the crowd that nobody knows waits for itself. */
export const LOOK_UPS = 'look-ups';

const STATEMENT_TIMEOUT_MS = 2_000;
const CLIENT_DEADLINE_MS = 2_500;

/** A lane for each shop at the pool's connections. */
const PLACES = {
  waitMs: 500,
  /** At 10 ms a statement the last of these waits 40 ms; on a machine ten times slower it still gets its turn in 0.5 s. */
  waitingPerPlace: 4,
  keptForOthers: 2,
  isReady: (connection: Connection) => connection.isOpen(),
  /**
   * A connection costs the server a process, its caches, and on each of them the plan of every statement: a third of a
   * second of a processor. If every process opened its whole pool the moment Postgres is back, all would plan and nobody
   * be answered for ten seconds; and while a server accepts and does not answer, each try that was given up is one more
   * to greet later. One that is open answers some hundred requests a second. (Four processes with pools of ten on two
   * cores, back after an outage: 10 to 14 s with all at once, 5 to 7.5 s with one more every second, 3.8 s like this.)
   */
  carefulMs: 20_000,
  unreadyAtOnce: 2,
  restMs: 3_000,
  refused: (why: string) => new DependencyAway('postgres', new Error(why)),
};

/** SQLSTATE classes and client codes that say "not now" rather than "wrong". */
const AWAY =
  /^(08|53|57P|58|F0)|^(57014|55P03|40P01|40001|25006|3D000|28P01|28000)$|^CONNECT|^E(CONN|PIPE|TIMEDOUT|HOST|AI_|NET|NOTFOUND)/;

/** No such schema, table, column or function: nobody has migrated the database to this version. */
const UNMIGRATED = /^(3F000|42P01|42703|42883)$/;

/**
 * Opens the pool; connects on first use. `postgres` itself has no deadline and no bound on its queue, so both are here:
 * a statement gets a connection within 0.5 s or is refused, and an answer within 2.5 s or its connection is cut. Cut,
 * not cancelled: a server that does not answer a statement does not answer its cancellation either, and the place must
 * not stay lost while a backend is stopped. The server's own `statement_timeout` of 2 s comes first where it lives.
 */
export function openDb(options: DbOptions): Db {
  const session = options.sessionTimeouts
    ? {
        statement_timeout: STATEMENT_TIMEOUT_MS,
        lock_timeout: STATEMENT_TIMEOUT_MS,
        idle_in_transaction_session_timeout: 5_000,
        // Its parameters are ids and JSON, of which a plan learns nothing: without this, each statement would be planned
        // five times on each connection, for 10 ms each, whenever all connections are new.
        plan_cache_mode: 'force_generic_plan',
      }
    : {};
  const { url, prepare } = options;
  const connections = Array.from({ length: options.pool }, () => {
    const connection: Connection = openConnection({ url, prepare, session, onOpen: () => places.readied(connection) });
    return connection;
  });
  const places = openFairQueue({ places: connections, ...PLACES });

  const lane = (name: string): Db => ({
    async run<Row>(text: string, parameters: readonly unknown[] = []) {
      const connection = await places.enter(name);
      const answer = connection.query<Row>(text, parameters).catch((error: unknown) => {
        throw toAway(error);
      });
      try {
        return await within(answer, CLIENT_DEADLINE_MS, () => {
          connection.discard();
          return new DependencyAway('postgres', new Error('no answer in time'));
        });
      } finally {
        places.leave(name, connection);
      }
    },
    usage: places.usage,
    lane: lanes.of,
    isFull: () => places.isFull(name),
    close: async () => void (await Promise.all(connections.map((connection) => connection.close()))),
  });
  const lanes = openLanes(lane);
  return lane('');
}

/** Lanes cost some hundred bytes, and who remembers something by its `Db` does so by this object. */
const LANES_KEPT = 10_000;

function openLanes(open: (name: string) => Db) {
  const kept = new Map<string, Db>();
  return {
    of(name: string): Db {
      const known = kept.get(name);
      if (known !== undefined) return known;
      if (kept.size >= LANES_KEPT) kept.clear();
      const opened = open(name);
      kept.set(name, opened);
      return opened;
    },
  };
}

/** What is not "not now" comes back as it is. */
function toAway(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return error;
  if (UNMIGRATED.test(code)) return new SchemaMissing(error);
  return AWAY.test(code) ? new DependencyAway('postgres', error) : error;
}

/** True if the statement failed because `constraint` already holds such a row. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  const { code, constraint_name } = (error ?? {}) as { code?: unknown; constraint_name?: unknown };
  return code === '23505' && constraint_name === constraint;
}

async function within<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
