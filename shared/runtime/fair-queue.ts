/*
 * A bounded fair queue: hands out places (a pool's connections) in lanes, one for each that asks. A lane that is crowded
 * is waited for by those in it: places that come free go to the lanes in turn, one lane never has all of them, and a
 * lane's queue has an end. The lane '' (the process's own work) may have every place, and its queue has none.
 */

export interface FairQueue<Place> {
  /** @throws what `refused` makes: after `waitMs` without a place, so no queue can grow old; at once where the lane is full */
  enter(lane: string): Promise<Place>;
  leave(lane: string, place: Place): void;
  usage(): { busy: number; free: number; waiting: number };
  /** Whether the next one of this lane would be refused at once. */
  isFull(lane: string): boolean;
}

export interface FairQueueOptions<Place> {
  /** The last used goes first, so that those which are not needed grow idle. */
  places: readonly Place[];
  waitMs: number;
  /** In one lane, for each place there is. */
  waitingPerPlace: number;
  /** Places that no lane but '' may have while it has all others: who comes then finds one at once. */
  keptForOthers: number;
  refused: (why: string) => Error;
}

interface Lane<Place> {
  used: number;
  waiting: Set<(place: Place) => void>;
}

export function openFairQueue<Place>(options: FairQueueOptions<Place>): FairQueue<Place> {
  const { places, waitMs, refused } = options;
  const free = [...places];
  /** Those that have or want a place; the one whose turn is next first. */
  const lanes = new Map<string, Lane<Place>>();
  const atMost = (name: string) => (name === '' ? places.length : Math.max(1, places.length - options.keptForOthers));
  const queueAtMost = places.length * options.waitingPerPlace;
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
      if (name !== '' && lane.waiting.size >= queueAtMost) throw refused('its lane is full');
      return new Promise((resolve, reject) => {
        const admit = (place: Place) => {
          clearTimeout(timer);
          resolve(place);
        };
        const timer = setTimeout(() => {
          lane.waiting.delete(admit);
          waiting -= 1;
          dropIfIdle(name, lane);
          reject(refused('no place in time'));
        }, waitMs);
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
