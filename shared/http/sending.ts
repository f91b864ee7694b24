import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpResponse } from './problem.ts';

/** An answer that is being sent: `outgoing` takes it, over the connection of `incoming`. */
type Exchange = {
  readonly incoming: Pick<IncomingMessage, 'socket'>;
  readonly outgoing: Pick<ServerResponse, 'destroyed' | 'once'>;
};
type Content = Pick<HttpResponse, 'body' | 'bytes'>;

export type SendingOptions = {
  /** What an answer may take to be sent. A phone on a poor line has the largest, a photograph, in this time at 0.6 Mbit/s. */
  sendWithinMs?: number;
  /** Of all answers that are not sent yet, together: a quarter of what PM2 lets a process have. */
  maxUnsentBytes?: number;
  /** Called for each answer that was cut off. */
  onCut?: (waitedMs: number) => void;
};

const SEND_WITHIN_MS = 30_000;
const MAX_UNSENT_BYTES = 128 * 1024 * 1024;

/**
 * Watches answers until the system has taken all of them: who asks and does not read makes this process keep what it
 * answers, and anybody can. One that takes too long is cut off with its connection; so are those that have waited
 * longest while there are too many bytes of them. Nobody is refused for it: readers are done in no time.
 */
export function openSending(options: SendingOptions = {}) {
  const { sendWithinMs = SEND_WITHIN_MS, maxUnsentBytes = MAX_UNSENT_BYTES, onCut = () => {} } = options;
  /** Oldest first; what ends each of them. */
  const unsent = new Map<object, () => void>();
  const held = openHeldBytes();
  return {
    /** @param content of the answer, which is about to be written */
    watch({ incoming, outgoing }: Exchange, content: Content): void {
      if (outgoing.destroyed) return;
      const beganMs = performance.now();
      const done = (): void => {
        if (!unsent.delete(outgoing)) return;
        held.change(content, -1);
        clearTimeout(timer);
      };
      // The socket and not the answer: one that waits behind another, on a connection of several, has no socket yet.
      const cut = (): void => {
        done();
        incoming.socket.destroy();
        onCut(performance.now() - beganMs);
      };
      // Also the end of an answer whose connection went before its turn came, which nobody is told of.
      const timer = setTimeout(cut, sendWithinMs);
      timer.unref();
      unsent.set(outgoing, cut);
      held.change(content, 1);
      outgoing.once('close', done);
      for (const cutOldest of unsent.values()) {
        if (held.bytes() <= maxUnsentBytes) break;
        cutOldest();
      }
    },
  };
}

/** Counts what is kept; bytes that many are sent, as a board is, are kept once. */
function openHeldBytes() {
  const answersWith = new Map<Uint8Array, number>();
  let all = 0;
  return {
    bytes: () => all,
    change({ body, bytes }: Content, by: 1 | -1): void {
      if (bytes === undefined) {
        all += by * body.length;
        return;
      }
      const before = answersWith.get(bytes) ?? 0;
      const now = before + by;
      if (now === 0) answersWith.delete(bytes);
      else answersWith.set(bytes, now);
      if (before === 0 || now === 0) all += by * bytes.length;
    },
  };
}
