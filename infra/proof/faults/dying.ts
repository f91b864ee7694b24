import type { Db } from '#shared/db/open-db.ts';

/** What a process throws, and nobody catches, that is dead from here on. */
export class Died extends Error {}

export const died = (): never => {
  throw new Died();
};

/** Postgres as a process knew it that died before, or right after, its first statement that `matches`. */
export function dying(db: Db, when: 'before' | 'after', matches: RegExp): Db {
  return {
    ...db,
    run: async <Row>(text: string, parameters?: readonly unknown[]) => {
      if (!matches.test(text)) return db.run<Row>(text, parameters);
      if (when === 'after') await db.run<Row>(text, parameters);
      return died();
    },
  };
}
