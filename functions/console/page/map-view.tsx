import { useEffect, useRef, useState } from 'preact/hooks';
import type { Position } from '#shared/domain/geo.ts';
import { type CanvasMap, openCanvasMap } from '#shared/pages/canvas-map.ts';
import { say } from './language.ts';
import { type Placed, PlacedBar, type Placing, PlacingBar } from './placing.tsx';
import { go } from './route.ts';
import { type Chosen, paintScene } from './scene.ts';
import { isOpen, placeOf, type Store } from './store.ts';

export interface MapViewProps {
  store: Store;
  deliveryId: string | null;
  driverId: string | null;
  placing: Placing | null;
  onPlace: (at: Position) => void;
  onCancelPlacing: () => void;
  placed: Placed | null;
  onCommit: (placed: Placed) => void;
  onUndo: () => void;
  onAssign: (deliveryId: string, driverId: string) => void;
}

/** What a row of the list carries while it is dragged. */
export const DRAGGED = 'text/x-delivery';

export function MapView(props: MapViewProps) {
  const { store, deliveryId, driverId, placing } = props;
  const element = useRef<HTMLDivElement>(null);
  const canvas = useRef<CanvasMap | null>(null);
  const chosen = useRef<Chosen>({ deliveryId, driverId, targetId: null });
  const latest = useRef(props);
  const [ready, setReady] = useState(false);
  latest.current = props;
  chosen.current = { deliveryId, driverId, targetId: chosen.current.targetId };
  useEffect(() => {
    const opened = openCanvasMap(element.current!, (brush) => paintScene(brush, store, chosen.current));
    canvas.current = opened;
    listen(opened, latest);
    const unsubscribe = store.subscribe(() => {
      opened.redraw();
      if (store.complete) setReady(true);
    });
    return () => {
      unsubscribe();
      opened.close();
    };
  }, [store]);
  useEffect(() => {
    if (ready) canvas.current?.fit(everything(store));
  }, [ready]);
  useEffect(() => {
    const points = pointsOf(store, deliveryId, driverId);
    if (ready && canvas.current && points.length > 0) show(canvas.current, points);
    canvas.current?.redraw();
  }, [deliveryId, driverId, ready]);
  const target = (event: DragEvent) => canvas.current?.spotAt(event.clientX, event.clientY, 'driver')?.id ?? null;
  const middle = (): Position => {
    const { lat, lng } = canvas.current!.map.getCenter();
    return { lat, lon: lng };
  };
  const aim = (id: string | null) => {
    if (chosen.current.targetId === id) return;
    chosen.current = { ...chosen.current, targetId: id };
    canvas.current?.redraw();
  };
  return (
    <section class={placing ? 'map placing' : 'map'} aria-label={say().map.title}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dragging is one way of three; the others are buttons */}
      <div
        class="ground"
        ref={element}
        onDragOver={(event) => {
          if (!event.dataTransfer?.types.includes(DRAGGED)) return;
          event.preventDefault();
          aim(target(event));
        }}
        onDragLeave={() => aim(null)}
        onDrop={(event) => {
          event.preventDefault();
          const [delivery, driver] = [event.dataTransfer?.getData(DRAGGED), target(event)];
          aim(null);
          if (delivery && driver) props.onAssign(delivery, driver);
        }}
      />
      {placing && (
        <PlacingBar placing={placing} onMiddle={() => props.onPlace(middle())} onStop={props.onCancelPlacing} />
      )}
      {!placing && props.placed && <PlacedBar placed={props.placed} onCommit={props.onCommit} onUndo={props.onUndo} />}
      <button class="whole" type="button" onClick={() => canvas.current?.fit(everything(store))}>
        {say().map.showAll}
      </button>
      <ul class="legend" aria-label={say().map.legend}>
        <li class="available">{say().map.available}</li>
        <li class="busy">{say().map.busy}</li>
        <li class="waiting">{say().map.waiting}</li>
        <li class="moving">{say().map.moving}</li>
      </ul>
    </section>
  );
}

function listen(opened: CanvasMap, latest: { current: MapViewProps }): void {
  const { map } = opened;
  map.on('click', ({ latlng, originalEvent }) => {
    const { placing, onPlace } = latest.current;
    if (placing) return onPlace({ lat: latlng.lat, lon: latlng.lng });
    const spot = opened.spotAt(originalEvent.clientX, originalEvent.clientY);
    if (spot?.kind === 'cluster') map.setView(latlng, Math.min(19, map.getZoom() + 2));
    else if (spot) go(spot.kind === 'driver' ? 'drivers' : 'deliveries', spot.id);
  });
  map.on('mousemove', ({ originalEvent }) => {
    const over = opened.spotAt(originalEvent.clientX, originalEvent.clientY) !== null;
    map.getContainer().classList.toggle('over', over);
  });
}

type Points = (readonly [number, number])[];

function everything({ deliveries, seen, drivers, session }: Store): Points {
  const points: Points = session.pickup ? [[session.pickup.lat, session.pickup.lon]] : [];
  for (const delivery of deliveries.values()) {
    if (!isOpen(delivery)) continue;
    for (const place of [placeOf(delivery.pickup), placeOf(delivery.dropoff)])
      if (place) points.push([place.lat, place.lon]);
  }
  for (const [id, place] of seen) if (drivers.get(id)?.status !== 'OFFLINE') points.push([place.lat, place.lon]);
  return points;
}

function pointsOf(store: Store, deliveryId: string | null, driverId: string | null): Points {
  const delivery = deliveryId === null ? undefined : store.deliveries.get(deliveryId);
  const holder = store.seen.get(delivery?.driverId ?? driverId ?? '');
  const places = [delivery && placeOf(delivery.pickup), delivery && placeOf(delivery.dropoff), holder];
  return places.flatMap((place) => (place ? [[place.lat, place.lon] as const] : []));
}

/** Moves only if something of it is out of sight. */
function show(canvas: CanvasMap, points: Points): void {
  const bounds = canvas.map.getBounds().pad(-0.08);
  if (points.some(([lat, lon]) => !bounds.contains([lat, lon])) || canvas.map.getZoom() < 12) canvas.fit(points);
}
