import * as v from 'valibot';
import { expect, test } from 'vitest';
import { faultsOf } from '#shared/testing/faults-of.ts';
import { planQuestion } from './plans.ts';

const now = '2026-11-22T14:00:00.000Z';
const [here, there] = [
  { lat: 52.5291, lon: 13.4013 },
  { lat: 52.5208, lon: 13.4095 },
];
const delivery = (id: string, rest: object = {}) => ({ id, placedAt: now, pickup: here, dropoff: there, ...rest });
const driver = (id: string, ...stops: string[]) => ({ id, position: here, route: stops.map(stopOf) });
/** `+a` collects a, `-a` hands it over, `<a` brings it back. */
function stopOf(text: string) {
  const kind = { '+': 'pickup', '-': 'dropoff', '<': 'return' }[text[0]!];
  return { kind, deliveryId: text.slice(1) };
}
const ask = (drivers: unknown[], deliveries: unknown[] = [delivery('a'), delivery('b')]) =>
  faultsOf(planQuestion, { now, drivers, deliveries });

test('the least that can be asked, and the most that can be said', () => {
  expect(v.parse(planQuestion, { now, drivers: [], deliveries: [] })).toEqual({
    now,
    settings: {},
    drivers: [],
    deliveries: [],
  });
  const window = { after: now, before: now, serviceS: 60 };
  const full = delivery('a', {
    pickup: { ...here, ...window, readyAt: now },
    dropoff: { ...there, ...window },
    size: 2,
    requires: ['cold'],
    priority: 5,
    hardWindows: true,
    excludedDriverIds: ['Asha'],
  });
  const asha = {
    ...driver('Asha', '+a', '-a'),
    freeAt: now,
    capacity: 3,
    vehicle: 'bicycle',
    tags: ['cold'],
    shiftEndsAt: now,
  };
  expect(faultsOf(planQuestion, { now, settings: { economy: 1 }, drivers: [asha], deliveries: [full] })).toEqual({});
});

test.each([
  ['a delivery that is not there', [driver('x', '+c', '-c')], [0, 1], 'is not among the deliveries'],
  ['collected twice', [driver('x', '+a', '+a', '-a')], [1], 'is collected twice'],
  ['handed over twice', [driver('x', '-a', '-a')], [1], 'ends twice'],
  ['handed over and brought back', [driver('x', '-a', '<a')], [1], 'ends twice'],
  ['handed over before it is collected', [driver('x', '-a', '+a')], [1], 'is handed over before it is collected'],
  ['collected for good', [driver('x', '+b', '+a', '-b')], [1], 'is collected and never handed over'],
  ['brought back unseen', [driver('x', '+a', '<a')], [1], 'is brought back, and still to be collected'],
])('a route is refused: %s', (_, drivers, stops, message) => {
  expect(ask(drivers)).toEqual(
    Object.fromEntries(stops.map((stop) => [`/drivers/0/route/${stop}/deliveryId`, message])),
  );
});

test.each([
  ['one after the other', [driver('x', '+a', '-a', '+b', '-b')]],
  ['both aboard, one goes back', [driver('x', '-a', '<b')]],
  ['each has one', [driver('x', '-a'), driver('y', '+b', '-b')]],
  ['nobody has anything', [driver('x'), { id: 'y', position: here, route: null }]],
])('a route is taken: %s', (_, drivers) => {
  expect(ask(drivers)).toEqual({});
});

test('a delivery is with one driver, and ids are used once', () => {
  expect(ask([driver('x', '-a'), driver('y', '+a', '-a')])).toEqual({
    '/drivers/1/route/0/deliveryId': 'is in the route of driver number 0 too',
    '/drivers/1/route/1/deliveryId': 'is in the route of driver number 0 too',
  });
  expect(ask([driver('x'), driver('y'), driver('x')], [delivery('a'), delivery(' a ')])).toEqual({
    '/deliveries/1/id': 'is the id of number 0 too',
    '/drivers/2/id': 'is the id of number 0 too',
  });
});

test('lengths are limits, and are looked at before what is in the lists', () => {
  const junk = (count: number) => Array.from({ length: count }, () => 0);
  expect(ask(junk(151), junk(301))).toEqual({
    '/drivers': 'must have at most 150',
    '/deliveries': 'must have at most 300',
  });
  expect(ask([{ ...driver('x'), route: junk(201) }])).toEqual({ '/drivers/0/route': 'must have at most 200' });
  const drivers = Array.from({ length: 150 }, (_, n) => driver(`driver ${n}`));
  const deliveries = Array.from({ length: 300 }, (_, n) => delivery(`delivery ${n}`));
  expect(ask(drivers, deliveries)).toEqual({});
});

test('every wrong value has its place', () => {
  expect(Object.keys(faultsOf(planQuestion, {}))).toEqual(['/now', '/drivers', '/deliveries']);
  const wrong = delivery('', { pickup: { lat: 1 }, dropoff: { ...there, after: now, before: '2026-11-22T13:00:00Z' } });
  expect(
    Object.keys(faultsOf(planQuestion, { now, settings: { economy: 2 }, drivers: [], deliveries: [wrong] })),
  ).toEqual(['/settings/economy', '/deliveries/0/id', '/deliveries/0/pickup/lon', '/deliveries/0/dropoff/before']);
});
