import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import postgres from 'postgres';

/** One connection to Postgres, opened at its first query and again after each loss. One query at a time. */
export interface Connection {
  query<Row>(text: string, parameters: readonly unknown[]): Promise<readonly Row[]>;
  /** Logged in: the next query need not open it first. */
  isOpen(): boolean;
  /** Cuts the connection, whatever it is doing; the next query opens another. Whether its statement commits is open. */
  discard(): void;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  url: string;
  /** Named prepared statements. */
  prepare: boolean;
  /** Start-up parameters, e.g. `statement_timeout`. */
  session: Readonly<Record<string, string | number>>;
  /** Told whenever Postgres has let it in. */
  onOpen: () => void;
}

/** TCP, TLS and log-in together. A server with all its processors busy takes over a second to start twenty backends. */
const CONNECT_TIMEOUT_S = 2;
/** After a loss; the library's own grows to 20 s, which is how long we would go on refusing after Postgres is back. */
const RECONNECT_PAUSE_MS = 100;

/**
 * A client of `postgres` per connection instead of its pool, because a connection that hangs has to be given up by
 * itself, and the pool has no way to: its `cancel()` opens another connection to a server that does not answer and,
 * when that fails, rejects where nobody can catch it (which ends the process); a query cancelled while its connection
 * is being made takes the connection out of the pool for good; and one that is given to a connection between its reset
 * and its close is never answered. So a connection that was lost is never used again.
 */
export function openConnection(options: ConnectionOptions): Connection {
  let opened: ReturnType<typeof openClient> | null = null;
  let lostAtMs = Number.NEGATIVE_INFINITY;
  const discard = (): void => {
    const lost = opened;
    opened = null;
    lostAtMs = performance.now();
    void lost?.cut();
  };
  return {
    async query<Row>(text: string, parameters: readonly unknown[]) {
      const waitMs = opened === null ? lostAtMs + RECONNECT_PAUSE_MS - performance.now() : 0;
      if (waitMs > 0) await pause(waitMs);
      opened ??= openClient(options);
      const used = opened;
      try {
        const rows = await used.client.unsafe(text, parameters as never[], { prepare: options.prepare });
        return rows as unknown as readonly Row[];
      } catch (error) {
        if (used === opened && !survives(error)) discard();
        throw error;
      }
    },
    isOpen: () => opened?.isLoggedIn() ?? false,
    discard,
    async close() {
      const last = opened;
      opened = null;
      await last?.client.end({ timeout: 2 });
    },
  };
}

/** A statement that failed leaves its connection as it was; anything else is the end of it. */
function survives(error: unknown): boolean {
  const { name, severity } = (error ?? {}) as { name?: unknown; severity?: unknown };
  return name === 'PostgresError' && severity === 'ERROR';
}

function openClient({ url, prepare, session, onOpen }: ConnectionOptions) {
  let socket: net.Socket | null = null;
  let isCut = false;
  let isLoggedIn = false;
  const client = postgres(url, {
    max: 1,
    prepare,
    fetch_types: false,
    connect_timeout: CONNECT_TIMEOUT_S,
    idle_timeout: 300,
    onnotice: () => {},
    // The server tells its settings once it has let somebody in.
    onparameter: () => {
      if (!isLoggedIn && !isCut) onOpen();
      isLoggedIn = true;
    },
    onclose: () => {
      isLoggedIn = false;
    },
    connection: { application_name: 'driver-dispatch', ...session },
    // Not in its types. What is written before the socket is connected waits in it; its errors reach the client.
    socket: (to: { host: string[]; port: number[]; path?: string | false }) => {
      socket = new net.Socket();
      if (isCut) return socket.destroy();
      const [host = 'localhost'] = to.host;
      const [port = 5432] = to.port;
      // By these names the client knows the server's name, for TLS.
      Object.assign(socket, { host, port });
      return to.path ? socket.connect(to.path) : socket.connect(port, host);
    },
  } as postgres.Options<Record<string, never>>);
  return {
    client,
    isLoggedIn: () => isLoggedIn,
    cut: async () => {
      isCut = true;
      // Rejects the query under way; its polite farewell may never be read, so the socket goes right after.
      await client.end({ timeout: 0 }).catch(() => {});
      socket?.destroy();
    },
  };
}
