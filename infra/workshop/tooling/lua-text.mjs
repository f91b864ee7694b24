import { readFile } from 'node:fs/promises';

/**
 * Lua scripts as texts, without comments and indentation: half of their bytes, in every bundle and in every Redis that is
 * sent them. The first line is no comment to Redis, and stays.
 */
export const luaText = {
  name: 'lua-text',
  setup(build) {
    build.onLoad({ filter: /\.lua$/ }, async ({ path }) => ({
      contents: withoutComments(await readFile(path, 'utf8')),
      loader: 'text',
    }));
  },
};

/** Only whole lines: two hyphens within one may stand in a text. */
export function withoutComments(lua) {
  const lines = lua.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('--')).join('\n');
}
