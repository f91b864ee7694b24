import type { DriverFacts } from '../db/statements/read-snapshot.ts';
import { estimateS } from '../domain/eta.ts';
import { distanceM, type Position } from '../domain/geo.ts';

/** Places by number, for the planner: equal coordinates are one place. */
export interface Places {
  numberOf(place: Position): number;
  at(number: number): Position;
  count(): number;
}

export function openPlaces(): Places {
  const numbers = new Map<string, number>();
  const places: Position[] = [];
  return {
    numberOf(place) {
      const key = `${place.lat} ${place.lon}`;
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, places.length);
      places.push({ lat: place.lat, lon: place.lon });
      return places.length - 1;
    },
    at: (number) => places[number]!,
    count: () => places.length,
  };
}

/** Which word on travel times a plan went by. */
export type TravelSource = 'estimate' | 'learned' | 'routed';

/** How far and how long it is between numbered places, as the planner asks it. */
export interface Ways {
  source: TravelSource;
  travelS(from: number, to: number, vehicle: string | null): number;
  distanceM(from: number, to: number): number;
}

/** @param ratio what the shop's finished trips have taught (domain/eta.ts); 1: nothing yet */
export function estimatedWays(places: Places, ratio: number): Ways {
  return {
    source: ratio === 1 ? 'estimate' : 'learned',
    travelS: (from, to, vehicle) => Math.round(estimateS(places.at(from), places.at(to), vehicle, ratio)),
    distanceM: (from, to) => distanceM(places.at(from), places.at(to)),
  };
}

/** Where a driver is, if anybody knows. */
export function positionOf(driver: Pick<DriverFacts, 'lat' | 'lon'>): Position | null {
  return driver.lat === null || driver.lon === null ? null : { lat: driver.lat, lon: driver.lon };
}
