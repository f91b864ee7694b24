/** How the pages say things. All times are shown in the reader's own zone, and in their browser's language unless a page has chosen another (language.ts). */

export function distanceText(metres: number): string {
  if (metres < 950) return `${Math.round(metres / 10) * 10} m`;
  return `${(metres / 1000).toFixed(metres < 9_950 ? 1 : 0)} km`;
}

export function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
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
