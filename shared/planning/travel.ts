import { QuestionError } from './check-question.ts';
import type { PlanQuestion } from './question.ts';

/** A table of all pairs of so many places is 32 MB; beyond it the question is asked each time. */
const PLACES_MAX = 2_000;
/** "No way at all" has to stay a number that can be added up: four months. */
const NEVER_S = 1e7;

/**
 * Seconds between places, asked once for each pair and vehicle. Places are numbered in the order of their first use, so
 * that the numbers a question gives them change nothing.
 */
export interface Travel {
  /** By place here: the question's number. */
  readonly names: readonly number[];
  readonly places: number;
  /** By vehicle, a square of places: seconds; NaN where not asked yet. Empty where there are too many places for it. */
  readonly tables: readonly Float64Array[];
  ask(vehicle: number, from: number, to: number): number;
}

export function openTravel(
  question: PlanQuestion,
  names: readonly number[],
  vehicles: readonly (string | null)[],
): Travel {
  const cells = names.length > PLACES_MAX ? 0 : names.length ** 2;
  return {
    names,
    places: names.length,
    tables: vehicles.map(() => new Float64Array(cells).fill(Number.NaN)),
    ask(vehicle, from, to) {
      const seconds = question.travelS(names[from]!, names[to]!, vehicles[vehicle]!);
      if (!(seconds >= 0)) throw new QuestionError(`travelS answers ${seconds} from ${names[from]} to ${names[to]}`);
      return Math.min(seconds, NEVER_S);
    },
  };
}

/** Seconds from one place to another. */
export function legS(travel: Travel, vehicle: number, from: number, to: number): number {
  const known = travel.tables[vehicle]![from * travel.places + to]!;
  return known >= 0 ? known : askLegS(travel, vehicle, from, to);
}

/** The same for the first time. */
function askLegS(travel: Travel, vehicle: number, from: number, to: number): number {
  const leg = travel.ask(vehicle, from, to);
  const table = travel.tables[vehicle]!;
  table[from * travel.places + to] = leg;
  return leg;
}
