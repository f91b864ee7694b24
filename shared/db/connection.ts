import net from 'node:net';
import postgres from 'postgres';

/** One connection to Postgres, opened at its first query and again after each loss. One query at a time. */
export interface Connection {
  query<Row>(text: string, parameters: readonly unknown[]): Promise<readonly Row[]>;
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
}

/** TCP, TLS and log-in together. */
const CONNECT_TIMEOUT_S = 1;
/** After a loss; the library's own grows to 20 s, which is how long we would go on refusing after Postgres is back. */
const RECONNECT_PAUSE_S = 0.1;

/**
 * A client of `postgres` per connection instead of its pool, because a connection that hangs has to be given up by
 * itself, and the pool has no way to: its `cancel()` opens another connection to a server that does not answer and,
 * when that fails, rejects where nobody can catch it (which ends the process); and a query cancelled while its
 * connection is being made takes the connection out of the pool for good.
 */
export function openConnection(options: ConnectionOptions): Connection {
  let opened: { client: postgres.Sql; cut: () => Promise<void> } | null = null;
  return {
    async query<Row>(text: string, parameters: readonly unknown[]) {
      opened ??= openClient(options);
      const rows = await opened.client.unsafe(text, parameters as never[], { prepare: options.prepare });
      return rows as unknown as readonly Row[];
    },
    discard() {
      const lost = opened;
      opened = null;
      void lost?.cut();
    },
    async close() {
      const last = opened;
      opened = null;
      await last?.client.end({ timeout: 2 });
    },
  };
}

function openClient({ url, prepare, session }: ConnectionOptions) {
  let socket: net.Socket | null = null;
  let isCut = false;
  const client = postgres(url, {
    max: 1,
    prepare,
    fetch_types: false,
    connect_timeout: CONNECT_TIMEOUT_S,
    backoff: () => RECONNECT_PAUSE_S,
    idle_timeout: 300,
    onnotice: () => {},
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
    cut: async () => {
      isCut = true;
      // Rejects the query under way; its polite farewell may never be read, so the socket goes right after.
      await client.end({ timeout: 0 }).catch(() => {});
      socket?.destroy();
    },
  };
}
