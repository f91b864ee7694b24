import { expect, it } from 'vitest';
import { isOneOf, parseWindows, slotsFrom } from './windows';

it('reads what an administrator writes, and nothing else', () => {
  expect(parseWindows('10-12, 14:30 – 16')).toEqual([
    { from: 600, to: 720 },
    { from: 870, to: 960 },
  ]);
  expect(parseWindows(' ')).toEqual([]);
  for (const wrong of ['12-10', '10-25', 'noon', '10', '10-12;14-16']) expect(parseWindows(wrong), wrong).toBeNull();
});

it('gives the windows of today that have not begun, and those of the days after, by the customers’ clock', () => {
  const now = new Date('2026-11-27T10:00:00Z');
  const slots = slotsFrom(parseWindows('14-16, 10-12')!, 2, 'Europe/Berlin', now);
  expect(slots.map(({ after, before }) => [after.toISOString(), before.toISOString()])).toEqual([
    ['2026-11-27T13:00:00.000Z', '2026-11-27T15:00:00.000Z'],
    ['2026-11-28T09:00:00.000Z', '2026-11-28T11:00:00.000Z'],
    ['2026-11-28T13:00:00.000Z', '2026-11-28T15:00:00.000Z'],
  ]);
});

it('knows whose day it is, and when summer time ends', () => {
  // In Kolkata it is the next day already.
  const late = slotsFrom(parseWindows('9-10')!, 1, 'Asia/Kolkata', new Date('2026-11-26T20:00:00Z'));
  expect(late[0]?.after.toISOString()).toBe('2026-11-27T03:30:00.000Z');
  const change = slotsFrom(parseWindows('1-4')!, 2, 'Europe/Berlin', new Date('2026-10-24T12:00:00Z'));
  expect(change.map(({ after, before }) => [after.toISOString(), before.toISOString()])).toEqual([
    ['2026-10-24T23:00:00.000Z', '2026-10-25T03:00:00.000Z'],
  ]);
});

it('knows its own windows again, whatever day they are on, and no other', () => {
  const windows = parseWindows('10-12, 14-16')!;
  const [slot] = slotsFrom(windows, 1, 'Asia/Kolkata', new Date('2026-11-26T20:00:00Z'));
  expect(isOneOf(windows, 'Asia/Kolkata', slot!)).toBe(true);
  expect(isOneOf(windows, 'Europe/Berlin', slot!)).toBe(false);
  expect(isOneOf(parseWindows('10-13')!, 'Asia/Kolkata', slot!)).toBe(false);
  expect(isOneOf([], 'Asia/Kolkata', slot!)).toBe(false);
  // On the day on which summer time ends.
  const [change] = slotsFrom(parseWindows('1-4')!, 2, 'Europe/Berlin', new Date('2026-10-24T12:00:00Z'));
  expect(isOneOf(parseWindows('1-4')!, 'Europe/Berlin', change!)).toBe(true);
});
