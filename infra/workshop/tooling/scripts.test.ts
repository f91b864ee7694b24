import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';

const read = (file: string) => readFileSync(path.join(projectRoot(), file), 'utf8');
const { scripts, engines } = JSON.parse(read('package.json'));

test.each(['cli', 'migrate', 'openapi'])('npm run %s, beside a server, never rebuilds what that runs from', (name) => {
  const [build, run] = scripts[name].split(' && ');
  expect(build).toBe('node esbuild.config.mjs --quiet --out=dist.tools');
  expect(run).toBe(`node dist.tools/infra/${name}.mjs`);
});

test('what ships runs on a Node that everything is tested on, and so does the oldest that is allowed', () => {
  const ci = parse(read('.github/workflows/ci.yml'));
  const { strategy, container, steps } = ci.jobs.all;
  expect(container).toContain('matrix.node');
  expect(steps.at(-1)).toEqual({ run: './.ci/run' });
  const [, image] = /^ARG BASE=node:(\d+)-/m.exec(read('infra/ship/docker/Dockerfile')) ?? [];
  const [, lambda] = /Runtime\.NODEJS_(\d+)_X/.exec(read('infra/ship/aws/lib/functions.ts')) ?? [];
  const [, oldest] = /^>=(\d+)\./.exec(engines.node) ?? [];
  expect(strategy.matrix.node).toEqual(expect.arrayContaining([image, lambda, oldest].map(Number)));
});

test('a release waits for all that a change is tested by', () => {
  const { tests, ...others } = parse(read('.github/workflows/release.yml')).jobs;
  expect(tests).toEqual({ uses: './.github/workflows/ci.yml' });
  expect(parse(read('.github/workflows/ci.yml')).on).toHaveProperty('workflow_call');
  for (const job of Object.values(others)) expect(job).toMatchObject({ needs: 'tests' });
});
