import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

/** What a hostile caller can do with nothing, or with a key of a shop of their own. */
export const ATTACKS = ['unknown keys', 'validation bombs', 'streams', 'parallel boards', 'slow bodies'] as const;
export type Attack = (typeof ATTACKS)[number];

export interface Target {
  url: string;
  /** Of the attacker's own shop. */
  key: string;
}

/**
 * Not that of the honest callers: whoever has shown no proof yet is known by the address alone, and a shop whose machine is
 * itself the attacker's shares that address' places with them.
 */
const ADDRESS = '127.0.0.2';
const KEY_CONNECTIONS = 64;
const BOMB_CONNECTIONS = 8;
const STREAMS = 600;
const BOARDS = 24;
const SLOW_SOCKETS = 600;
const MIB = 1024 * 1024;

/** Goes on until `signal` aborts; whatever is answered, and whether anything is. */
export async function attack(kind: Attack, target: Target, signal: AbortSignal): Promise<void> {
  switch (kind) {
    case 'unknown keys':
      return hammer(target, KEY_CONNECTIONS, signal, () => ({ path: '/v1/deliveries', key: inventedKey() }));
    case 'validation bombs': {
      const body = `{"fixes":[${'{},'.repeat(MIB / 3 - 10)}{}]}`;
      return hammer(target, BOMB_CONNECTIONS, signal, () => ({ path: '/v1/locations', key: target.key, body }));
    }
    case 'parallel boards':
      return hammer(target, BOARDS, signal, () => ({ path: '/v1/changes', key: target.key }));
    case 'streams':
      return openStreams(target, signal);
    case 'slow bodies':
      return sendSlowly(target, signal);
  }
}

/** Both shapes of a key: without a check value, and with one that is made up. */
function inventedKey(): string {
  const random = randomBytes(24).toString('hex');
  const id = random.charCodeAt(0) % 2 === 0 ? random.slice(0, 24) : `${random.slice(0, 24)}-${random.slice(24, 36)}`;
  return `dk_${id}_${randomBytes(32).toString('base64url')}`;
}

interface Asked {
  path: string;
  key: string;
  body?: string;
}

/** Asks again as soon as it is answered, over so many connections. */
async function hammer(target: Target, connections: number, signal: AbortSignal, next: () => Asked): Promise<void> {
  setMaxListeners(0, signal);
  const pool = new Pool(target.url, { connections, pipelining: 1, localAddress: ADDRESS });
  const one = async (): Promise<void> => {
    while (!signal.aborted) {
      const { path, key, body = null } = next();
      const headers = { authorization: `Bearer ${key}`, ...(body !== null && { 'content-type': 'application/json' }) };
      try {
        const answer = await pool.request({ method: body === null ? 'GET' : 'POST', path, headers, body, signal });
        await answer.body.dump();
      } catch {
        await sleep(10);
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  await pool.destroy();
}

/** More than a key may have; those that are refused or end are opened again. */
async function openStreams({ url, key }: Target, signal: AbortSignal): Promise<void> {
  const head = `GET /v1/stream HTTP/1.1\r\nhost: h\r\nauthorization: Bearer ${key}\r\n\r\n`;
  await keepOpen(url, STREAMS, signal, async (socket) => {
    socket.write(head);
    socket.resume();
  });
}

/** Announces a body, sends it a byte a second. */
async function sendSlowly({ url }: Target, signal: AbortSignal): Promise<void> {
  const head = 'POST /v1/webhooks/vendure/default HTTP/1.1\r\nhost: h\r\ncontent-length: 1000\r\n\r\n';
  await keepOpen(url, SLOW_SOCKETS, signal, async (socket) => {
    socket.write(head);
    const timer = setInterval(() => socket.write('x'), 1_000);
    socket.once('close', () => clearInterval(timer));
    socket.resume();
  });
}

async function keepOpen(
  url: string,
  count: number,
  signal: AbortSignal,
  use: (socket: Socket) => Promise<void>,
): Promise<void> {
  setMaxListeners(0, signal);
  const { hostname, port } = new URL(url);
  const one = async (): Promise<void> => {
    while (!signal.aborted) {
      const socket = connect({ port: Number(port), host: hostname, localAddress: ADDRESS });
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => {});
      const stop = () => socket.destroy();
      signal.addEventListener('abort', stop);
      await use(socket);
      await closed;
      signal.removeEventListener('abort', stop);
      await sleep(20);
    }
  };
  await Promise.all(Array.from({ length: count }, one));
}
