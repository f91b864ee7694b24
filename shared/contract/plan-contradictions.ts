/** As much of a question for a plan as may contradict itself. */
interface Asked {
  deliveries: readonly { id: string }[];
  drivers: readonly { id: string; route?: readonly Stop[] | null | undefined }[];
}
interface Stop {
  deliveryId: string;
  kind: 'pickup' | 'dropoff' | 'return';
}

export interface Contradiction {
  /** Where in the question. */
  path: readonly [string, ...(string | number)[]];
  message: string;
}

/**
 * What no schema of a single value can see: ids used twice, and routes that nobody can drive. The planner refuses the same
 * with an error of its own; here each is told with the place in the request.
 */
export function contradictionsIn(asked: Asked): readonly Contradiction[] {
  const known = new Set(asked.deliveries.map(({ id }) => id));
  const holders = new Map<string, number>();
  return [
    ...repeatedIds('deliveries', asked.deliveries),
    ...repeatedIds('drivers', asked.drivers),
    ...asked.drivers.flatMap(({ route }, driver) => {
      const faults = [...faultsOfRoute(route ?? [], known), ...heldByAnother(route ?? [], driver, holders)];
      return faults.map(({ stop, message }): Contradiction => {
        return { path: ['drivers', driver, 'route', stop, 'deliveryId'], message };
      });
    }),
  ];
}

function repeatedIds(list: 'deliveries' | 'drivers', items: readonly { id: string }[]): readonly Contradiction[] {
  const first = new Map<string, number>();
  return items.flatMap(({ id }, place) => {
    const before = first.get(id);
    if (before !== undefined) return [{ path: [list, place, 'id'], message: `is the id of number ${before} too` }];
    first.set(id, place);
    return [];
  });
}

interface Fault {
  stop: number;
  message: string;
}

/** Each delivery is handed over or brought back once, after its pickup if that is still to come. */
function faultsOfRoute(route: readonly Stop[], known: ReadonlySet<string>): readonly Fault[] {
  const collected = new Map<string, number>();
  const ended = new Set<string>();
  const faults: Fault[] = [];
  for (const [stop, { deliveryId, kind }] of route.entries()) {
    const message = faultOfStop(kind, known.has(deliveryId), collected.has(deliveryId), ended.has(deliveryId));
    if (message !== null) faults.push({ stop, message });
    if (kind === 'pickup') collected.set(deliveryId, stop);
    else ended.add(deliveryId);
  }
  for (const [deliveryId, stop] of collected)
    if (!ended.has(deliveryId)) faults.push({ stop, message: 'is collected and never handed over' });
  return faults;
}

function faultOfStop(kind: Stop['kind'], known: boolean, collected: boolean, ended: boolean): string | null {
  if (!known) return 'is not among the deliveries';
  if (kind === 'pickup') {
    if (ended) return 'is handed over before it is collected';
    return collected ? 'is collected twice' : null;
  }
  if (ended) return 'ends twice';
  return kind === 'return' && collected ? 'is brought back, and still to be collected' : null;
}

function heldByAnother(route: readonly Stop[], driver: number, holders: Map<string, number>): readonly Fault[] {
  return route.flatMap(({ deliveryId }, stop) => {
    const holder = holders.get(deliveryId) ?? driver;
    holders.set(deliveryId, holder);
    return holder === driver ? [] : [{ stop, message: `is in the route of driver number ${holder} too` }];
  });
}
