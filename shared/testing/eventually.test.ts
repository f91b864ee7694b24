import { expect, test } from 'vitest';
import { eventually } from './eventually.ts';

test('answers as soon as the check holds', async () => {
  let tries = 0;
  const check = () => {
    tries += 1;
    if (tries < 3) throw new Error('not yet');
    return tries;
  };
  expect(await eventually(check, { everyMs: 1 })).toBe(3);
});

test('false counts as not yet', async () => {
  let tries = 0;
  await eventually(() => ++tries === 3, { everyMs: 1 });
  expect(tries).toBe(3);
});

test('gives up with what the last try said', async () => {
  const check = () => Promise.reject(new Error('still 2 open'));
  await expect(eventually(check, { timeoutMs: 10, everyMs: 1 })).rejects.toThrow('still 2 open');
  await expect(eventually(() => false, { timeoutMs: 10, everyMs: 1 })).rejects.toThrow('answered false');
});
