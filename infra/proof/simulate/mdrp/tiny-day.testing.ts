import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * Two invented days in the benchmark's format. 100 metres a minute, two minutes of service at either end, one before and
 * one after the hand-over.
 *
 *     c1 (0)    kitchen (500)    c2 (2000)        o1, o2, o3: doors at 1000, 1100 and 3000; all on one line
 */
const TINY: Readonly<Record<string, readonly string[]>> = {
  'restaurants.txt': ['restaurant x y', 'kitchen 500 0'],
  'couriers.txt': ['courier x y on_time off_time', 'c1 0 0 0 120', 'c2 2000 0 0 60'],
  'orders.txt': [
    'order x y placement_time restaurant ready_time',
    'o1 1000 0 10 kitchen 20',
    'o2 1100 0 12 kitchen 22',
    'o3 3000 0 50 kitchen 60',
  ],
};
const PARAMETER_NAMES = [
  ...['meters_per_minute', 'pickup service minutes', 'dropoff service minutes', 'target click-to-door'],
  ...['maximum click-to-door', 'pay per order', 'guaranteed pay per hour'],
];

/** Writes the days `tiny` and `tiny-late` (nobody can collect o3 before the shifts end) into a new folder; its path. */
export function writeTinyDays(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdrp-'));
  writeDay(path.join(folder, 'tiny'), TINY);
  const couriers = ['courier x y on_time off_time', 'c1 0 0 0 40', 'c2 2000 0 0 40'];
  writeDay(path.join(folder, 'tiny-late'), { ...TINY, 'couriers.txt': couriers });
  writeFileSync(path.join(folder, 'notes.txt'), 'not an instance');
  return folder;
}

function writeDay(folder: string, files: typeof TINY): void {
  mkdirSync(folder);
  for (const [name, rows] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), rows.map((row) => `${row.replaceAll(' ', '\t')}\n`).join(''));
  }
  const parameters = [PARAMETER_NAMES, [100, 2, 2, 40, 90, 10, 15]].map((row) => `${row.join('\t')}\n`);
  writeFileSync(path.join(folder, 'instance_parameters.txt'), parameters.join(''));
}
