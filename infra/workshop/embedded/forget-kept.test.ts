import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { forgetKept } from './forget-kept.ts';

test.each([
  [true, ['postgres']],
  [false, ['postgres', 'proofs']],
])('of a start on its own database (%s) the secrets go and %j stay', (isOwnDatabase, left) => {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'dispatch-kept-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true }));
  for (const name of ['postgres', 'proofs/shop']) fs.mkdirSync(path.join(folder, name), { recursive: true });
  fs.writeFileSync(path.join(folder, 'secrets.json'), '{}');
  fs.writeFileSync(path.join(folder, 'proofs', 'shop', 'photo'), 'a door');
  forgetKept(folder, isOwnDatabase);
  expect(fs.readdirSync(folder).sort()).toEqual(left);
  forgetKept(folder, isOwnDatabase);
});
