import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { keptSecrets } from '#infra/workshop/embedded/kept-secrets.ts';

/*
 * What the image starts: fills in the secrets that the environment does not have, then becomes the program named in its
 * arguments, in the same process, so that the container's signals reach it. Without a program it only makes the secrets
 * (and the file from which the PostgreSQL image reads its password), or, by `--show`, prints them.
 */

const FOLDER = 'secrets';
const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
const [program, ...rest] = process.argv.slice(2);

const ours = () => keptSecrets(FOLDER, { DB_PASSWORD: randomBytes(24).toString('base64url') });

if (program === undefined) {
  const password = given.DB_PASSWORD ?? ours().DB_PASSWORD ?? '';
  fs.writeFileSync(path.join(FOLDER, 'db-password'), password, { mode: 0o600 });
  console.log('The secrets are made. See them by: docker compose run --rm secrets --show');
} else if (program === '--show') {
  for (const [name, value] of Object.entries(ours())) console.log(`${name}=${given[name] ?? value}`);
} else {
  // Where the environment gives one, and none was made here, none is made.
  const needed = given.TOKEN_SECRET === undefined || fs.existsSync(path.join(FOLDER, 'secrets.json'));
  if (needed) Object.assign(process.env, { ...ours(), ...given });
  const file = path.resolve(program);
  process.argv = [process.argv[0] ?? 'node', file, ...rest];
  await import(pathToFileURL(file).href);
}
