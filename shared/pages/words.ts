/** How the pages say things. All times are shown in the reader's own zone, and in their browser's language unless a page has chosen another (language.ts). */

/** `350 m`, `1.5 km`, `12 km`, with the digits and the unit of a language. */
export function distanceText(metres: number, locale?: string): string {
  if (metres < 950) return inUnit(Math.round(metres / 10) * 10, 'meter', locale);
  return inUnit(metres / 1000, 'kilometer', locale, metres < 9_950 ? 1 : 0);
}

/** `40 sec`, `25 min`, `1 hr 5 min`. */
export function durationText(seconds: number, locale?: string): string {
  if (seconds < 60) return inUnit(Math.max(0, Math.round(seconds)), 'second', locale);
  const minutes = Math.round(seconds / 60);
  if (seconds < 3_600) return inUnit(minutes, 'minute', locale);
  const parts = [inUnit(Math.floor(minutes / 60), 'hour', locale), inUnit(minutes % 60, 'minute', locale)];
  return new Intl.ListFormat(locale, { type: 'unit', style: 'narrow' }).format(parts);
}

function inUnit(value: number, unit: string, locale?: string, digits = 0): string {
  const rounded = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale, { style: 'unit', unit, ...rounded }).format(value);
}

/** Words of another language within a sentence: they keep their own direction, and do not change that of what stands around them. */
export function isolated(words: string): string {
  return `\u2068${words}\u2069`;
}

/** What a phone dials: the digits, and an extension after them. */
export function phoneLink(phone: string): string {
  const [number = '', extension] = phone.split(/(?:ext\. |x)(?=\d+$)/);
  const digits = number.replace(/[^\d+]/g, '');
  return extension === undefined ? `tel:${digits}` : `tel:${digits};ext=${extension}`;
}

export function timeText(iso: string | number | Date, withSeconds = false, locale?: string): string {
  const second = withSeconds ? ({ second: '2-digit' } as const) : {};
  return new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', ...second }).format(new Date(iso));
}

/** `12:40`, and the day in front where it is not today. */
export function momentText(iso: string, nowMs: number, locale?: string): string {
  const at = new Date(iso);
  const today = at.toDateString() === new Date(nowMs).toDateString();
  if (today) return timeText(at, false, locale);
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at);
}

/** `RECIPIENT_UNAVAILABLE` → `Recipient unavailable`. */
export function sentence(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
