import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { DriverView } from '#shared/contract/drivers.ts';
import type { Brush } from '#shared/pages/canvas-map.ts';
import { deliveryColour, driverColour } from '#shared/pages/palette.ts';
import type { Seen } from './known.ts';
import { isOpen, nameOf, placeOf, type Store } from './store.ts';

/** A thing and where it is on the canvas, in CSS pixels. */
export type Point<Item> = { x: number; y: number; item: Item };
export type DriverPoint = Point<DriverView> & { seen: Seen };
export type StopPoint = Point<DeliveryView>;

/** A fix older than this is drawn paler. */
const FRESH_MS = 20_000;

export function paintShop({ context, palette, at }: Brush, { session }: Store): void {
  if (!session.pickup) return;
  const [x, y] = at(session.pickup.lat, session.pickup.lon);
  context.fillStyle = palette.ink;
  context.fillRect(x - 7, y - 7, 14, 14);
  context.fillStyle = palette.surface;
  context.fillRect(x - 3, y - 1, 6, 8);
}

/** Dashed from pickup to dropoff; whole from the driver to where they go next. */
export function paintWay({ context, palette, at }: Brush, delivery: DeliveryView, store: Store, strong: boolean): void {
  const [pickup, dropoff] = [placeOf(delivery.pickup), placeOf(delivery.dropoff)];
  context.save();
  context.globalAlpha = strong ? 0.95 : 0.28;
  context.lineWidth = strong ? 2.5 : 1.25;
  context.strokeStyle = deliveryColour(palette, delivery.status);
  if (pickup && dropoff) {
    context.setLineDash([5, 4]);
    line(context, at(pickup.lat, pickup.lon), at(dropoff.lat, dropoff.lon));
    context.setLineDash([]);
    const [x, y] = at(pickup.lat, pickup.lon);
    context.globalAlpha = strong ? 1 : 0.7;
    context.fillStyle = palette.surface;
    context.fillRect(x - 4, y - 4, 8, 8);
    context.strokeRect(x - 4, y - 4, 8, 8);
    context.globalAlpha = strong ? 0.95 : 0.4;
  }
  const seen = delivery.driverId === null ? undefined : store.seen.get(delivery.driverId);
  // What failed goes back to where it was collected.
  const next = delivery.status === 'ASSIGNED' || delivery.status === 'FAILED' ? pickup : dropoff;
  if (seen && next && isOpen(delivery)) line(context, at(seen.lat, seen.lon), at(next.lat, next.lon));
  context.restore();
}

function line(context: CanvasRenderingContext2D, [ax, ay]: [number, number], [bx, by]: [number, number]): void {
  context.beginPath();
  context.moveTo(ax, ay);
  context.lineTo(bx, by);
  context.stroke();
}

export function paintTrail({ context, palette, at }: Brush, { item, seen }: DriverPoint, strong: boolean): void {
  if (seen.trail.length < 2) return;
  context.save();
  context.strokeStyle = driverColour(palette, item.status);
  context.globalAlpha = strong ? 0.8 : 0.35;
  context.lineWidth = 2;
  context.beginPath();
  seen.trail.forEach(({ lat, lon }, place) => {
    const [x, y] = at(lat, lon);
    if (place === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  });
  context.lineTo(...at(seen.lat, seen.lon));
  context.stroke();
  context.restore();
}

/** A diamond; with an exclamation mark where a person has to do something. */
export function paintStop({ context, palette, spot }: Brush, { x, y, item }: StopPoint, strong: boolean): void {
  const r = strong ? 11 : 8;
  context.save();
  context.beginPath();
  context.moveTo(x, y - r);
  context.lineTo(x + r, y);
  context.lineTo(x, y + r);
  context.lineTo(x - r, y);
  context.closePath();
  context.fillStyle = deliveryColour(palette, item.status);
  context.fill();
  context.lineWidth = 2;
  context.strokeStyle = strong ? palette.ink : palette.surface;
  context.stroke();
  if (item.dispatch === 'exhausted' || item.dispatch === 'needs_location')
    label(context, '!', x, y + 0.5, palette.surface, 'bold 11px');
  if (strong) label(context, nameOf(item), x, y - r - 9, palette.ink, '600 12px', palette.surface);
  context.restore();
  spot({ kind: 'delivery', id: item.id, x, y, r });
}

export function paintDriver(
  { context, palette, spot }: Brush,
  { x, y, item, seen }: DriverPoint,
  strong: boolean,
  named: boolean,
): void {
  const r = strong ? 12 : 9;
  const colour = driverColour(palette, item.status);
  const fresh = !seen.silent && (seen.recordedAtMs === 0 || Date.now() - seen.recordedAtMs < FRESH_MS);
  context.save();
  context.globalAlpha = fresh || strong ? 1 : 0.55;
  if (seen.heading !== null) paintHeading(context, x, y, r, seen.heading, colour);
  context.beginPath();
  context.arc(x, y, r, 0, 2 * Math.PI);
  context.fillStyle = seen.silent ? palette.surface : colour;
  context.fill();
  context.lineWidth = strong ? 3 : 2;
  context.setLineDash(seen.silent ? [3, 3] : []);
  context.strokeStyle = strong ? palette.ink : seen.silent ? colour : palette.surface;
  context.stroke();
  context.setLineDash([]);
  if (item.load > 0) label(context, String(item.load), x, y + 0.5, seen.silent ? colour : palette.surface, 'bold 10px');
  if (named) label(context, item.name, x, y + r + 10, palette.ink, strong ? '600 12px' : '11px', palette.surface);
  context.restore();
  spot({ kind: 'driver', id: item.id, x, y, r });
}

function paintHeading(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  r: number,
  heading: number,
  colour: string,
): void {
  context.save();
  context.translate(x, y);
  context.rotate((heading * Math.PI) / 180);
  context.beginPath();
  context.moveTo(0, -r - 7);
  context.lineTo(r * 0.75, -r * 0.55);
  context.lineTo(-r * 0.75, -r * 0.55);
  context.closePath();
  context.fillStyle = colour;
  context.fill();
  context.restore();
}

/** A disc with the share of each status around it. */
export function paintDriverCluster(
  { context, palette, spot }: Brush,
  x: number,
  y: number,
  items: readonly DriverPoint[],
): void {
  const r = Math.min(28, 12 + Math.sqrt(items.length) * 1.6);
  const free = items.filter(({ item }) => item.status === 'AVAILABLE').length / items.length;
  context.save();
  context.lineWidth = 5;
  context.strokeStyle = palette.busy;
  context.fillStyle = palette.surface;
  context.beginPath();
  context.arc(x, y, r, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  context.strokeStyle = palette.available;
  context.beginPath();
  context.arc(x, y, r, -Math.PI / 2, -Math.PI / 2 + free * 2 * Math.PI);
  context.stroke();
  label(context, String(items.length), x, y + 0.5, palette.ink, '600 12px');
  context.restore();
  spot({ kind: 'cluster', id: '', x, y, r });
}

export function paintStopCluster(
  { context, palette, spot }: Brush,
  x: number,
  y: number,
  items: readonly StopPoint[],
): void {
  const r = Math.min(24, 10 + Math.sqrt(items.length) * 1.5);
  const waits = items.some(({ item }) => item.status === 'PENDING');
  context.save();
  context.translate(x, y);
  context.rotate(Math.PI / 4);
  context.fillStyle = waits ? palette.waiting : palette.moving;
  context.strokeStyle = palette.surface;
  context.lineWidth = 2;
  context.fillRect(-r * 0.8, -r * 0.8, r * 1.6, r * 1.6);
  context.strokeRect(-r * 0.8, -r * 0.8, r * 1.6, r * 1.6);
  context.restore();
  label(context, String(items.length), x, y + 0.5, palette.surface, '600 11px');
  spot({ kind: 'cluster', id: '', x, y, r });
}

function label(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  colour: string,
  font: string,
  halo?: string,
): void {
  context.font = `${font} system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  if (halo) {
    context.lineWidth = 3;
    context.strokeStyle = halo;
    context.strokeText(text, x, y);
  }
  context.fillStyle = colour;
  context.fillText(text, x, y);
}
