import type { ID } from '@vendure/core';

/**
 * Goes through more rows than one run has time for: a run that was ended goes on, the next time, behind the row that it
 * had last, and after the last row of all the next run begins anew. So each has its turn, however many they are. It is
 * kept in memory: a process that starts begins at the first.
 */
export class Round {
  private behind: ID | null = null;

  /** @param page the next rows with an id behind this one (null: from the first), in order of their ids; none: that was all */
  async *rows<Row extends { id: ID }>(page: (behind: ID | null) => Promise<Row[]>): AsyncGenerator<Row> {
    for (let rows = await page(this.behind); rows.length > 0; rows = await page(this.behind)) {
      for (const row of rows) {
        // Also where it fails: the next run does not begin with it again and again.
        this.behind = row.id;
        yield row;
      }
    }
    this.behind = null;
  }
}
