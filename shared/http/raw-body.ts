import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
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
  if (!hasBody(incoming)) return Promise.resolve(new Uint8Array());
  const announced = incoming.headers['content-length'];
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

function hasBody({ headers }: IncomingMessage): boolean {
  const announced = headers['content-length'];
  return (announced !== undefined && announced !== '0') || headers['transfer-encoding'] !== undefined;
}

/** Whether there is more of a request's body to wait for. */
export function isOnItsWay(incoming: IncomingMessage): boolean {
  return hasBody(incoming) && !incoming.complete;
}

/** Bodies on their way at once, of one sender and of all: who sends them slowly keeps nobody else from sending. */
const BODIES_OF_SENDER = 256;
const BODIES = 2_048;
/** Of senders who have shown no proof: there may be as many addresses as somebody pays for. */
const BODIES_OF_STRANGERS = BODIES / 2;

/**
 * Who is refused is told so this much later: a socket that is closed at once is opened again at once, and 600 of them cost
 * a core in refusals alone. While they wait they cost no more than the socket, and those are counted too.
 */
const REFUSED_AFTER_MS = 1_000;
const REFUSED_AT_ONCE = 1_024;

/** Counts the bodies that are being read. */
export function openBodies() {
  let refused = 0;
  const bySender = new Map<string, number>();
  let [all, ofStrangers] = [0, 0];
  const change = (sender: string | null, by: number): void => {
    all += by;
    if (isStranger(sender)) ofStrangers += by;
    if (sender === null) return;
    const now = (bySender.get(sender) ?? 0) + by;
    if (now === 0) bySender.delete(sender);
    else bySender.set(sender, now);
  };
  return {
    /**
     * @param sender null: a stranger who is not told apart from others
     * @throws Problem `unavailable` where too many are on their way already
     */
    async read<T>(sender: string | null, reading: () => Promise<T>): Promise<T> {
      const ofSender = sender === null ? 0 : (bySender.get(sender) ?? 0);
      const isFull = isStranger(sender) ? ofStrangers >= BODIES_OF_STRANGERS : all >= BODIES;
      if (isFull || ofSender >= BODIES_OF_SENDER) {
        refused += 1;
        if (refused <= REFUSED_AT_ONCE) await pause(REFUSED_AFTER_MS);
        refused -= 1;
        throw new Problem('unavailable', 'Too many bodies on their way', CLOSE);
      }
      change(sender, 1);
      try {
        return await reading();
      } finally {
        change(sender, -1);
      }
    },
  };
}

function isStranger(sender: string | null): boolean {
  return sender === null || sender.startsWith('address ');
}

function tooLarge(limit: number): Problem {
  return new Problem('too_large', `At most ${limit} bytes`, CLOSE);
}

function senderGone(): Problem {
  return new Problem('timeout', 'The sender went away', CLOSE);
}
