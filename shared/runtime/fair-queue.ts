/*
 * A bounded fair queue: hands out places (a pool's connections) in lanes, one for each that asks. A lane that is crowded
 * is waited for by those in it: places that come free go to the lanes in turn, one lane never has all of them, and a
 * lane's queue has an end. The lane '' (what the process asks on its own account, new orders of all shops among it) may
 * have every place, and its queue has none. A place that has to be made ready first (a connection not yet opened) is
 * given only while none that is ready is free; after one was lost, few of them at a time, and seldom.
 */

export interface FairQueue<Place> {
  /** @throws what `refused` makes: after `waitMs` without a place, so no queue can grow old; at once where the lane is full */
  enter(lane: string): Promise<Place>;
  leave(lane: string, place: Place): void;
  /** A place that was given before it was ready, and is in use, is ready now. */
  readied(place: Place): void;
  usage(): { busy: number; free: number; waiting: number };
  /** Whether the next one of this lane would be refused at once. */
  isFull(lane: string): boolean;
}

export interface FairQueueOptions<Place> {
  /** The last used goes first, so that those which are not needed grow idle. */
  places: readonly Place[];
  /** Whether a place can be used at once. */
  isReady: (place: Place) => boolean;
  /** For so long after one came back that was not ready (it was lost, or could not be made so), places are made ready slowly: */
  carefulMs: number;
  /** so many at the same time, at most: who finds no other place waits for one, */
  unreadyAtOnce: number;
  /** and the next one so long after one is ready. */
  restMs: number;
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
  const free = openFree(options);
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
  let isResting = false;
  const giveAwayAfterRest = (): void => {
    const restMs = free.restMs();
    if (isResting || restMs <= 0) return;
    isResting = true;
    setTimeout(() => {
      isResting = false;
      giveAway();
    }, Math.ceil(restMs));
  };
  const giveAway = (): void => {
    for (const [name, lane] of lanes) {
      if (waiting === 0) return;
      const [next] = lane.waiting;
      if (next === undefined || lane.used >= atMost(name)) continue;
      const place = free.take();
      if (place === undefined) {
        giveAwayAfterRest();
        return;
      }
      lane.waiting.delete(next);
      waiting -= 1;
      lane.used += 1;
      // To the end of the row: the others come before its next one.
      lanes.delete(name);
      lanes.set(name, lane);
      next(place);
    }
  };

  return {
    usage: () => ({ busy: places.length - free.count(), free: free.count(), waiting }),
    // What the process asks for itself, in a burst at times, is no reason to refuse anybody.
    isFull: (name) => name !== '' && (lanes.get(name)?.waiting.size ?? 0) >= queueAtMost,
    async enter(name) {
      const lane = laneOf(name);
      // Who came before may be waiting for a place that may be made ready only now.
      const place = waiting === 0 && lane.used < atMost(name) ? free.take() : undefined;
      if (place !== undefined) {
        lane.used += 1;
        return place;
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
          const ready = free.ready();
          const of = `${places.length - free.count()} of ${places.length} in use, ${ready} free and ready`;
          reject(refused(`no place in time: ${of}, ${waiting} more wait`));
        }, waitMs);
        lane.waiting.add(admit);
        waiting += 1;
        giveAway();
      });
    },
    readied(place) {
      if (free.readied(place)) giveAway();
    },
    leave(name, place) {
      const lane = laneOf(name);
      lane.used -= 1;
      free.put(place);
      giveAway();
      dropIfIdle(name, lane);
    },
  };
}

/** The places that nobody has, and how fast those that are not ready are given. */
function openFree<Place>(options: FairQueueOptions<Place>) {
  const { isReady, carefulMs, unreadyAtOnce, restMs } = options;
  const free = [...options.places];
  /** Given before they were ready; until they are. */
  const unready = new Set<Place>();
  let restUntilMs = 0;
  let lostAtMs = Number.NEGATIVE_INFINITY;
  const mayBeUnready = (): boolean => {
    const nowMs = performance.now();
    return nowMs - lostAtMs >= carefulMs || (unready.size < unreadyAtOnce && nowMs >= restUntilMs);
  };
  return {
    count: () => free.length,
    ready: () => free.filter(isReady).length,
    restMs: () => restUntilMs - performance.now(),
    take(): Place | undefined {
      const at = free.findLastIndex(isReady);
      if (at >= 0) return free.splice(at, 1)[0];
      const place = mayBeUnready() ? free.pop() : undefined;
      if (place !== undefined) unready.add(place);
      return place;
    },
    /** @returns whether it was given before it was ready */
    readied(place: Place): boolean {
      if (!unready.delete(place)) return false;
      restUntilMs = performance.now() + restMs;
      return true;
    },
    put(place: Place): void {
      unready.delete(place);
      if (!isReady(place)) lostAtMs = performance.now();
      free.push(place);
    },
  };
}
