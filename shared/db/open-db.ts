import postgres from 'postgres';
import { DependencyAway } from '../domain/away.ts';

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
 * a statement gets a connection within 0.5 s or is refused, and an answer within 2.5 s or is cancelled.
 */
export function openDb(options: DbOptions): Db {
  const client = postgres(options.url, {
    max: options.pool,
    prepare: options.prepare,
    fetch_types: false,
    connect_timeout: 2,
    idle_timeout: 300,
    onnotice: () => {},
    connection: {
      application_name: 'driver-dispatch',
      ...(options.sessionTimeouts && {
        statement_timeout: STATEMENT_TIMEOUT_MS,
        lock_timeout: STATEMENT_TIMEOUT_MS,
        idle_in_transaction_session_timeout: 5_000,
      }),
    },
  });
  const turnstile = openTurnstile(options.pool);

  return {
    async run<Row>(text: string, parameters: readonly unknown[] = []) {
      await turnstile.enter();
      const query = client.unsafe(text, parameters as never[], { prepare: options.prepare });
      const answer = query.then(
        (rows) => rows as unknown as readonly Row[],
        (error: unknown) => {
          throw isAway(error) ? new DependencyAway('postgres', error) : error;
        },
      );
      // The place is given back when the server is done with it, not when the caller stopped waiting.
      void answer.then(turnstile.leave, turnstile.leave);
      return within(answer, CLIENT_DEADLINE_MS, () => {
        query.cancel();
        return new DependencyAway('postgres', new Error('no answer in time'));
      });
    },
    close: () => client.end({ timeout: 2 }),
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

/** Lets `places` in at once; others wait their turn for at most 0.5 s and are then refused, so no queue can grow old. */
function openTurnstile(places: number) {
  let free = places;
  const waiting = new Set<() => void>();
  return {
    async enter(): Promise<void> {
      if (free > 0) {
        free -= 1;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const admit = () => {
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          waiting.delete(admit);
          reject(new DependencyAway('postgres', new Error('no free connection in time')));
        }, CONNECTION_WAIT_MS);
        waiting.add(admit);
      });
    },
    leave(): void {
      const [next] = waiting;
      if (next === undefined) free += 1;
      else {
        waiting.delete(next);
        next();
      }
    },
  };
}
