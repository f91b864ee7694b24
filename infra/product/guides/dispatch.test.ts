import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { DISPATCH_SETTINGS, type DispatchSetting, limitsOf } from '#shared/contract/dispatch-settings.ts';
import { DISPATCH_DEFAULTS, shownDispatchSettings } from '#shared/dispatch/settings-of-shop.ts';
import { DISPATCH_STATES } from '#shared/domain/delivery.ts';

const guide = fs.readFileSync(path.join(projectRoot(), 'infra/product/guides/dispatch.md'), 'utf8');
/** The rows of the guide's tables, by what stands first in them. */
const rows = new Map(
  guide.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return line.startsWith('|') ? [[cells[1] ?? '', cells.slice(2, -1)] as const] : [];
  }),
);

const defaults = shownDispatchSettings(DISPATCH_DEFAULTS);

test.each(Object.entries(DISPATCH_SETTINGS) as [keyof typeof defaults, DispatchSetting][])(
  'the guide says of %s what the interface says, with its limits and its default',
  (name, setting) => {
    expect(rows.get(`\`${name}\``)).toEqual([setting.does, limitsOf(setting), String(defaults[name])]);
  },
);

test('the guide names every state in which a delivery waits', () => {
  for (const state of DISPATCH_STATES.filter((each) => each !== 'settled'))
    expect([...rows.keys()]).toContain(`\`${state}\``);
});
