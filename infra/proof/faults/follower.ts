import { isDeepStrictEqual } from 'node:util';
import type { ChangesView } from '#shared/contract/live.ts';
import { readFeedCursor } from '#shared/domain/feed-cursor.ts';

type Row = { id: string; version: number };

/** Two versions of a row that should be one: null where there is no row. */
export interface Difference {
  id: string;
  shown: number | null;
  is: number | null;
  fields: readonly string[];
}

/** What somebody was told who followed a shop from the beginning to the end. */
export interface Follow {
  how: 'changes' | 'stream';
  shop: string;
  /** Rows they were sent; of those, outside of whole boards, what they knew already. */
  rows: number;
  repeats: number;
  /** When they were given the whole board though their cursor was of the same start of Postgres. */
  needless: readonly number[];
  /** Rows that were shown otherwise under the same version. */
  untold: readonly Difference[];
  /** What they show in the end, and what is true. */
  wrong: readonly Difference[];
}

/** What somebody knows who takes every message of a feed: of each row the highest version. */
export interface Follower {
  /** For the next question; null before the first answer. */
  cursor(): string | null;
  take(changes: ChangesView): void;
  /** Nothing happened, and the cursor moved on. */
  tick(cursor: string): void;
  /** Against what is true: all rows that must be known, and all that may be. */
  compare(truth: Truth): readonly Difference[];
  facts(differences: readonly Difference[]): Follow;
}

/** Views by id, as the feed shows them. */
export interface Truth {
  /** What goes on: whoever follows must know it. */
  open: ReadonlyMap<string, Row>;
  /** What has ended, and who is retired: as it is here, if it is known at all. */
  ended: ReadonlyMap<string, Row>;
}

export function openFollower(how: Follow['how'], shop: string): Follower {
  const known = new Map<string, Row>();
  const untold: Difference[] = [];
  const needless: number[] = [];
  let cursor: string | null = null;
  let rows = 0;
  let repeats = 0;
  const keep = (row: Row, isFull: boolean) => {
    const before = known.get(row.id);
    rows += 1;
    if (!isFull && before !== undefined && before.version >= row.version) repeats += 1;
    if (before?.version === row.version && !isDeepStrictEqual(before, row)) untold.push(differ(before, row));
    if (before === undefined || before.version <= row.version) known.set(row.id, row);
  };
  return {
    cursor: () => cursor,
    tick: (next) => {
      cursor = next;
    },
    take({ cursor: next, full, deliveries, drivers }) {
      const all: readonly Row[] = [...deliveries, ...drivers];
      if (full) {
        if (isOfSameServer(cursor, next)) needless.push(Date.now());
        const told = new Set(all.map(({ id }) => id));
        for (const id of known.keys()) if (!told.has(id)) known.delete(id);
      }
      for (const row of all) keep(row, full);
      cursor = next;
    },
    compare({ open, ended }) {
      const missing = [...open.values()].filter(({ id }) => !known.has(id));
      const others = [...known.values()].flatMap((row) => {
        const now = open.get(row.id) ?? ended.get(row.id);
        return isDeepStrictEqual(row, now) ? [] : [differ(row, now)];
      });
      return [...missing.map((row) => differ(undefined, row)), ...others];
    },
    facts: (wrong) => ({ how, shop, rows, repeats, needless, untold, wrong }),
  };
}

/** Names the fields only: what is in them may be somebody's address. */
function differ(shown: Row | undefined, is: Row | undefined): Difference {
  const id = (shown ?? is)?.id ?? '';
  if (shown === undefined || is === undefined) {
    return { id, shown: shown?.version ?? null, is: is?.version ?? null, fields: [] };
  }
  const [a, b] = [shown, is].map((row) => row as unknown as Record<string, unknown>) as [
    Record<string, unknown>,
    Record<string, unknown>,
  ];
  const fields = Object.keys({ ...a, ...b }).filter((name) => !isDeepStrictEqual(a[name], b[name]));
  return { id, shown: shown.version, is: is.version, fields };
}

/** A cursor is of no use to another start of a server: whoever comes with one is given the board. */
function isOfSameServer(before: string | null, next: string): boolean {
  return before !== null && readFeedCursor(before)?.server === readFeedCursor(next)?.server;
}
