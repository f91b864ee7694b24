import { BrokenCircuitError, bulkhead, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { DependencyAway } from '#shared/domain/away.ts';

const COMMAND_TIMEOUT_MS = 150;
const FAILURES_TO_OPEN = 5;
const HALF_OPEN_AFTER_MS = 1_000;
/** More would queue inside Redis, time out there by the dozen, and open the breaker on a healthy store. */
const BULK_AT_ONCE = 4;
const BULK_WAITING = 200;

export type BreakerState = 'closed' | 'open' | 'half-open';

/** What is asked of Redis, the same of one node and of a cluster. */
export type Commands = Pick<Redis, 'call' | 'mget' | 'hscan' | 'set' | 'exists' | 'ping'>;

/** One connection (to a cluster: one per node), behind one breaker. */
export interface RedisClient {
  /** Rejects with `DependencyAway` whatever went wrong; at once, without asking Redis, while the breaker is open. */
  run<T>(command: (redis: Commands) => Promise<T>): Promise<T>;
  /** The same for calls that hold Redis for milliseconds: few at a time, the others wait here, before their timeout. */
  runBulk<T>(command: (redis: Commands) => Promise<T>): Promise<T>;
  /** Calls `listener` each time Redis can be asked (again): first connect, reconnect, breaker closed. */
  onReady(listener: () => void): void;
  breakerState(): BreakerState;
  close(): Promise<void>;
}

export interface ClientOptions {
  /** `redis://` or `rediss://`; of a cluster, any of its nodes. */
  url: string;
  cluster?: boolean | undefined;
  commandTimeoutMs?: number | undefined;
}

/** Connecting starts at once, in the background. */
export function openClient({
  url,
  cluster = false,
  commandTimeoutMs = COMMAND_TIMEOUT_MS,
}: ClientOptions): RedisClient {
  const redis = cluster ? openCluster(url, commandTimeoutMs) : new Redis(url, redisOptions(commandTimeoutMs));
  // Without a listener ioredis prints every failed connect. Callers get each failure as the cause of DependencyAway.
  redis.on('error', () => {});
  // Ends by itself: connectTimeout, then a handshake of commands that time out.
  const firstAttempt = new Promise<unknown>((resolve) => {
    redis.once('ready', resolve).once('error', resolve).once('close', resolve).once('end', resolve);
  });
  const breaker = circuitBreaker(
    // A full Redis answers at once, and still carries out removals: nothing to be kept from waiting for.
    handleWhen((error) => !isOutOfMemory(error)),
    { breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN), halfOpenAfter: HALF_OPEN_AFTER_MS },
  );

  async function run<T>(command: (redis: Commands) => Promise<T>): Promise<T> {
    try {
      // While one call tries the half-open breaker, cockatiel would have all others wait for it.
      if (breaker.state === CircuitState.HalfOpen) throw new BrokenCircuitError();
      return await breaker.execute(async () => {
        if (redis.status !== 'ready') await firstAttempt;
        return command(redis);
      });
    } catch (error) {
      throw new DependencyAway('redis', error);
    }
  }

  const bulk = bulkhead(BULK_AT_ONCE, BULK_WAITING);
  const runBulk: RedisClient['runBulk'] = (command) =>
    bulk
      .execute(() => run(command))
      .catch((error: unknown) => {
        throw error instanceof DependencyAway ? error : new DependencyAway('redis', error);
      });

  return {
    run,
    runBulk,
    onReady: readiness(redis, breaker, () => run((connected) => connected.ping())),
    breakerState: () => stateName(breaker.state),
    async close() {
      await redis.quit().catch(() => {});
      redis.disconnect();
    },
  };
}

type Breaker = ReturnType<typeof circuitBreaker>;

function readiness(redis: Redis | Cluster, breaker: Breaker, probe: () => Promise<unknown>): RedisClient['onReady'] {
  const listeners: (() => void)[] = [];
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  breaker.onReset(tell);
  redis.on('ready', () => {
    if (breaker.state === CircuitState.Closed) return tell();
    // Connected, but the breaker still refuses. Once it is due, try it rather than wait for somebody's call.
    setTimeout(() => probe().catch(() => {}), HALF_OPEN_AFTER_MS + 1).unref();
  });
  return (listener) => {
    listeners.push(listener);
    if (redis.status === 'ready' && breaker.state === CircuitState.Closed) listener();
  };
}

/** Fail fast. With ioredis's defaults a call hangs for more than 15 s on a dead Redis. */
function redisOptions(commandTimeoutMs: number) {
  let refusedAt = 0;
  return {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 300,
    socketTimeout: 2_000,
    autoResendUnfulfilledCommands: false,
    maxLoadingRetryTime: 200,
    // Every hosted Redis speaks RESP2; nothing here needs RESP3. CLIENT SETINFO is not in Redis 7.0.
    protocol: 2,
    disableClientInfo: true,
    retryStrategy: (times: number) => Math.min(500, 50 * 2 ** Math.min(times - 1, 6)) * (0.5 + Math.random() / 2),
    // The address may lead to another node by now (failover). At most once a second, or a lasting replica means a storm.
    reconnectOnError(error) {
      if (!/^(READONLY|LOADING)/.test(error.message) || Date.now() - refusedAt < 1_000) return false;
      refusedAt = Date.now();
      return true;
    },
  } satisfies RedisOptions;
}

/**
 * The same haste for a cluster: what a node answers with MOVED is asked of the right one, once the slots are known anew.
 * The keys of a shop share a slot, so no call is ever split.
 */
function openCluster(url: string, commandTimeoutMs: number): Cluster {
  const { hostname, port, username, password, protocol } = new URL(url);
  const { retryStrategy, enableOfflineQueue, ...each } = redisOptions(commandTimeoutMs);
  return new Cluster([{ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) }], {
    enableOfflineQueue,
    clusterRetryStrategy: retryStrategy,
    retryDelayOnFailover: 50,
    retryDelayOnClusterDown: 50,
    retryDelayOnTryAgain: 50,
    maxRedirections: 3,
    slotsRefreshTimeout: 300,
    redisOptions: {
      ...each,
      ...(username && { username: decodeURIComponent(username) }),
      ...(password && { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' && { tls: {} }),
    },
  });
}

function isOutOfMemory(error: Error): boolean {
  return /^OOM|\bOOM command not allowed/.test(error.message);
}

function stateName(state: CircuitState): BreakerState {
  switch (state) {
    case CircuitState.Closed:
      return 'closed';
    case CircuitState.HalfOpen:
      return 'half-open';
    case CircuitState.Open:
    case CircuitState.Isolated:
      return 'open';
  }
}
