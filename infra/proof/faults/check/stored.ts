import type { DeliveryEventFact, DriverEventFact, DriverFact } from '../facts.ts';
import { type Evidence, isMutation, type Operation } from '../history.ts';
import { groupBy } from './group-by.ts';

/** What is stored of one delivery or driver, and what may have been asked of it. */
export interface Stored {
  /** Of a delivery, in their order. */
  events(deliveryId: string): readonly DeliveryEventFact[];
  driver(driverId: string): DriverFact | undefined;
  /** Of a driver, in their order. */
  steps(driverId: string): readonly DriverEventFact[];
  /** Mutations about it that were not refused. */
  about(target: string): readonly Operation[];
}

export function openStored({ operations, deliveryEvents, driverEvents, drivers }: Evidence): Stored {
  const sorted = deliveryEvents.toSorted((a, b) => a.seq - b.seq);
  const events = groupBy(sorted, (event) => event.deliveryId);
  const steps = groupBy(
    driverEvents.toSorted((a, b) => a.version - b.version),
    (event) => event.driverId,
  );
  const byId = new Map(drivers.map((driver) => [driver.id, driver]));
  const about = groupBy(
    operations.filter((each) => each.target !== null && isMutation(each.kind) && each.outcome !== 'fail'),
    ({ target }) => `${target}`,
  );
  return {
    events: (deliveryId) => events.get(deliveryId) ?? [],
    driver: (driverId) => byId.get(driverId),
    steps: (driverId) => steps.get(driverId) ?? [],
    about: (target) => about.get(target) ?? [],
  };
}
