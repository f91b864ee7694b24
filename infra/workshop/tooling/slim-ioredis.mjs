import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { replaceOnce } from './replace-once.mjs';

/** What we ask of the client (`Commands` in shared/availability/client.ts), by its method or by `call`. */
const ASKED = ['mget', 'hscan', 'set', 'exists', 'ping', 'quit', 'eval', 'evalsha'];

/**
 * esbuild plugin: leaves out of a bundle what ioredis carries and this service cannot reach, 57 of its 190 KiB, and at a
 * cold start what it does not need then. A third of a cold start was ioredis setting itself up: with it and slimPostgres the
 * bundle of `locate` is imported in 88 ms, without them in 149 (`assign`: 114 and 160; medians of eleven in turn).
 * - `debug`: prints for DEBUG=ioredis:*; here it stays silent
 * - the built-in certificates of one hosting company, and Sentinel: reached through options we do not have
 * - commands nobody asks for: each is two methods on three classes. Of the rest, arity and the flags nobody asks for.
 *   Keys keep their places: Cluster routes by them
 * - `assert`, which Node loads for two checks of an error's arguments, and the errors for Node 6
 * - Cluster stays, but runs only where a cluster is configured
 *
 * All tests run against what is left (shipped-clients.mjs).
 */
export const slimIoredis = {
  name: 'slim-ioredis',
  setup({ onLoad }) {
    const load = (filter, contentsOf) =>
      onLoad({ filter }, ({ path: file }) => ({
        contents: contentsOf(readFileSync(file, 'utf8'), file),
        loader: 'js',
      }));
    load(/[\\/]node_modules[\\/]debug[\\/]src[\\/]index\.js$/, () => 'exports.default = () => ({ enabled: false });');
    load(/[\\/]ioredis[\\/]built[\\/]constants[\\/]TLSProfiles\.js$/, () => 'exports.default = {};');
    load(/[\\/]ioredis[\\/]built[\\/]connectors[\\/]SentinelConnector[\\/]index\.js$/, () => noSentinel);
    load(/[\\/]redis-errors[\\/]lib[\\/]old\.js$/, () => '');
    load(/[\\/]redis-errors[\\/]lib[\\/]modern\.js$/, (text) =>
      replaceOnce(text, /require\('assert'\)/, 'Object.assign(() => {}, { strictEqual() {} })'),
    );
    load(/[\\/]ioredis[\\/]built[\\/]index\.js$/, (text) =>
      replaceOnce(
        replaceOnce(text, /var cluster_1 = require\("\.\/cluster"\);/, ''),
        /return cluster_1\.default;/,
        'return require("./cluster").default;',
      ),
    );
    load(/[\\/]ioredis[\\/]built[\\/]Redis\.js$/, (text) =>
      replaceOnce(
        replaceOnce(text, /const cluster_1 = require\("\.\/cluster"\);/, ''),
        /Redis\.Cluster = cluster_1\.default;/,
        '',
      ),
    );
    load(/[\\/]@ioredis[\\/]commands[\\/]built[\\/]commands\.json$/, (text, file) => {
      const known = commandsKnownTo(path.join(path.dirname(file), '../../../ioredis/built'));
      const commands = Object.entries(JSON.parse(text)).filter(([name]) => ASKED.includes(name) || known.has(name));
      return `${unpack}\nmodule.exports = unpack(${JSON.stringify(pack(Object.fromEntries(commands)))});`;
    });
  },
};

const noSentinel = `exports.default = class { constructor() { throw new Error('Sentinel is left out of this bundle'); } };`;

/** @returns every word that ioredis calls or quotes somewhere, among them the commands it sends by itself */
function commandsKnownTo(folder) {
  const texts = readdirSync(folder, { recursive: true })
    .filter((file) => file.endsWith('.js'))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'));
  const words = texts.flatMap((text) => [...text.matchAll(/\.([a-z]+)\(|["'`]([a-z]+)["'`]/gi)]);
  return new Set(words.map(([, called, quoted]) => (called ?? quoted).toLowerCase()));
}

/** @returns per command: initials of the flags ioredis asks for (readonly, loading), keyStart, keyStop, step, subcommands */
function pack(commands) {
  return Object.entries(commands).map(([name, { flags, keyStart, keyStop, step, subcommands }]) => {
    const initials = ['readonly', 'loading'].filter((flag) => flags.includes(flag)).map((flag) => flag[0]);
    const entry = [name, initials.join(''), keyStart, keyStop, step];
    return subcommands ? [...entry, pack(subcommands)] : entry;
  });
}

/** The inverse; written into the bundle as it stands. */
function unpack(packed) {
  const names = { r: 'readonly', l: 'loading' };
  return Object.fromEntries(
    packed.map(([name, initials, keyStart, keyStop, step, subcommands]) => [
      name,
      {
        flags: [...initials].map((initial) => names[initial]),
        keyStart,
        keyStop,
        step,
        ...(subcommands && { subcommands: unpack(subcommands) }),
      },
    ]),
  );
}
