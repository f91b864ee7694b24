import { onDay } from '../dispatch/local-time';

/** When a customer may want the delivery. */
export interface Slot {
  after: Date;
  before: Date;
}
/** Minutes after midnight, by the customers' clock. */
interface Window {
  from: number;
  to: number;
}
const DAY_MINUTES = 24 * 60;

/**
 * Reads what an administrator has written: `10-12, 14:30-16`.
 * @returns null where it is no such list
 */
export function parseWindows(text: string): Window[] | null {
  const parts = text.split(',').map((part) => part.trim());
  const windows = parts
    .filter((part) => part !== '')
    .map((part) => {
      const found = /^(\d{1,2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2})(?::(\d{2}))?$/.exec(part);
      const [fromHour, fromMinute, toHour, toMinute] = (found?.slice(1) ?? []).map((each) => Number(each ?? 0));
      return { from: (fromHour ?? Number.NaN) * 60 + (fromMinute ?? 0), to: (toHour ?? 0) * 60 + (toMinute ?? 0) };
    });
  return windows.every(({ from, to }) => from < to && to <= DAY_MINUTES) ? windows : null;
}

/** Whether this is one of these windows on some day, by the customers' clock. */
export function isOneOf(windows: readonly Window[], timeZone: string, { after, before }: Slot): boolean {
  const at = (minutes: number) => onDay(timeZone, after, 0, minutes).getTime();
  return windows.some(({ from, to }) => at(from) === after.getTime() && at(to) === before.getTime());
}

/** The windows of today and the days after it that have not begun yet, in order of time. */
export function slotsFrom(windows: readonly Window[], days: number, timeZone: string, now: Date): Slot[] {
  const slots = Array.from({ length: days }, (_, day) => {
    const at = (minutes: number) => onDay(timeZone, now, day, minutes);
    return windows.map(({ from, to }) => ({ after: at(from), before: at(to) }));
  });
  return slots
    .flat()
    .filter(({ after }) => after > now)
    .sort((a, b) => a.after.getTime() - b.after.getTime());
}
