import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';

const FOLDERS = ['functions', 'shared', 'infra', 'vendure-plugin/src', 'vendure-plugin/e2e'];
const WITH_WORDS = /\.(ts|tsx|mjs|lua|sql|md|grit)$/;
const OF_ONE_SEX = /(?<!\p{L})h(e|im|is|imself)(?!\p{L})/iu;

/** Everything that people wrote, by its path in the project. */
function written(): [file: string, text: string][] {
  const root = projectRoot();
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)),
  );
  return [...inFolders, 'README.md', 'vendure-plugin/README.md']
    .filter((file) => WITH_WORDS.test(file) && !file.includes('node_modules'))
    .map((file) => [file, readFileSync(path.join(root, file), 'utf8')]);
}

test('a driver, as everybody else, is “they”', () => {
  const files = written();
  expect(files.length).toBeGreaterThan(1_000);
  expect(files.filter(([, text]) => OF_ONE_SEX.test(text)).map(([file]) => file)).toEqual([]);
});
