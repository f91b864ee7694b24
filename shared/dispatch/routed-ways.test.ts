import { expect, test } from 'vitest';
import type { Position } from '../domain/geo.ts';
import { routedWays } from './routed-ways.ts';
import { estimatedWays, openPlaces } from './travel.ts';

const PLACES: readonly Position[] = [0, 1, 2].map((n) => ({ lat: 52.5 + n / 100, lon: 13.4 }));

function ask() {
  const places = openPlaces();
  for (const place of PLACES) places.numberOf(place);
  return { places, ways: estimatedWays(places, 1) };
}
/** A routing server that takes a minute for each step to the next place, and tells how often it was asked. */
function server(answer: 'all' | 'nothing') {
  const asked: (string | null)[] = [];
  const tableS = async (places: readonly Position[], vehicle: string | null) => {
    asked.push(vehicle);
    return answer === 'nothing' ? null : places.map((_, from) => places.map((__, to) => 60 * Math.abs(from - to)));
  };
  return { asked, routing: { tableS, durationsS: async () => null } };
}
const drivers = [{ id: 'a', place: 0, vehicle: 'bicycle' }];

test('ways are those of the routing server, asked once for each vehicle, and then known', async () => {
  const { places, ways } = ask();
  const { routing, asked } = server('all');
  const routed = await routedWays(routing, { drivers }, places, ways);
  expect(routed.source).toBe('routed');
  expect(routed.travelS(0, 2, 'bicycle')).toBe(120);
  expect(asked).toEqual([null, 'bicycle']);
  await routedWays(routing, { drivers }, places, ways);
  expect(asked).toEqual([null, 'bicycle']);
});

test('without its word, without one, or with more places than it is asked for: as they were', async () => {
  const { places, ways } = ask();
  expect(await routedWays(server('nothing').routing, { drivers }, places, ways)).toBe(ways);
  expect(await routedWays(null, { drivers }, places, ways)).toBe(ways);
  for (let n = 0; n < 200; n += 1) places.numberOf({ lat: 10, lon: n / 10 });
  const { routing, asked } = server('all');
  expect(await routedWays(routing, { drivers }, places, ways)).toBe(ways);
  expect(asked).toEqual([]);
});
