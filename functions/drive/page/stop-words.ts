import type { RouteStopView } from '#shared/contract/routes.ts';
import { texts } from './language.ts';

/** How an order is called among people. */
export function titleOf({ sellerOrderId, deliveryId }: Pick<RouteStopView, 'sellerOrderId' | 'deliveryId'>): string {
  return sellerOrderId ?? deliveryId.slice(-6);
}

export function placeText({ address, lat, lon }: Pick<RouteStopView, 'address' | 'lat' | 'lon'>): string {
  return address ?? (lat === null || lon === null ? texts.noAddress : `${lat.toFixed(5)}, ${lon.toFixed(5)}`);
}
