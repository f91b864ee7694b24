import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Statement } from './statements/asking.ts';
import { COMMANDS } from './statements/commands.ts';
import { LISTS } from './statements/lists.ts';
import { READS } from './statements/reads.ts';
import { UPKEEP } from './statements/upkeep.ts';

/** Every statement that the service sends to Postgres, by the function that sends it, and what it is asked for. */
export const EVERY_STATEMENT: Readonly<Record<string, Statement>> = { ...COMMANDS, ...LISTS, ...READS, ...UPKEEP };

const FOLDER = path.join(import.meta.dirname, '..', 'db', 'statements');
/** Sends the texts of others. */
const RUNS_OTHERS = 'run-command.ts';

/** The functions that send statements, as the files in shared/db/statements have them. */
export function functionsThatSend(): readonly string[] {
  const files = readdirSync(FOLDER).filter((file) => !file.includes('.test.') && file !== RUNS_OTHERS);
  return files.flatMap((file) => {
    const exported = readFileSync(path.join(FOLDER, file), 'utf8').split(/^export /m);
    const sending = exported.filter((each) => each.includes('db: Db') && each.includes('Promise<'));
    return sending.flatMap((each) => /^(?:async )?function (\w+)/.exec(each)?.[1] ?? []);
  });
}
