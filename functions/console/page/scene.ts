import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { Brush } from '#shared/pages/canvas-map.ts';
import { clustersOf } from '#shared/pages/clusters.ts';
import {
  type DriverPoint,
  paintDriver,
  paintDriverCluster,
  paintShop,
  paintStop,
  paintStopCluster,
  paintTrail,
  paintWay,
  type StopPoint,
} from './marks.ts';
import { isOpen, placeOf, type Store } from './store.ts';

export interface Chosen {
  deliveryId: string | null;
  driverId: string | null;
  /** The driver under a delivery that is being dragged. */
  targetId: string | null;
}

const CLUSTER_BELOW_ZOOM = 15;
const CLUSTER_FROM = 60;
const CELL_PX = 64;
const CELL_LEAST = 3;
const NAMES_FROM_ZOOM = 14;
const NAMES_MOST = 40;
const OUTSIDE_PX = 60;

/** Draws a shop: trails, ways, stops, drivers; what is chosen last, so that it lies on top. */
export function paintScene(brush: Brush, store: Store, chosen: Chosen): void {
  const drivers = driverPoints(brush, store);
  const deliveries = [...store.deliveries.values()].filter(
    (delivery) => isOpen(delivery) || delivery.id === chosen.deliveryId,
  );
  const stops = dropoffPoints(brush, deliveries);
  const grouped = brush.zoom < CLUSTER_BELOW_ZOOM;
  const [px, py] = brush.at(0, 0);
  const offset = { x: -px, y: -py };
  const group = <Item extends { x: number; y: number }>(points: Item[], isChosen: (point: Item) => boolean) => {
    if (!grouped || points.length < CLUSTER_FROM) return { clusters: [], singles: points };
    const { clusters, singles } = clustersOf(
      points.filter((point) => !isChosen(point)),
      offset,
      CELL_PX,
      CELL_LEAST,
    );
    return { clusters, singles: [...singles, ...points.filter(isChosen)] };
  };
  const isChosenStop = ({ item }: StopPoint) =>
    item.id === chosen.deliveryId || (item.driverId !== null && item.driverId === chosen.driverId);
  const isChosenDriver = ({ item }: DriverPoint) => item.id === chosen.driverId || item.id === chosen.targetId;
  const stopGroups = group(stops, isChosenStop);
  const driverGroups = group(drivers, isChosenDriver);
  paintShop(brush, store);
  for (const point of stopGroups.singles) paintWay(brush, point.item, store, isChosenStop(point));
  for (const point of driverGroups.singles) paintTrail(brush, point, isChosenDriver(point));
  for (const { x, y, items } of stopGroups.clusters) paintStopCluster(brush, x, y, items);
  for (const point of stopGroups.singles) paintStop(brush, point, isChosenStop(point));
  for (const { x, y, items } of driverGroups.clusters) paintDriverCluster(brush, x, y, items);
  const named = brush.zoom >= NAMES_FROM_ZOOM && driverGroups.singles.length <= NAMES_MOST;
  for (const point of driverGroups.singles)
    paintDriver(brush, point, isChosenDriver(point), named || isChosenDriver(point));
}

function isInside({ width, height }: Brush, x: number, y: number): boolean {
  return x > -OUTSIDE_PX && y > -OUTSIDE_PX && x < width + OUTSIDE_PX && y < height + OUTSIDE_PX;
}

function driverPoints(brush: Brush, { drivers, seen }: Store): DriverPoint[] {
  const points: DriverPoint[] = [];
  for (const item of drivers.values()) {
    const place = seen.get(item.id);
    if (!place || item.status === 'OFFLINE') continue;
    const [x, y] = brush.at(place.lat, place.lon);
    if (isInside(brush, x, y)) points.push({ x, y, item, seen: place });
  }
  return points;
}

function dropoffPoints(brush: Brush, deliveries: readonly DeliveryView[]): StopPoint[] {
  const points: StopPoint[] = [];
  for (const item of deliveries) {
    const place = placeOf(item.dropoff) ?? placeOf(item.pickup);
    if (!place) continue;
    const [x, y] = brush.at(place.lat, place.lon);
    if (isInside(brush, x, y)) points.push({ x, y, item });
  }
  return points;
}
