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
  const original = JSON.parse(readFileSync(table, 'utf8')) as Commands;
  expect(asAsked(module.exports)).toEqual(asAsked(original));
  expect(Object.keys(module.exports).length).toBeGreaterThan(200);
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
