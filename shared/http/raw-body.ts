import type { IncomingMessage } from 'node:http';
import { Problem } from './problem.ts';

/** The connection carries bytes nobody will read: it cannot serve another request. */
const CLOSE = { headers: { connection: 'close' } } as const;

/**
 * Reads a request's body while it streams in, never holding more than `limit` bytes.
 *
 * @throws Problem `too_large` as soon as the announced or received length passes `limit`, `timeout` when the body is
 *   not complete after `timeoutMs` or the sender goes away; both close the connection
 */
export function readBody(incoming: IncomingMessage, limit: number, timeoutMs: number): Promise<Uint8Array> {
  const announced = incoming.headers['content-length'];
  if ((announced === undefined || announced === '0') && incoming.headers['transfer-encoding'] === undefined) {
    return Promise.resolve(new Uint8Array());
  }
  if (incoming.destroyed) return Promise.reject(senderGone());
  if (Number(announced) > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      incoming.off('data', onData).off('end', onEnd).off('error', onAway).off('close', onAway);
      // A later reset of the connection must not become an uncaught error.
      incoming.on('error', () => {});
      settle();
    };
    const onData = (chunk: Buffer): void => {
      length += chunk.length;
      if (length <= limit) return void chunks.push(chunk);
      incoming.pause();
      finish(() => reject(tooLarge(limit)));
    };
    const onEnd = (): void =>
      finish(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    const onAway = (): void => finish(() => reject(senderGone()));
    const timer = setTimeout(() => {
      incoming.pause();
      finish(() => reject(new Problem('timeout', `The body took longer than ${timeoutMs} ms`, CLOSE)));
    }, timeoutMs);
    incoming.on('data', onData).on('end', onEnd).on('error', onAway).on('close', onAway);
  });
}

function tooLarge(limit: number): Problem {
  return new Problem('too_large', `At most ${limit} bytes`, CLOSE);
}

function senderGone(): Problem {
  return new Problem('timeout', 'The sender went away', CLOSE);
}
