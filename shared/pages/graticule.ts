import type { LatLngBounds } from 'leaflet';
import type { Brush } from './canvas-map.ts';

/** Steps in degrees a reader can count in: degrees, tenths, hundredths, and so on. */
const STEPS = [30, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005];
const WANTED_PX = 120;

/** Meridians and parallels, named at the edges: enough ground to see distances and directions by, without a map. */
export function drawGraticule({ context, palette, width, height, zoom, at }: Brush, bounds: LatLngBounds): void {
  const wanted = (WANTED_PX * 360) / (256 * 2 ** zoom);
  const step = STEPS.find((each) => each <= wanted) ?? STEPS.at(-1)!;
  const places = Math.max(0, Math.ceil(-Math.log10(step)));
  context.save();
  context.lineWidth = 1;
  context.strokeStyle = palette.line;
  context.fillStyle = palette.faint;
  context.font = '10px system-ui, sans-serif';
  const [west, east] = [bounds.getWest(), bounds.getEast()];
  const [south, north] = [Math.max(-85, bounds.getSouth()), Math.min(85, bounds.getNorth())];
  context.beginPath();
  for (let n = Math.ceil(west / step); n * step <= east; n += 1) {
    const [x] = at(0, n * step);
    context.moveTo(Math.round(x) + 0.5, 0);
    context.lineTo(Math.round(x) + 0.5, height);
    // Not under the zoom buttons.
    if (x > 44) context.fillText(`${(n * step).toFixed(places)}°`, x + 4, 12);
  }
  for (let n = Math.ceil(south / step); n * step <= north; n += 1) {
    const [, y] = at(n * step, 0);
    context.moveTo(0, Math.round(y) + 0.5);
    context.lineTo(width, Math.round(y) + 0.5);
    const label = `${(n * step).toFixed(places)}°`;
    context.fillText(label, width - context.measureText(label).width - 6, y - 4);
  }
  context.stroke();
  context.restore();
}
