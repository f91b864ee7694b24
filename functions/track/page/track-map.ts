import type { TrackingView } from '#shared/contract/tracking.ts';
import { type Brush, openCanvasMap } from '#shared/pages/canvas-map.ts';

export interface TrackMap {
  show(tracking: TrackingView): void;
  close(): void;
}

/** The driver and the door, and nothing else. */
export function openTrackMap(element: HTMLElement): TrackMap {
  let tracking: TrackingView | null = null;
  let fitted = false;
  const canvas = openCanvasMap(element, (brush) => tracking && paint(brush, tracking));
  return {
    show(next) {
      tracking = next;
      const places = [next.driver?.position, next.dropoff].flatMap((place) =>
        place ? [[place.lat, place.lon] as const] : [],
      );
      const out = places.some(([lat, lon]) => !canvas.map.getBounds().contains([lat, lon]));
      if (!fitted || out) canvas.fit(places);
      fitted ||= places.length > 0;
      canvas.redraw();
    },
    close: canvas.close,
  };
}

function paint({ context, palette, at }: Brush, { driver, dropoff }: TrackingView): void {
  const door = dropoff && at(dropoff.lat, dropoff.lon);
  const here = driver?.position && at(driver.position.lat, driver.position.lon);
  context.strokeStyle = palette.accent;
  context.lineWidth = 3;
  if (door && here) {
    context.setLineDash([6, 6]);
    context.beginPath();
    context.moveTo(...here);
    context.lineTo(...door);
    context.stroke();
    context.setLineDash([]);
  }
  if (door) {
    const [x, y] = door;
    context.fillStyle = palette.ink;
    context.beginPath();
    context.moveTo(x - 11, y - 2);
    context.lineTo(x, y - 12);
    context.lineTo(x + 11, y - 2);
    context.lineTo(x + 8, y - 2);
    context.lineTo(x + 8, y + 9);
    context.lineTo(x - 8, y + 9);
    context.lineTo(x - 8, y - 2);
    context.closePath();
    context.fill();
  }
  if (here) {
    context.beginPath();
    context.arc(here[0], here[1], 11, 0, 2 * Math.PI);
    context.fillStyle = palette.accent;
    context.fill();
    context.strokeStyle = palette.surface;
    context.stroke();
  }
}
