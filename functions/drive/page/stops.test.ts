import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RouteStopView } from '#shared/contract/routes.ts';
import { allowedNext, type DeliveryStatus, isOnTheWay } from '#shared/domain/delivery.ts';
import { mayBeNext, stopsAfter, visitsOf } from './stops.ts';

const SHOP = { lat: 1, lon: 1 };
const stop = (deliveryId: string, kind: RouteStopView['kind'], place = SHOP): RouteStopView => ({
  ...{ deliveryId, kind, deliveryVersion: 3, sellerOrderId: `B-${deliveryId}`, size: 1, pinned: false },
  ...{ ...place, address: null, plannedAt: null, after: null, before: null },
});
const DOORS = [
  { lat: 2, lon: 1 },
  { lat: 3, lon: 1 },
];
const ROUTE = [
  stop('a', 'pickup'),
  stop('b', 'pickup'),
  stop('a', 'dropoff', DOORS[0]),
  stop('b', 'dropoff', DOORS[1]),
];
const after = (...steps: DeliveryStatus[]) => {
  const sent = steps.map((status) => ({ deliveryId: 'a', status }));
  return stopsAfter(ROUTE, sent, () => SHOP).map(({ deliveryId, kind }) => `${kind} ${deliveryId}`);
};

test('steps that wait on the phone count already', () => {
  expect(after()).toEqual(['pickup a', 'pickup b', 'dropoff a', 'dropoff b']);
  expect(after('PICKED_UP')).toEqual(['pickup b', 'dropoff a', 'dropoff b']);
  expect(after('PICKED_UP', 'IN_TRANSIT', 'DELIVERED')).toEqual(['pickup b', 'dropoff b']);
  expect(after('PENDING')).toEqual(['pickup b', 'dropoff b']);
});

test('what fails before it was collected is gone; afterwards it has to go back', () => {
  expect(after('FAILED')).toEqual(['pickup b', 'dropoff b']);
  expect(after('PICKED_UP', 'FAILED')).toEqual(['pickup b', 'return a', 'dropoff b']);
  expect(after('PICKED_UP', 'FAILED', 'RETURNED')).toEqual(['pickup b', 'dropoff b']);
});

test('the way back leads to where it was collected and to whom, not to the door; where that is not known, nowhere', () => {
  const door: RouteStopView = {
    ...stop('a', 'dropoff', DOORS[0]),
    ...{ address: 'Rosenstraße 2', name: 'Kim Kunde', phone: '+49 170 7654321', notes: 'Hinterhaus' },
    ...{ doorNotes: 'Ring twice', safePlace: 'Behind the bench' },
    ...{ plannedAt: '2026-05-04T10:00:00Z', after: '2026-05-04T09:00:00Z', before: '2026-05-04T11:00:00Z' },
  };
  const failed = [{ deliveryId: 'a', status: 'FAILED' as const }];
  const shop = { ...SHOP, address: 'Lager 1', name: 'The shop', readyAt: '2026-05-04T08:00:00Z' };
  const [back] = stopsAfter([door], failed, () => shop);
  expect(back).toEqual({ ...stop('a', 'return'), address: 'Lager 1', name: 'The shop' });
  // What the service itself says of it stays.
  expect(stopsAfter([back!], failed, () => undefined)).toEqual([back]);
  const nowhere = { ...stop('a', 'return'), lat: null, lon: null };
  expect(stopsAfter([door], failed, () => undefined)).toEqual([nowhere]);
});

test('a visit is all of one kind at one place', () => {
  expect(visitsOf(ROUTE)).toEqual([ROUTE.slice(0, 2), [ROUTE[2]], [ROUTE[3]]]);
  expect(visitsOf([])).toEqual([]);
});

test('without coordinates a place is its address, and what has neither is a visit of its own', () => {
  const nowhere = { lat: null, lon: null };
  const at = (deliveryId: string, address: string | null) => ({ ...stop(deliveryId, 'dropoff'), ...nowhere, address });
  const stops = [at('a', 'Torstraße 1'), at('b', 'Torstraße 1'), at('c', 'Torstraße 2'), at('d', null), at('e', null)];
  const visits = visitsOf(stops).map((visit) => visit.map(({ deliveryId }) => deliveryId).join(''));
  expect(visits).toEqual(['ab', 'c', 'd', 'e']);
});

test('what is still to be collected cannot be brought first', () => {
  expect(ROUTE.map((each) => mayBeNext(ROUTE, each))).toEqual([true, true, false, false]);
  expect(mayBeNext(ROUTE.slice(1), ROUTE[2]!)).toBe(true);
});

test('after any steps that the domain allows, its stop is where its status says; the last step again changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 7 }), { maxLength: 6 }), (choices) => {
      const steps: DeliveryStatus[] = [];
      for (const choice of choices) {
        const next = allowedNext(steps.at(-1) ?? 'ASSIGNED');
        if (next.length > 0 && steps.at(-1) !== 'PENDING') steps.push(next[choice % next.length]!);
      }
      const last = steps.at(-1) ?? 'ASSIGNED';
      const isAboard = steps.includes('PICKED_UP');
      const left = last === 'ASSIGNED' ? 2 : isOnTheWay(last) || (last === 'FAILED' && isAboard) ? 1 : 0;
      const its = after(...steps).filter((stop) => stop.endsWith(' a'));
      expect(its).toHaveLength(left);
      expect(its.includes('return a')).toBe(last === 'FAILED' && isAboard);
      expect(after(...steps, ...steps.slice(-1))).toEqual(after(...steps));
      expect(after(...steps).filter((stop) => stop.endsWith(' b'))).toEqual(['pickup b', 'dropoff b']);
    }),
  );
});
