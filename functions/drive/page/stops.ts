import type { RouteStopView } from '#shared/contract/routes.ts';

type Stop = Pick<RouteStopView, 'deliveryId' | 'kind' | 'lat' | 'lon'>;

/** The stops that are left once the steps that wait on this phone have arrived. */
export function stopsAfter<Some extends Stop>(
  stops: readonly Some[],
  steps: readonly { deliveryId: string; status: string }[],
): readonly Some[] {
  return steps.reduce(afterStep, stops) as readonly Some[];
}

function afterStep<Some extends Stop>(
  stops: readonly Some[],
  { deliveryId, status }: { deliveryId: string; status: string },
): readonly Some[] {
  const isIts = (stop: Stop) => stop.deliveryId === deliveryId;
  const toCollect = stops.some((stop) => isIts(stop) && stop.kind === 'pickup');
  switch (status) {
    case 'PICKED_UP':
      return stops.filter((stop) => !isIts(stop) || stop.kind !== 'pickup');
    case 'IN_TRANSIT':
      return stops;
    // A parcel that is aboard goes back to where it was collected; one that was never collected is nobody's errand.
    case 'FAILED':
      return toCollect ? stops.filter((stop) => !isIts(stop)) : stops.map((stop) => (isIts(stop) ? back(stop) : stop));
    default:
      return stops.filter((stop) => !isIts(stop));
  }
}

function back<Some extends Stop>(stop: Some): Some {
  return { ...stop, kind: 'return' };
}

/** The stops of the present visit: all that is collected, or handed over, at the place that comes next. */
export function presentVisit<Some extends Stop>(stops: readonly Some[]): readonly Some[] {
  const [next] = stops;
  const end = stops.findIndex(({ kind, lat, lon }) => kind !== next?.kind || lat !== next.lat || lon !== next.lon);
  return end < 0 ? stops : stops.slice(0, end);
}

/** A parcel has to be collected before it can be brought. */
export function mayBeNext(stops: readonly Stop[], stop: Stop): boolean {
  return stop.kind === 'pickup' || !stops.some((each) => each.deliveryId === stop.deliveryId && each.kind === 'pickup');
}
