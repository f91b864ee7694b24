import { Button } from '@vendure/dashboard';
import { type PointerEvent, useRef, useState } from 'react';
import { type LatLon, metresPerPixel, project, TILE_PX, unproject } from './map-projection';
import { useWords } from './texts';

export interface MapPoint {
  id: string;
  name: string;
  at: LatLon | null;
}
interface Props {
  points: MapPoint[];
  /** The one that a click moves. */
  chosenId: string;
  /** Drawn around each point. */
  radiusM: number | null;
  tileUrl: string | null;
  attribution: string | null;
  onPick(at: LatLon): void;
}

const START_ZOOM = 13;
const MAX_ZOOM = 18;
/** Where nothing is known yet: all of Europe. */
const NOWHERE = { at: { lat: 50, lon: 10 }, zoom: 4 };
/** A hand that shakes while it clicks does not drag. */
const CLICK_PX = 4;
/** Enough for the widest page, on either side of the centre. */
const HALF = { x: 700, y: 180 };
const SCALE_PX = 100;

/** Where each stock location is collected from: a click moves the chosen one, a drag the map. */
export function PickupMap({ points, chosenId, radiusM, tileUrl, attribution, onPick }: Props) {
  const { t } = useWords();
  const chosen = points.find(({ id }) => id === chosenId)?.at ?? points.find(({ at }) => at !== null)?.at ?? null;
  const [view, setView] = useState(chosen === null ? NOWHERE : { at: chosen, zoom: START_ZOOM });
  const from = useRef<{ x: number; y: number; centre: { x: number; y: number }; moved: boolean } | null>(null);
  const centre = project(view.at, view.zoom);
  const zoomBy = (step: number) => setView({ ...view, zoom: Math.max(2, Math.min(MAX_ZOOM, view.zoom + step)) });
  const down = ({ clientX: x, clientY: y, currentTarget, pointerId }: PointerEvent) => {
    currentTarget.setPointerCapture?.(pointerId);
    from.current = { x, y, centre, moved: false };
  };
  const move = ({ clientX, clientY }: PointerEvent) => {
    const start = from.current;
    if (start === null) return;
    const by = { x: clientX - start.x, y: clientY - start.y };
    start.moved ||= Math.hypot(by.x, by.y) > CLICK_PX;
    if (start.moved)
      setView({ ...view, at: unproject({ x: start.centre.x - by.x, y: start.centre.y - by.y }, view.zoom) });
  };
  const up = ({ clientX, clientY, currentTarget }: PointerEvent) => {
    const isClick = from.current !== null && !from.current.moved;
    from.current = null;
    if (!isClick) return;
    const box = currentTarget.getBoundingClientRect();
    const x = centre.x + clientX - box.left - box.width / 2;
    const y = centre.y + clientY - box.top - box.height / 2;
    onPick(unproject({ x, y }, view.zoom));
  };
  return (
    <div className="relative h-80 overflow-hidden rounded border bg-muted">
      <div
        role="application"
        aria-label={t('map')}
        className="absolute inset-0 cursor-crosshair touch-none"
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
      >
        <div className="absolute" style={{ left: '50%', top: '50%' }}>
          {tileUrl !== null && <Tiles url={tileUrl} centre={centre} zoom={view.zoom} />}
          {points.map((point) => (
            <Pin
              key={point.id}
              point={point}
              isChosen={point.id === chosenId}
              radiusM={radiusM}
              {...{ centre, view }}
            />
          ))}
        </div>
      </div>
      <div className="absolute right-2 top-2 flex flex-col gap-1">
        {([1, -1] as const).map((step) => (
          <Button key={step} type="button" size="sm" variant="outline" onClick={() => zoomBy(step)}>
            {step > 0 ? '+' : '-'}
          </Button>
        ))}
      </div>
      <Scale view={view} />
      {attribution !== null && <small className="absolute bottom-1 right-2 bg-background px-1">{attribution}</small>}
    </div>
  );
}

interface View {
  at: LatLon;
  zoom: number;
}

function Pin(props: {
  point: MapPoint;
  isChosen: boolean;
  radiusM: number | null;
  centre: { x: number; y: number };
  view: View;
}) {
  const { point, isChosen, radiusM, centre, view } = props;
  if (point.at === null) return null;
  const { x, y } = project(point.at, view.zoom);
  const place = { left: x - centre.x, top: y - centre.y, transform: 'translate(-50%, -50%)' };
  const widthPx = radiusM === null ? 0 : (2 * radiusM) / metresPerPixel(point.at.lat, view.zoom);
  return (
    <>
      {radiusM !== null && (
        <div
          className="pointer-events-none absolute rounded-full border-2 border-primary"
          style={{ ...place, width: widthPx, height: widthPx, opacity: 0.5 }}
        />
      )}
      <div
        className="pointer-events-none absolute flex items-center gap-1 whitespace-nowrap text-xs font-medium"
        style={{ ...place, transform: 'translate(-8px, -50%)' }}
      >
        <span
          className={`rounded-full border-2 border-background ${isChosen ? 'bg-primary' : 'bg-muted-foreground'}`}
          style={{ width: 16, height: 16 }}
        />
        <span className="rounded bg-background px-1">{point.name}</span>
      </div>
    </>
  );
}

function Tiles({ url, centre, zoom }: { url: string; centre: { x: number; y: number }; zoom: number }) {
  const across = 2 ** zoom;
  const from = { x: Math.floor((centre.x - HALF.x) / TILE_PX), y: Math.floor((centre.y - HALF.y) / TILE_PX) };
  const to = { x: Math.floor((centre.x + HALF.x) / TILE_PX), y: Math.floor((centre.y + HALF.y) / TILE_PX) };
  const rows = range(Math.max(0, from.y), Math.min(across - 1, to.y));
  return rows.flatMap((y) =>
    range(from.x, to.x).map((x) => (
      <img
        key={`${zoom}/${x}/${y}`}
        alt=""
        draggable={false}
        className="absolute max-w-none"
        style={{ left: x * TILE_PX - centre.x, top: y * TILE_PX - centre.y, width: TILE_PX, height: TILE_PX }}
        src={tileAt(url, zoom, ((x % across) + across) % across, y)}
      />
    )),
  );
}

/** `{s}` stands for one of three hosts, as the service's own pages have it. */
function tileAt(url: string, zoom: number, x: number, y: number): string {
  const values = { z: zoom, x, y, s: 'abc'[(x + y) % 3] };
  return Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, String(value)), url);
}

/** How long a stretch is, since a schematic map has nothing else to tell by. */
function Scale({ view }: { view: View }) {
  const metres = SCALE_PX * metresPerPixel(view.at.lat, view.zoom);
  return (
    <div className="pointer-events-none absolute bottom-2 left-2 bg-background px-1 text-xs">
      <div className="border-b-2 border-foreground" style={{ width: SCALE_PX }} />
      {metres < 1_000 ? `${Math.round(metres)} m` : `${(metres / 1_000).toFixed(1)} km`}
    </div>
  );
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
