import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** CommonJS by tsc (the dashboard finds its extensions by parsing that output), the dashboard's source as it is. */
const here = fileURLToPath(new URL('.', import.meta.url));
rmSync(`${here}dist`, { recursive: true, force: true });
execFileSync(process.execPath, [`${here}node_modules/typescript/bin/tsc`, '-p', `${here}tsconfig.build.json`], {
  stdio: 'inherit',
});
cpSync(`${here}src/dashboard`, `${here}dist/dashboard`, {
  recursive: true,
  filter: (path) => !path.endsWith('.test.tsx'),
});
