import type postgres from 'postgres';
import type { Db } from '#shared/db/open-db.ts';

export interface Asked {
  text: string;
  parameters: readonly unknown[];
}

/** What `statement` would send to Postgres: it is not sent. */
export async function asked(statement: (db: Db) => Promise<unknown>): Promise<Asked> {
  let found: Asked | undefined;
  const db: Db = {
    run(text, parameters = []) {
      found ??= { text, parameters };
      return Promise.reject(new Error('only looked at'));
    },
    close: async () => {},
  };
  await statement(db).catch(() => {});
  if (found === undefined) throw new Error('nothing is sent');
  return found;
}

/** A node of a plan, as EXPLAIN (FORMAT JSON) gives it. */
export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: readonly PlanNode[];
}

/** With all below it. */
export function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** Pages that it and all below it looked at. */
export function pagesOf(node: PlanNode): number {
  return (node['Shared Hit Blocks'] ?? 0) + (node['Shared Read Blocks'] ?? 0);
}

/** Runs `text` and takes back what it did. @returns the plan's topmost node, with what it really read */
export async function explain(sql: postgres.Sql, text: string): Promise<PlanNode> {
  await sql.unsafe('BEGIN');
  try {
    const rows = await sql.unsafe(`EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ${text}`);
    const [{ Plan: plan }] = rows[0]!['QUERY PLAN'] as [{ Plan: PlanNode }];
    return plan;
  } finally {
    await sql.unsafe('ROLLBACK');
  }
}

/** `EXECUTE` of the statement prepared as `name`. */
export function executionOf(name: string, { parameters }: Asked): string {
  const literals = parameters.map((value) => (value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`));
  return `EXECUTE ${name}${literals.length === 0 ? '' : `(${literals.join(', ')})`}`;
}
