import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { DriverView } from '#shared/contract/drivers.ts';
import type { RouteStopView, RouteView } from '#shared/contract/routes.ts';
import type { Position } from '#shared/domain/geo.ts';
import type { ProofPart } from '#shared/domain/proof.ts';
import { ask, type Question } from '#shared/pages/ask.ts';
import { refusalText } from '#shared/pages/refusal-text.ts';
import { say, statusText } from './language.ts';
import { nameOf, type Store } from './store.ts';
import { waitSentence } from './waits.ts';

export interface Notice {
  text: string;
  bad: boolean;
}

/** What a dispatcher can do. Each says how it went, and answers whether it was done; none throws. */
export interface Actions {
  /** @param override what speaks against this driver and is set aside */
  assign(deliveryId: string, driverId: string | null, override?: readonly string[]): Promise<boolean>;
  unassign(deliveryId: string): Promise<boolean>;
  cancel(deliveryId: string): Promise<boolean>;
  /** Another attempt. @param dropoff what is to be otherwise there */
  redeliver(deliveryId: string, dropoff: Readonly<Record<string, string>>): Promise<boolean>;
  /** There is no other attempt: the parcel is back at the pickup point, or never left it. */
  close(deliveryId: string): Promise<boolean>;
  /** @param forMin minutes; null: until it is released */
  hold(deliveryId: string, forMin: number | null): Promise<boolean>;
  release(deliveryId: string): Promise<boolean>;
  /** @param pincode null: handed over without one */
  setPincode(deliveryId: string, pincode: string | null): Promise<boolean>;
  /** @param parts what its driver has to bring from the door, instead of what the shop asks for */
  askProof(deliveryId: string, parts: readonly ProofPart[]): Promise<boolean>;
  /** Fixes the order of a driver's stops. */
  arrange(route: RouteView, stops: readonly RouteStopView[]): Promise<boolean>;
  /** Goes on when the page is left. */
  place(deliveryId: string, stop: 'pickup' | 'dropoff', at: Position): Promise<boolean>;
  setDuty(driverId: string, status: string): Promise<boolean>;
}

export function openActions(store: Store, notify: (notice: Notice) => void): Actions {
  const change = (
    path: string,
    body: unknown,
    said: (delivery: DeliveryView) => string,
    method = 'POST',
    how: Question = {},
  ) =>
    attempt(notify, async () => {
      const delivery = await ask<DeliveryView>(method, path, { ...how, body });
      store.take(delivery);
      return said(delivery);
    });
  const driverName = (id: string | null) =>
    id === null ? say().nobody : (store.drivers.get(id)?.name ?? say().aDriver);
  return {
    assign: (id, driverId, override) => {
      const body = driverId === null ? {} : { driverId, ...(override && { override }) };
      return change(`/v1/deliveries/${id}/assign`, body, (delivery) =>
        delivery.driverId === null
          ? say().done.noDriverYet(nameOf(delivery), waitSentence(delivery))
          : say().done.isWith(nameOf(delivery), driverName(delivery.driverId)),
      );
    },
    unassign: (id) =>
      change(`/v1/deliveries/${id}/unassign`, {}, (delivery) => say().done.waitsAgain(nameOf(delivery))),
    cancel: (id) => change(`/v1/deliveries/${id}/cancel`, {}, (delivery) => say().done.cancelled(nameOf(delivery))),
    redeliver: (id, dropoff) =>
      change(`/v1/deliveries/${id}/redeliver`, Object.keys(dropoff).length > 0 ? { dropoff } : {}, (delivery) =>
        say().done.triedAgain(nameOf(delivery), delivery.driverId && driverName(delivery.driverId)),
      ),
    close: (id) =>
      change(`/v1/deliveries/${id}/status`, { status: 'RETURNED' }, (delivery) => say().done.closed(nameOf(delivery))),
    hold: (id, forMin) => {
      const until = forMin === null ? null : new Date(Date.now() + forMin * 60_000).toISOString();
      return change(`/v1/deliveries/${id}/hold`, { until }, (delivery) => say().done.held(nameOf(delivery)));
    },
    release: (id) =>
      change(`/v1/deliveries/${id}/release`, {}, (delivery) => say().done.plannedAgain(nameOf(delivery))),
    setPincode: (id, pincode) =>
      change(
        `/v1/deliveries/${id}/pincode`,
        { pincode },
        (delivery) => (pincode === null ? say().done.withoutPincode : say().done.anotherPincode)(nameOf(delivery)),
        'PUT',
      ),
    askProof: (id, proofRequired) =>
      change(`/v1/deliveries/${id}`, { proofRequired }, (delivery) => say().done.otherProof(nameOf(delivery)), 'PATCH'),
    arrange: ({ driverId, version }, stops) =>
      attempt(notify, async () => {
        const body = { version, stops: stops.map(({ deliveryId, kind }) => ({ deliveryId, kind })) };
        await ask('PUT', `/v1/drivers/${driverId}/route`, { body });
        return say().done.routeFixed(driverName(driverId));
      }),
    // The rest of the stop stays as it is stored: it may have become another one since it was shown here.
    place: (id, stop, at) =>
      change(
        `/v1/deliveries/${id}`,
        { [stop]: at },
        (delivery) => (stop === 'pickup' ? say().done.pickupSet : say().done.dropoffSet)(nameOf(delivery)),
        'PATCH',
        { keepalive: true },
      ),
    setDuty: (id, status) =>
      attempt(notify, async () => {
        const driver = await ask<DriverView>('PUT', `/v1/drivers/${id}/status`, { body: { status } });
        store.takeDriver(driver);
        return driver.status === status
          ? say().done.is(driver.name, statusText(status))
          : say().done.willBe(driver.name, statusText(status));
      }),
  };
}

async function attempt(notify: (notice: Notice) => void, work: () => Promise<string>): Promise<boolean> {
  try {
    notify({ text: await work(), bad: false });
    return true;
  } catch (error) {
    notify({ text: refusalText(error, say().faults), bad: true });
    return false;
  }
}
