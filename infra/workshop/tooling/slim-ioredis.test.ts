import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

type Command = { flags: string[]; keyStart: number; keyStop: number; step: number; subcommands?: Commands };
type Commands = Record<string, Command>;

const table = createRequire(createRequire(import.meta.url).resolve('ioredis')).resolve(
  '@ioredis/commands/built/commands.json',
);

/** What ioredis reads of the table: key places of every command, and two flags. */
function asAsked(commands: Commands): Commands {
  return Object.fromEntries(
    Object.entries(commands).map(([name, { flags, keyStart, keyStop, step, subcommands }]) => [
      name,
      {
        flags: flags.filter((flag) => flag === 'readonly' || flag === 'loading').sort(),
        keyStart,
        keyStop,
        step,
        ...(subcommands && { subcommands: asAsked(subcommands) }),
      },
    ]),
  );
}

/** Its methods by their type, `call` apart, with which the scripts are called. */
function commandsOurClientMaySend(): string[] {
  const client = readFileSync(new URL('../../../shared/availability/client.ts', import.meta.url), 'utf8');
  const names = /type Commands = Pick<Redis, ([^>]+)>/.exec(client)?.[1]?.match(/\w+/g) ?? [];
  expect(names).toContain('call');
  return [...names.filter((name) => name !== 'call'), 'eval', 'evalsha', 'quit'];
}

test('the table of commands in a bundle says the same as the original of what ioredis asks it', async () => {
  const { slimIoredis } = await import(new URL('./slim-ioredis.mjs', import.meta.url).href);
  const { outputFiles } = await build({
    entryPoints: [table],
    bundle: true,
    format: 'cjs',
    write: false,
    plugins: [slimIoredis],
  });
  const module = { exports: {} as Commands };
  new Function('module', outputFiles[0]!.text)(module);
  const original = asAsked(JSON.parse(readFileSync(table, 'utf8')) as Commands);
  const kept = Object.keys(module.exports);
  expect(asAsked(module.exports)).toEqual(Object.fromEntries(kept.map((name) => [name, original[name]])));
  // Ours, and those that ioredis sends by itself.
  expect(kept).toEqual(expect.arrayContaining(['auth', 'select', 'info', 'client', 'readonly', 'cluster', 'asking']));
  expect(kept).toEqual(expect.arrayContaining(commandsOurClientMaySend()));
});

test('ioredis asks for no other flags', () => {
  const built = createRequire(import.meta.url)
    .resolve('ioredis')
    .replace(/index\.js$/, '');
  const asked = ['Redis.js', 'Pipeline.js', 'autoPipelining.js', 'cluster/index.js'].flatMap((file) =>
    [...readFileSync(`${built}${file}`, 'utf8').matchAll(/\.hasFlag\)\([\w.]+, "(\w+)"/g)].map(([, flag]) => flag),
  );
  expect(new Set(asked)).toEqual(new Set(['readonly', 'loading']));
});
