import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/*
 * What follows from a status follows from the groups that `delivery.ts` puts it in. So another one is written there, and in
 * the catalogues that give it a word. IN_TRANSIT stands for it here: no other rule is about it alone but the two below.
 */

const ROOT = path.join(import.meta.dirname, '../..');
/** Sent by webhook only where the shop asks for it; when a driver set out, for the customer. */
const OF_ITS_OWN = ['shared/db/statements/command.ts', 'shared/db/statements/tracked.ts'];
/** In a line that is no comment. */
const NAMED = /^(?! *(?:\/?\*|\/\/)).*\bIN_TRANSIT\b/m;
const WORDS = ['ar', 'de', 'en'].map((language) => `functions/console/page/texts/${language}.ts`);

const sources = ['functions', 'shared'].flatMap((room) =>
  fs
    .readdirSync(path.join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.|^testing\//.test(file))
    .map((file) => path.join(room, file)),
);

test('a status stands in four files: the domain, and the word for it in each language', () => {
  const naming = sources.filter((file) => NAMED.test(fs.readFileSync(path.join(ROOT, file), 'utf8')));
  expect(naming.filter((file) => !OF_ITS_OWN.includes(file)).sort()).toEqual([...WORDS, 'shared/domain/delivery.ts']);
});
