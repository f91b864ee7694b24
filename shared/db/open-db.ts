import { DependencyAway } from '../domain/away.ts';
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

const STATEMENT_TIMEOUT_MS = 2_000;
const CLIENT_DEADLINE_MS = 2_500;
const CONNECTION_WAIT_MS = 500;

/** SQLSTATE classes and client codes that say "not now" rather than "wrong". */
const AWAY =
  /^(08|53|57P|58|F0)|^(57014|55P03|40P01|40001|25006|3D000|3F000|42P01|28P01|28000)$|^CONNECT|^E(CONN|PIPE|TIMEDOUT|HOST|AI_|NET|NOTFOUND)/;

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
      }
    : {};
  const { url, prepare } = options;
  const connections = Array.from({ length: options.pool }, () => openConnection({ url, prepare, session }));
  const turnstile = openTurnstile(connections);

  return {
    async run<Row>(text: string, parameters: readonly unknown[] = []) {
      const connection = await turnstile.enter();
      const answer = connection.query<Row>(text, parameters).catch((error: unknown) => {
        throw isAway(error) ? new DependencyAway('postgres', error) : error;
      });
      try {
        return await within(answer, CLIENT_DEADLINE_MS, () => {
          connection.discard();
          return new DependencyAway('postgres', new Error('no answer in time'));
        });
      } finally {
        turnstile.leave(connection);
      }
    },
    usage: turnstile.usage,
    close: async () => void (await Promise.all(connections.map((connection) => connection.close()))),
  };
}

function isAway(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && AWAY.test(code);
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

/**
 * Hands out the connections, the last used first, so that those not needed grow idle and close. Who finds none waits
 * for at most 0.5 s and is then refused, so no queue can grow old.
 */
function openTurnstile(connections: readonly Connection[]) {
  const free = [...connections];
  const waiting = new Set<(connection: Connection) => void>();
  return {
    usage: () => ({ busy: connections.length - free.length, free: free.length, waiting: waiting.size }),
    async enter(): Promise<Connection> {
      const connection = free.pop();
      if (connection !== undefined) return connection;
      return new Promise((resolve, reject) => {
        const admit = (given: Connection) => {
          clearTimeout(timer);
          resolve(given);
        };
        const timer = setTimeout(() => {
          waiting.delete(admit);
          reject(new DependencyAway('postgres', new Error('no free connection in time')));
        }, CONNECTION_WAIT_MS);
        waiting.add(admit);
      });
    },
    leave(connection: Connection): void {
      const [next] = waiting;
      if (next === undefined) free.push(connection);
      else {
        waiting.delete(next);
        next(connection);
      }
    },
  };
}
