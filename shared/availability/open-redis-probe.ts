import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { DependencyAway } from '#shared/domain/away.ts';

export interface RedisProbe {
  /** @throws DependencyAway when Redis is gone, refuses, or does not answer in time */
  ping(): Promise<{ latencyMs: number }>;
}

const TIMEOUT_MS = 500;

/**
 * Asks PING over a connection of its own, closed after the answer. For a process that only wants to know whether Redis
 * is there: ioredis would be two thirds of its bundle and a third of its cold start, for this one command.
 *
 * @param options.url `redis://` or `rediss://`
 */
export function openRedisProbe({ url }: { url: string }): RedisProbe {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const address = { host, port: Number(port || 6379) };
  const proof = [username, password].filter((part) => part !== '').map(decodeURIComponent);
  const commands = [...(password === '' ? [] : [['AUTH', ...proof]]), ['PING']];
  return {
    async ping() {
      const startedAt = performance.now();
      try {
        await ask(protocol === 'rediss:' ? connectTls({ ...address, servername: host }) : connect(address), commands);
      } catch (error) {
        throw new DependencyAway('redis', error);
      }
      return { latencyMs: performance.now() - startedAt };
    },
  };
}

/** Resolves when each command was answered by a simple string (`+OK`, `+PONG`), the only kind of reply AUTH and PING have. */
function ask(socket: Socket, commands: readonly (readonly string[])[]): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(new Error('no answer in time')), TIMEOUT_MS);
    let replies = '';
    socket.on('data', (chunk: Buffer) => {
      replies += chunk.toString('latin1');
      const lines = replies.split('\r\n').slice(0, -1);
      const refusal = lines.find((line) => !line.startsWith('+'));
      if (refusal !== undefined) socket.destroy(new Error(refusal));
      else if (lines.length === commands.length) {
        resolve();
        socket.destroy();
      }
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error('closed before the answer'));
    });
    socket.write(commands.map(encode).join(''));
  });
}

/** A command as the protocol writes it (RESP2): a list of bulk strings. */
function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}
