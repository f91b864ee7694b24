import { existsSync } from 'node:fs';
import path from 'node:path';
import { runCli } from '#infra/product/cli/run-cli.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';

/** `npm run cli -- <command>`: see `npm run cli -- --help`. */
if (existsSync('.env')) process.loadEnvFile('.env');
const terminal = { out: (text: string) => console.log(text), err: (text: string) => console.error(text) };
process.exitCode = await runCli(process.argv.slice(2), process.env, terminal, path.join(projectRoot(), '.data'));
