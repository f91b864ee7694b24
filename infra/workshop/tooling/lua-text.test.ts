import { expect, test } from 'vitest';
import { SCRIPTS } from '#shared/availability/scripts.ts';
import { withoutComments } from './lua-text.mjs';

test('what Redis runs stays, line by line; what people read goes', () => {
  const lua = "#!lua flags=no-writes\n-- WHY: because\n\nlocal a = '--' -- said\n  -- within\n  return a\n";
  expect(withoutComments(lua)).toBe("#!lua flags=no-writes\nlocal a = '--' -- said\nreturn a");
});

test.each(Object.values(SCRIPTS))(
  '$name begins as it did, and no long text or comment of it spans lines',
  ({ lua }) => {
    expect(withoutComments(lua).split('\n')[0]).toBe(lua.split('\n')[0]);
    expect(lua).not.toMatch(/\[=*\[/);
  },
);
