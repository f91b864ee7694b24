import { expect, test } from 'vitest';
import { DRIVER_STATUSES, type DriverStatus, OFFLINE_AFTER_S, SILENT_AFTER_S, statusOf } from './driver.ts';

const TABLE: readonly [duty: DriverStatus, load: number, capacity: number, status: DriverStatus][] = [
  ['AVAILABLE', 0, 1, 'AVAILABLE'],
  ['AVAILABLE', 1, 1, 'BUSY'],
  ['AVAILABLE', 1, 2, 'AVAILABLE'],
  ['AVAILABLE', 2, 2, 'BUSY'],
  ['BUSY', 0, 1, 'BUSY'],
  ['BUSY', 1, 1, 'BUSY'],
  ['BUSY', 1, 2, 'BUSY'],
  ['OFFLINE', 0, 1, 'OFFLINE'],
  ['OFFLINE', 0, 2, 'OFFLINE'],
  ['OFFLINE', 1, 1, 'BUSY'],
  ['OFFLINE', 1, 2, 'BUSY'],
  ['OFFLINE', 2, 2, 'BUSY'],
];

test.each(TABLE)('a driver on duty %s with %i of %i in hand is %s', (duty, load, capacity, status) => {
  expect(statusOf(duty, load, capacity)).toBe(status);
});

test('nobody with a delivery in hand is OFFLINE, and nobody without room is AVAILABLE', () => {
  for (const duty of DRIVER_STATUSES)
    for (const capacity of [1, 2, 5])
      for (let load = 0; load <= capacity; load += 1) {
        const status = statusOf(duty, load, capacity);
        if (load > 0) expect(status).not.toBe('OFFLINE');
        if (load === capacity) expect(status).toBe('BUSY');
        if (duty !== 'AVAILABLE') expect(status).not.toBe('AVAILABLE');
      }
});

test('a driver disappears from searches before they are set OFFLINE', () => {
  expect(SILENT_AFTER_S).toBeLessThan(OFFLINE_AFTER_S);
});
