import * as L from 'leaflet';
import 'leaflet/dist/leaflet.css';
import './map.css';
import { TILE_SUBDOMAINS } from '#shared/domain/tiles.ts';
import { drawGraticule } from './graticule.ts';
import { fact } from './page-facts.ts';
import { type Palette, readPalette } from './palette.ts';

/** Something on the canvas that can be pointed at. `r` in CSS pixels. */
export interface Spot {
  kind: 'driver' | 'delivery' | 'cluster';
  id: string;
  x: number;
  y: number;
  r: number;
}

export interface Brush {
  context: CanvasRenderingContext2D;
  palette: Palette;
  zoom: number;
  width: number;
  height: number;
  /** Degrees to CSS pixels inside the map. */
  at: (lat: number, lon: number) => [x: number, y: number];
  /** Says what has been drawn where; what is said last lies on top. */
  spot: (spot: Spot) => void;
}

export interface CanvasMap {
  map: L.Map;
  /** Draw again at the next frame. */
  redraw(): void;
  /** What lies at a point of the window. */
  spotAt(clientX: number, clientY: number, kind?: Spot['kind']): Spot | null;
  fit(points: readonly (readonly [number, number])[]): void;
  close(): void;
}

const REACH_PX = 6;

/**
 * A Leaflet map with one canvas over it, drawn anew for every frame that needs it: thousands of things cost a few
 * milliseconds, where an element each would cost a second. Without tiles the canvas draws the ground as well.
 */
export function openCanvasMap(element: HTMLElement, paint: (brush: Brush) => void): CanvasMap {
  const map = L.map(element, {
    zoomAnimation: false,
    fadeAnimation: false,
    minZoom: 2,
    maxZoom: 19,
    worldCopyJump: true,
  });
  map.attributionControl.setPrefix(false);
  map.setView([30, 10], 3);
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  const tileUrl = fact('map-tiles');
  if (tileUrl !== null) {
    const attribution = fact('map-attribution') ?? '';
    // OpenStreetMap answers nobody who does not say from which site they ask; nobody else is told.
    const referrerPolicy = 'strict-origin-when-cross-origin';
    L.tileLayer(tileUrl, { attribution, referrerPolicy, subdomains: [...TILE_SUBDOMAINS] }).addTo(map);
  }
  const canvas = L.DomUtil.create('canvas', 'things', map.getPanes().overlayPane);
  canvas.setAttribute('aria-hidden', 'true');
  let spots: Spot[] = [];
  let frame = 0;
  const draw = () => {
    frame = 0;
    spots = drawOnce(map, canvas, tileUrl === null, paint);
  };
  const redraw = () => {
    frame ||= requestAnimationFrame(draw);
  };
  map.on('move zoom viewreset resize', redraw);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  dark.addEventListener('change', redraw);
  const resized = new ResizeObserver(() => map.invalidateSize({ animate: false }));
  resized.observe(element);
  redraw();
  return {
    map,
    redraw,
    spotAt(clientX, clientY, kind) {
      const box = element.getBoundingClientRect();
      const [x, y] = [clientX - box.left, clientY - box.top];
      const near = spots.filter(
        (spot) => (!kind || spot.kind === kind) && Math.hypot(spot.x - x, spot.y - y) <= spot.r + REACH_PX,
      );
      return near.at(-1) ?? null;
    },
    fit(points) {
      if (points.length === 0) return;
      map.fitBounds(L.latLngBounds(points.map(([lat, lon]) => L.latLng(lat, lon))), {
        padding: [48, 48],
        maxZoom: 15,
        animate: false,
      });
    },
    close() {
      cancelAnimationFrame(frame);
      dark.removeEventListener('change', redraw);
      resized.disconnect();
      map.remove();
    },
  };
}

function drawOnce(map: L.Map, canvas: HTMLCanvasElement, bare: boolean, paint: (brush: Brush) => void): Spot[] {
  const { x: width, y: height } = map.getSize();
  const ratio = Math.min(2, devicePixelRatio || 1);
  if (canvas.width !== width * ratio || canvas.height !== height * ratio) {
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
  const context = canvas.getContext('2d')!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const spots: Spot[] = [];
  const brush: Brush = {
    context,
    palette: readPalette(),
    zoom: map.getZoom(),
    width,
    height,
    at: projection(map),
    spot: (spot) => void spots.push(spot),
  };
  if (bare) drawGraticule(brush, map.getBounds());
  paint(brush);
  return spots;
}

/** Web Mercator by hand: Leaflet's own makes two objects per point. */
function projection(map: L.Map): Brush['at'] {
  const scale = 256 * 2 ** map.getZoom();
  const corner = map.getPixelBounds().min!;
  return (lat, lon) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    const x = (lon / 360 + 0.5) * scale;
    const y = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * scale;
    return [x - corner.x, y - corner.y];
  };
}
