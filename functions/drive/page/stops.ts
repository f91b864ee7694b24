import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { RouteStopView } from '#shared/contract/routes.ts';
import { type DeliveryStatus, isOnTheWay } from '#shared/domain/delivery.ts';

type Stop = Pick<RouteStopView, 'deliveryId' | 'kind' | 'lat' | 'lon'> & { address?: string | null };

type Pickup = DeliveryView['pickup'];

/**
 * The stops that are left once the steps that wait on this phone have arrived.
 * @param pickupOf where a parcel was collected, as far as this phone knows
 */
export function stopsAfter(
  stops: readonly RouteStopView[],
  steps: readonly { deliveryId: string; status: DeliveryStatus }[],
  pickupOf: (deliveryId: string) => Pickup | undefined,
): readonly RouteStopView[] {
  return steps.reduce((left, step) => afterStep(left, step, pickupOf(step.deliveryId)), stops);
}

function afterStep(
  stops: readonly RouteStopView[],
  { deliveryId, status }: { deliveryId: string; status: DeliveryStatus },
  pickup: Pickup | undefined,
): readonly RouteStopView[] {
  const isIts = (stop: Stop) => stop.deliveryId === deliveryId;
  const toCollect = stops.some((stop) => isIts(stop) && stop.kind === 'pickup');
  switch (status) {
    case 'PICKED_UP':
      return stops.filter((stop) => !isIts(stop) || stop.kind !== 'pickup');
    // A parcel that is aboard goes back to where it was collected; one that was never collected is nobody's errand.
    case 'FAILED':
      return toCollect
        ? stops.filter((stop) => !isIts(stop))
        : stops.map((stop) => (isIts(stop) ? back(stop, pickup) : stop));
    default:
      return isOnTheWay(status) ? stops : stops.filter((stop) => !isIts(stop));
  }
}

/** Of the stop at the door only what is the order's own goes along: who was there, and when, is not of the way back. */
function back(stop: RouteStopView, pickup: Pickup | undefined): RouteStopView {
  if (stop.kind === 'return') return stop;
  const { deliveryId, deliveryVersion, sellerOrderId, size, pinned } = stop;
  const known: Partial<Pickup> = pickup ?? {};
  const { lat = null, lon = null, address = null, name, phone, notes } = known;
  return {
    ...{ deliveryId, deliveryVersion, sellerOrderId, size, pinned, lat, lon, address },
    kind: 'return',
    ...(name !== undefined && { name }),
    ...(phone !== undefined && { phone }),
    ...(notes !== undefined && { notes }),
    ...{ plannedAt: null, after: null, before: null },
  };
}

/** What the driver does in order: each visit is all that is collected, or handed over, at one place. */
export function visitsOf<Some extends Stop>(stops: readonly Some[]): readonly (readonly Some[])[] {
  const visits: Some[][] = [];
  for (const stop of stops) {
    const present = visits.at(-1);
    if (present?.[0] && isSameVisit(present[0], stop)) present.push(stop);
    else visits.push([stop]);
  }
  return visits;
}

/** Two places without coordinates are one only where their address is. */
function isSameVisit(one: Stop, other: Stop): boolean {
  if (one.kind !== other.kind || one.lat !== other.lat || one.lon !== other.lon) return false;
  return one.lat !== null || (Boolean(one.address) && one.address === other.address);
}

/** A parcel has to be collected before it can be brought. */
export function mayBeNext(stops: readonly Stop[], stop: Stop): boolean {
  return stop.kind === 'pickup' || !stops.some((each) => each.deliveryId === stop.deliveryId && each.kind === 'pickup');
}
