import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';

const { scripts } = JSON.parse(readFileSync(path.join(projectRoot(), 'package.json'), 'utf8'));

test.each(['cli', 'migrate', 'openapi'])('npm run %s, beside a server, never rebuilds what that runs from', (name) => {
  const [build, run] = scripts[name].split(' && ');
  expect(build).toBe('node esbuild.config.mjs --quiet --out=dist.tools');
  expect(run).toBe(`node dist.tools/infra/${name}.mjs`);
});
