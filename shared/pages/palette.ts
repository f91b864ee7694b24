import { type DeliveryStatus, isActive } from '../domain/delivery.ts';

/** The colours of the canvas come from the style sheet, so that light and dark are decided in one place. */
export interface Palette {
  surface: string;
  ink: string;
  faint: string;
  line: string;
  available: string;
  busy: string;
  offline: string;
  waiting: string;
  moving: string;
  done: string;
  bad: string;
  accent: string;
}

const NAMES = [
  'surface',
  'ink',
  'faint',
  'line',
  'available',
  'busy',
  'offline',
  'waiting',
  'moving',
  'done',
  'bad',
  'accent',
] as const;

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(
    NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
  ) as unknown as Palette;
}

export function driverColour(palette: Palette, status: string): string {
  if (status === 'AVAILABLE') return palette.available;
  return status === 'BUSY' ? palette.busy : palette.offline;
}

export function deliveryColour(palette: Palette, status: DeliveryStatus): string {
  if (status === 'PENDING') return palette.waiting;
  if (isActive(status)) return palette.moving;
  return status === 'DELIVERED' ? palette.done : palette.bad;
}
