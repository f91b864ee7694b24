/*
 * Where a follower of the change feed stands: exactly which transactions they have seen the end of. What makes that
 * hard, and why this is enough, is said in db/statements/changes.ts.
 */

export interface FeedCursor {
  /** The server it was read from: when it was started, µs since 1970. */
  server: bigint;
  /** The highest transaction of which something was read; 0 before there is any. */
  last: bigint;
  /** Those below it that were still under way, in order. */
  running: readonly bigint[];
}

/** More than this are not remembered: a cursor has to fit into a header. */
export const MOST_RUNNING = 100;

/**
 * @param running what was under way when it was read, in any order
 */
export function feedCursor(server: bigint, last: bigint, running: readonly bigint[]): FeedCursor {
  const below = running.filter((id) => id < last).sort((a, b) => (a < b ? -1 : 1));
  const firstLeftOut = below[MOST_RUNNING];
  if (firstLeftOut === undefined) return { server, last, running: below };
  // Everything from there on is read again.
  return { server, last: firstLeftOut - 1n, running: below.slice(0, MOST_RUNNING) };
}

/** Parts in base 36, joined by dots: the server, the last, and how far each of the running is below it. */
export function writeFeedCursor({ server, last, running }: FeedCursor): string {
  return [server, last, ...running.map((id) => last - id)].map((part) => part.toString(36)).join('.');
}

/** @returns null for what is no cursor of this kind: its follower then reads everything */
export function readFeedCursor(text: string): FeedCursor | null {
  const parts = text.split('.');
  if (parts.length < 2 || parts.length > 2 + MOST_RUNNING || !parts.every((part) => PART.test(part))) return null;
  const [server = 0n, last = 0n, ...below] = parts.map(fromBase36);
  if (server > MOST_SERVER || last > MOST_ID || below.some((each) => each > last)) return null;
  return { server, last, running: below.map((each) => last - each) };
}

/** Of at most 13 digits: what 64 bits hold. */
const PART = /^(0|[1-9a-z][0-9a-z]{0,12})$/;
const MOST_SERVER = 2n ** 63n - 1n;
const MOST_ID = 2n ** 64n - 1n;

function fromBase36(text: string): bigint {
  return [...text].reduce((value, digit) => value * 36n + BigInt(Number.parseInt(digit, 36)), 0n);
}
