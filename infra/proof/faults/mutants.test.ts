import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CHECKS } from './check/check.ts';
import { faultsNamed } from './every-fault.ts';
import { MUTANTS } from './mutants.ts';

const folder = path.join(import.meta.dirname, 'mutants');

test('each mutant has its patch, and names checks that there are', () => {
  const patches = fs.readdirSync(folder).map((file) => file.replace(/\.patch$/, ''));
  expect(patches.sort()).toEqual(MUTANTS.map((mutant) => mutant.name).sort());
  for (const { seenBy } of MUTANTS) expect(Object.keys(CHECKS)).toEqual(expect.arrayContaining([...seenBy]));
});

test('each mutant is brought out by faults that there are', () => {
  const named = MUTANTS.flatMap(({ only }) => only);
  expect(named.filter((part) => faultsNamed(part).length === 0)).toEqual([]);
});

test('each check has a mutant that it must see', () => {
  const seeing = new Set(MUTANTS.flatMap(({ seenBy }) => seenBy));
  expect(Object.keys(CHECKS).filter((check) => !seeing.has(check))).toEqual([]);
});

/** A patch that no longer applies breaks nothing, and so proves nothing: renew it along with the code it breaks. */
test.each(MUTANTS.map((mutant) => mutant.name))('%s still applies to the tree', (name) => {
  const root = path.join(import.meta.dirname, '../../..');
  const check = () =>
    execFileSync('git', ['apply', '--check', path.join(folder, `${name}.patch`)], { cwd: root, stdio: 'pipe' });
  expect(check).not.toThrow();
});
