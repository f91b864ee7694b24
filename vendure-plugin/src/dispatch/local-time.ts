const DAY_MS = 86_400_000;

/** The instant at which clocks there show so many minutes after midnight, so many days after the one that is there now. */
export function onDay(timeZone: string, now: Date, days: number, minutes: number): Date {
  const { year, month, date } = clockOf(timeZone, now.getTime());
  return instantOf(timeZone, Date.UTC(year, month - 1, date) + days * DAY_MS + minutes * 60_000);
}

/** @param shownMs as if it were shown in Greenwich */
function instantOf(timeZone: string, shownMs: number): Date {
  const near = shownMs - offsetMs(timeZone, shownMs);
  // Once more: the first guess may lie on the other side of a change to summer time.
  return new Date(shownMs - offsetMs(timeZone, near));
}

function offsetMs(timeZone: string, atMs: number): number {
  const { year, month, date, hour, minute } = clockOf(timeZone, atMs);
  return Date.UTC(year, month - 1, date, hour, minute) - Math.floor(atMs / 60_000) * 60_000;
}

function clockOf(timeZone: string, atMs: number) {
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const format = new Intl.DateTimeFormat('en', { ...numeric, hourCycle: 'h23', timeZone });
  const parts = format.formatToParts(atMs);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return { year: of('year'), month: of('month'), date: of('day'), hour: of('hour'), minute: of('minute') };
}
