import { parseArgs } from 'node:util';
import { openStores } from '#shared/composition/open-stores.ts';
import { openShopBook } from '#shared/composition/shop-book.ts';
import { openDispatch } from '#shared/dispatch/open-dispatch.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { ConfigError, type Environment, readConfig } from '#shared/runtime/config.ts';
import { openSecretBox } from '#shared/secrets/secret-box.ts';
import { type Command, type Context, RefusedError, type Result, UsageError, type Values } from './command.ts';
import { customerPageCommands } from './customer-page.ts';
import { deliveryCommands } from './deliveries.ts';
import { deviceCommands } from './devices.ts';
import { environmentOf, NoStoreError } from './environment.ts';
import { fleetCommands } from './fleet.ts';
import { inboundCommands } from './inbound.ts';
import { limitCommands } from './limits.ts';
import { recipientCommands } from './recipients.ts';
import { secretCommands } from './secrets.ts';
import { settingsCommands } from './settings.ts';
import { shopCommands } from './shops.ts';
import { upkeepCommands } from './upkeep.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  ...shopCommands,
  ...settingsCommands,
  ...customerPageCommands,
  ...inboundCommands,
  ...limitCommands,
  ...fleetCommands,
  ...deviceCommands,
  ...recipientCommands,
  ...secretCommands,
  ...deliveryCommands,
  ...upkeepCommands,
};

/** 0 done; 1 refused, or the answer is no; 2 called wrongly; 69 a store is away; 78 the environment is wrong. */
export type ExitCode = 0 | 1 | 2 | 69 | 78;

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

/**
 * Runs one command on the stores that `env` names, or else on those of the `npm start` that keeps its data in `dataDir`.
 * Writes results to `out`, everything else to `err`. Never throws for what a caller can do wrong.
 */
export async function runCli(
  args: readonly string[],
  env: Environment,
  terminal: Terminal,
  dataDir: string,
): Promise<ExitCode> {
  const words = args.filter((arg) => arg !== '--help' && arg !== '-h');
  const [noun = '', verb = '', ...rest] = words;
  const name = `${noun} ${verb}`;
  const command = COMMANDS[name];
  if (words.length < args.length || words.length === 0) {
    terminal.out(command ? helpOf(name, command) : overview());
    return 0;
  }
  if (command === undefined) {
    terminal.err(noCommand(noun, verb));
    return 2;
  }
  try {
    const { positionals, values } = parsed(command, rest);
    const found = environmentOf(env, dataDir);
    if (found.note !== null) terminal.err(found.note);
    const result = await withStores(found.env, (context) => command.run(context, positionals, values));
    print(result, values.json === true, terminal);
    return result.failed ? 1 : 0;
  } catch (error) {
    return explain(error, helpOf(name, command), terminal);
  }
}

function parsed(command: Command, args: string[]): { positionals: string[]; values: Values } {
  const options = { ...command.options, json: { type: 'boolean' } } as const;
  try {
    const { positionals, values } = parseArgs({ args, options, allowPositionals: true, strict: true });
    const { operands } = command;
    if (positionals.length !== operands.length)
      throw new UsageError(`Needs ${operands.join(' ') || 'no further words'}`);
    return { positionals, values: values as Values };
  } catch (error) {
    // Of several sentences by Node, which go on about how to escape a dash, the first says it.
    throw error instanceof UsageError ? error : new UsageError((error as Error).message.split('. ')[0]);
  }
}

async function withStores(env: Environment, work: (context: Context) => Promise<Result>): Promise<Result> {
  const config = readConfig(env);
  const stores = openStores({ ...config, postgres: { ...config.postgres, pool: Math.min(config.postgres.pool, 2) } });
  try {
    const caller = { actor: 'operator:cli', idempotency: null, degraded: new Set<'redis'>() };
    const deps = { ...stores, shops: openShopBook(stores.db), secretBox: openSecretBox(config.driverTokens) };
    return await work({ deps: { ...deps, dispatch: openDispatch(deps, 'per request') }, config, caller });
  } finally {
    await Promise.all([stores.db.close(), stores.availability?.close()]);
  }
}

function explain(error: unknown, help: string, { err }: Terminal): ExitCode {
  if (error instanceof UsageError) {
    err(`${error.message}\n\n${help}`);
    return 2;
  }
  if (error instanceof ConfigError || error instanceof NoStoreError) {
    err(error.message);
    return 78;
  }
  if (error instanceof DependencyAway) {
    err(`${error.dependency} does not answer`);
    return 69;
  }
  if (!(error instanceof RefusedError)) throw error;
  err(error.message);
  return 1;
}

function print({ heading, rows, value, note }: Result, json: boolean, { out, err }: Terminal): void {
  if (json || rows === undefined) {
    if (json || note === undefined) out(JSON.stringify(value ?? rows, null, 2));
    else out(note);
    return;
  }
  if (heading !== undefined) out(`${heading}\n`);
  out(rows.length === 0 ? '(none)' : tableOf(rows));
  if (note !== undefined) err(note);
}

function tableOf(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => cellOf(row[column])))];
  const widths = columns.map((_, place) => Math.max(...cells.map((line) => line[place]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, place) => cell.padEnd(widths[place] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cellOf(value: unknown): string {
  return value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(
    ([name, { operands, help }]) => `  ${[name, ...operands].join(' ').padEnd(40)} ${help}`,
  );
  return `npm run cli -- <command> [options]

Works on the stores themselves, not over HTTP: on those of the environment (DATABASE_URL or DB_*, REDIS_URL or REDIS_*;
.env is read too), or, where it names no database, on the private ones of the npm start that runs in this folder.
A <shop> is its slug or its id.

${lines.join('\n')}

Every command takes --json and --help. Ends with 0 when it was done, 1 when it was refused or the answer is no, 2 when it
was called wrongly, 69 when a store does not answer, 78 when no store is named or a setting is wrong.`;
}

function noCommand(noun: string, verb: string): string {
  const alike = Object.keys(COMMANDS).filter((name) => name.startsWith(`${noun} `));
  const there = alike.length === 0 ? 'All there are' : `There are ${alike.join(', ')}; more about them`;
  return `There is no command ${`${noun} ${verb}`.trim()}. ${there}: npm run cli -- --help`;
}

function helpOf(name: string, { operands, help, optionHelp = {} }: Command): string {
  const options = Object.entries({ ...optionHelp, json: 'print JSON' });
  const width = Math.max(12, ...options.map(([option]) => option.length));
  const lines = options.map(([option, text]) => `  --${option.padEnd(width)} ${text}`);
  return `npm run cli -- ${[name, ...operands].join(' ')}\n\n${help}\n\n${lines.join('\n')}`;
}
