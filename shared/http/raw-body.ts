import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Problem } from './problem.ts';

/** The connection carries bytes nobody will read: it cannot serve another request. */
const CLOSE = { headers: { connection: 'close' } } as const;
const SENDER_GONE = 'The sender went away';

/** `timeout`: a body that did not come to its end, of which so much was read. */
export class BodyCutShort extends Problem {
  readonly bytesRead: number;

  constructor(detail: string, bytesRead: number) {
    super('timeout', detail, CLOSE);
    this.name = 'BodyCutShort';
    this.bytesRead = bytesRead;
  }
}

/**
 * Reads a request's body while it streams in, never holding more than `limit` bytes.
 *
 * @throws Problem `too_large` as soon as the announced or received length passes `limit`; BodyCutShort when the body is
 *   not complete after `timeoutMs` or the sender goes away; both close the connection
 */
export function readBody(incoming: IncomingMessage, limit: number, timeoutMs: number): Promise<Uint8Array> {
  if (!hasBody(incoming)) return Promise.resolve(new Uint8Array());
  const announced = incoming.headers['content-length'];
  if (incoming.destroyed) return Promise.reject(new BodyCutShort(SENDER_GONE, 0));
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
    const onAway = (): void => finish(() => reject(new BodyCutShort(SENDER_GONE, length)));
    const timer = setTimeout(() => {
      incoming.pause();
      finish(() => reject(new BodyCutShort(`The body took longer than ${timeoutMs} ms`, length)));
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

/** What a body may come to need: what it announces, or else, since it comes in chunks, all that may be sent there. */
export function sizeOf({ headers }: IncomingMessage, limit: number): number {
  const announced = headers['content-length'];
  return announced === undefined ? limit : Math.min(Number(announced), limit);
}

type Room = { readonly bodies: number; readonly bytes: number };
const MIB = 1024 * 1024;
/**
 * Bodies on their way at once, of one sender and of all: who sends them slowly keeps nobody else from sending. A body
 * takes its whole size from the beginning, or many that have begun would need more than there is. One sender's bytes:
 * sixteen photographs of the largest size, or as many bodies of JSON as they may send, in chunks or not.
 */
const OF_SENDER: Room = { bodies: 256, bytes: 32 * MIB };
const OF_ALL: Room = { bodies: 2_048, bytes: 96 * MIB };
/** Of senders who have shown no proof: there may be as many addresses as somebody pays for. */
const OF_STRANGERS: Room = { bodies: OF_ALL.bodies / 2, bytes: OF_ALL.bytes / 2 };

/**
 * Who is refused is told so this much later: a socket that is closed at once is opened again at once, and 600 of them cost
 * a core in refusals alone. While they wait they cost no more than the socket, and those are counted too.
 */
const REFUSED_AFTER_MS = 1_000;
const REFUSED_AT_ONCE = 1_024;

const NOTHING: Room = { bodies: 0, bytes: 0 };

/** Counts the bodies that are being read. */
export function openBodies() {
  let refused = 0;
  const bySender = new Map<string, Room>();
  let [all, ofStrangers] = [NOTHING, NOTHING];
  const change = (sender: string | null, bodies: 1 | -1, bytes: number): void => {
    const changed = (room: Room): Room => ({ bodies: room.bodies + bodies, bytes: room.bytes + bodies * bytes });
    all = changed(all);
    if (isStranger(sender)) ofStrangers = changed(ofStrangers);
    if (sender === null) return;
    const now = changed(bySender.get(sender) ?? NOTHING);
    if (now.bodies === 0) bySender.delete(sender);
    else bySender.set(sender, now);
  };
  return {
    /**
     * @param sender null: a stranger who is not told apart from others
     * @param bytes that the body may come to need
     * @throws Problem `unavailable` where too many are on their way already
     */
    async read<T>(sender: string | null, bytes: number, reading: () => Promise<T>): Promise<T> {
      const ofSender = (sender !== null && bySender.get(sender)) || NOTHING;
      const hasRoom = isStranger(sender) ? fits(ofStrangers, OF_STRANGERS, bytes) : fits(all, OF_ALL, bytes);
      if (!hasRoom || !fits(ofSender, OF_SENDER, bytes)) {
        refused += 1;
        if (refused <= REFUSED_AT_ONCE) await pause(REFUSED_AFTER_MS);
        refused -= 1;
        throw new Problem('unavailable', 'Too many bodies on their way', CLOSE);
      }
      change(sender, 1, bytes);
      try {
        return await reading();
      } finally {
        change(sender, -1, bytes);
      }
    },
  };
}

function fits(taken: Room, room: Room, bytes: number): boolean {
  return taken.bodies < room.bodies && taken.bytes + bytes <= room.bytes;
}

function isStranger(sender: string | null): boolean {
  return sender === null || sender.startsWith('address ');
}

function tooLarge(limit: number): Problem {
  return new Problem('too_large', `At most ${limit} bytes`, CLOSE);
}
