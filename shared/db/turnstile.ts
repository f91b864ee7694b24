import { DependencyAway } from '../domain/away.ts';

/*
 * Hands out a pool's places in lanes, one for each shop that asks. A lane that is crowded is waited for by those in it:
 * places that come free go to the lanes in turn, one lane never has all of them while it is not alone in wanting them
 * for long, and a lane's queue has an end. The lane of the service itself ('': the relay, the engine, batches in which
 * the shops take turns already) may have every place.
 */

export interface Turnstile<Place> {
  /** @throws DependencyAway after 0.5 s without a place, so no queue can grow old; at once where the lane is full */
  enter(lane: string): Promise<Place>;
  leave(lane: string, place: Place): void;
  usage(): { busy: number; free: number; waiting: number };
  /** Whether the next one of this lane would be refused at once. */
  isFull(lane: string): boolean;
}

const WAIT_MS = 500;
/** At 10 ms a statement the last of these waits 40 ms; on a machine ten times slower it still gets its turn in 0.5 s. */
const WAITING_PER_PLACE = 4;
/** Left for the others: whoever comes while one shop has all it may have finds a place at once. */
const KEPT_FOR_OTHERS = 2;

interface Lane<Place> {
  used: number;
  waiting: Set<(place: Place) => void>;
}

/** The last used place goes first, so that connections which are not needed grow idle and close. */
export function openTurnstile<Place>(places: readonly Place[]): Turnstile<Place> {
  const free = [...places];
  /** Those that have or want a place; the one whose turn is next first. */
  const lanes = new Map<string, Lane<Place>>();
  const atMost = (name: string) => (name === '' ? places.length : Math.max(1, places.length - KEPT_FOR_OTHERS));
  const queueAtMost = places.length * WAITING_PER_PLACE;
  let waiting = 0;

  const laneOf = (name: string): Lane<Place> => {
    const lane = lanes.get(name) ?? { used: 0, waiting: new Set() };
    lanes.set(name, lane);
    return lane;
  };
  const dropIfIdle = (name: string, lane: Lane<Place>): void => {
    if (lane.used + lane.waiting.size === 0) lanes.delete(name);
  };
  const giveAway = (): void => {
    for (const [name, lane] of lanes) {
      if (free.length === 0 || waiting === 0) return;
      const [next] = lane.waiting;
      if (next === undefined || lane.used >= atMost(name)) continue;
      lane.waiting.delete(next);
      waiting -= 1;
      lane.used += 1;
      // To the end of the row: the others come before its next one.
      lanes.delete(name);
      lanes.set(name, lane);
      next(free.pop()!);
    }
  };

  return {
    usage: () => ({ busy: places.length - free.length, free: free.length, waiting }),
    isFull: (name) => (lanes.get(name)?.waiting.size ?? 0) >= queueAtMost,
    async enter(name) {
      const lane = laneOf(name);
      if (free.length > 0 && lane.used < atMost(name)) {
        lane.used += 1;
        return free.pop()!;
      }
      if (name !== '' && lane.waiting.size >= queueAtMost) throw away('its lane is full');
      return new Promise((resolve, reject) => {
        const admit = (place: Place) => {
          clearTimeout(timer);
          resolve(place);
        };
        const timer = setTimeout(() => {
          lane.waiting.delete(admit);
          waiting -= 1;
          dropIfIdle(name, lane);
          reject(away('no free connection in time'));
        }, WAIT_MS);
        lane.waiting.add(admit);
        waiting += 1;
      });
    },
    leave(name, place) {
      const lane = laneOf(name);
      lane.used -= 1;
      free.push(place);
      giveAway();
      dropIfIdle(name, lane);
    },
  };
}

function away(why: string): DependencyAway {
  return new DependencyAway('postgres', new Error(why));
}
