import { existsSync } from 'node:fs';
import { runCli } from '#infra/cli/run-cli.ts';

/** `npm run cli -- <command>`: see `npm run cli -- --help`. */
if (existsSync('.env')) process.loadEnvFile('.env');
process.exitCode = await runCli(process.argv.slice(2), process.env, {
  out: (text) => console.log(text),
  err: (text) => console.error(text),
});
