import { expect, it } from 'vitest';
import { faultInHours, opensAt } from './hours';

const WEEKDAYS = ['10-14, 16-20', '10-20', '10-20', '10-20', '10-20', '', ''];
const at = (now: string, hours = WEEKDAYS) => opensAt(hours, 'Europe/Berlin', new Date(now)).toISOString();

it('is open now, or opens later today, tomorrow, after the weekend', () => {
  // 2026-11-30 is a Monday; Berlin is an hour ahead.
  expect(at('2026-11-30T10:30:00.000Z')).toBe('2026-11-30T10:30:00.000Z');
  expect(at('2026-11-30T07:00:00.000Z')).toBe('2026-11-30T09:00:00.000Z');
  expect(at('2026-11-30T13:00:00.000Z')).toBe('2026-11-30T15:00:00.000Z');
  expect(at('2026-11-30T19:00:00.000Z')).toBe('2026-12-01T09:00:00.000Z');
  expect(at('2026-12-04T19:00:00.000Z')).toBe('2026-12-07T09:00:00.000Z');
});

it('takes the day from the shop’s clock, and waits a week for the only day that is open', () => {
  // In Berlin it is Tuesday already.
  expect(at('2026-11-30T23:30:00.000Z', ['9-10', '', '', '', '', '', ''])).toBe('2026-12-07T08:00:00.000Z');
  expect(at('2026-11-30T10:00:00.000Z', ['9-10', '', '', '', '', '', ''])).toBe('2026-12-07T08:00:00.000Z');
});

it('refuses what is no week, no hours, or never open', () => {
  expect(faultInHours(WEEKDAYS)).toBeNull();
  expect(faultInHours(['10-20'])).toContain('seven');
  expect(faultInHours(WEEKDAYS.with(2, 'late'))).toContain('"late"');
  expect(faultInHours(WEEKDAYS.map(() => ' '))).toContain('open');
});
