import { onDay } from '../dispatch/local-time';
import { parseWindows } from '../shipping/windows';

const WEEK = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const NOON_MINUTES = 12 * 60;

/**
 * @param hours of each day from Monday on: `10-14, 16-20`, or empty where it is closed
 * @returns what is wrong with them, in words; null: nothing
 */
export function faultInHours(hours: readonly string[]): string | null {
  if (hours.length !== WEEK.length) return 'hours must be seven texts, from Monday on';
  const wrong = hours.find((day) => parseWindows(day) === null);
  if (wrong !== undefined) return `hours must be such as 10-14, 16-20, and not ${JSON.stringify(wrong)}`;
  // Orders would wait for ever, and nobody would be told.
  return hours.every((day) => parseWindows(day)?.length === 0) ? 'hours must be open on one day at least' : null;
}

/**
 * When drivers can collect goods: `now` where it is open, else when it opens next, by the clock of `timeZone`.
 * @param hours as `faultInHours` lets through
 */
export function opensAt(hours: readonly string[], timeZone: string, now: Date): Date {
  // A week and a day: today's hours may be over, and be the only ones.
  for (let day = 0; day <= WEEK.length; day += 1) {
    const weekday = WEEK.indexOf(weekdayOf(onDay(timeZone, now, day, NOON_MINUTES), timeZone));
    const windows = (parseWindows(hours[weekday] ?? '') ?? []).sort((a, b) => a.from - b.from);
    for (const { from, to } of windows) {
      if (onDay(timeZone, now, day, to) <= now) continue;
      const opening = onDay(timeZone, now, day, from);
      return opening > now ? opening : now;
    }
  }
  return now;
}

function weekdayOf(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en', { weekday: 'short', timeZone }).format(at);
}
