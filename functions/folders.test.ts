import fs from 'node:fs';
import { expect, test } from 'vitest';
import type { Route } from '#shared/http/router.ts';

/* A folder of functions/ that holds a page is of the page alone: what programs ask for stands with its noun. */

const folders = fs.readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8', withFileTypes: true });
const withPage = folders
  .filter((entry) => entry.isDirectory() && entry.name === 'page')
  .map((entry) => entry.parentPath.slice(import.meta.dirname.length + 1));

test('there are such folders', () => expect(withPage.sort()).toEqual(['console', 'drive', 'track']));

test.each(withPage)('%s: no route of the interface stands in the folder of a page', async (folder) => {
  const { endpoints } = (await import(`./${folder}/index.ts`)) as { endpoints: readonly Route[] };
  expect(endpoints.map(({ path }) => path).filter((path) => !path.startsWith(`/${folder}`))).toEqual([]);
});
