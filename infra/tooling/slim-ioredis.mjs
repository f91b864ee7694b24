import { readFileSync } from 'node:fs';

/**
 * esbuild plugin: leaves out of a bundle what ioredis carries and this service cannot reach, 42 of its 190 KiB.
 * - `debug`: prints for DEBUG=ioredis:*; here it stays silent
 * - the built-in certificates of one hosting company, reached through an option (`tls: { profile }`) we do not have
 * - from the table of commands: arity and the flags nobody asks for. Keys keep their places: Cluster routes by them
 */
export const slimIoredis = {
  name: 'slim-ioredis',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/]debug[\\/]src[\\/]index\.js$/ }, () => ({
      contents: 'exports.default = () => ({ enabled: false });',
    }));
    onLoad({ filter: /[\\/]ioredis[\\/]built[\\/]constants[\\/]TLSProfiles\.js$/ }, () => ({
      contents: 'exports.default = {};',
    }));
    onLoad({ filter: /[\\/]@ioredis[\\/]commands[\\/]built[\\/]commands\.json$/ }, ({ path }) => ({
      contents: `${unpack}\nmodule.exports = unpack(${JSON.stringify(pack(JSON.parse(readFileSync(path, 'utf8'))))});`,
      loader: 'js',
    }));
  },
};

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
