import type { Db } from '../db/open-db.ts';
import { MOST_COMMANDS, type Ran, type Who } from '../db/statements/run-command.ts';
import { type CreateResult, createDeliveries, type NewDelivery } from '../db/statements/create-delivery.ts';
import { DependencyAway } from '../domain/away.ts';
import { draft } from '../domain/draft.ts';
import { openTurns } from './turns.ts';

/**
 * Stores orders, those that come while others are being stored together: one statement and one commit for up to 16. An
 * order that finds the intake idle goes at once and alone. For processes that answer many requests at a time; a Lambda
 * has one.
 */
export interface OrderIntake {
  /**
   * Runs the search for an order's driver and all that follows when its turn comes. In a crowd, whoever searched at once
   * would find the drivers that those before it are about to be given.
   * @throws DependencyAway where no turn came within 0.5 s
   */
  inTurn<T>(shopId: string, assign: () => Promise<T>): Promise<T>;
  /**
   * As `createDelivery` of the statements does.
   * @throws DependencyAway also where no statement took it within 0.5 s
   */
  create(who: Who, input: NewDelivery): Promise<Ran<CreateResult>>;
  /** The shop's other orders whose turn it is, each of which may take a driver from under this one. */
  rivals(shopId: string): number;
}

/** Statements under way. More of them means smaller ones: measured, 2 carry the most orders on 2 cores. */
const AT_ONCE = 2;
/** Orders whose turn it is: as many as the statements under way can carry. */
const IN_TURN = AT_ONCE * MOST_COMMANDS;
/** Drivers named for one order in one statement; the others it came with are kept for the next. */
const NAMED = 8;
/** For its turn, and again for a statement: as long as anybody waits for a connection. */
const WAIT_MS = 500;
/**
 * An order that has lost to others for so long is tried once more, and whoever it has not named by then is given up:
 * in a crowd of a thousand at one point it would else lose, a few drivers at a time, until its request's deadline.
 */
const PATIENCE_MS = 500;

interface Member {
  who: Who;
  input: NewDelivery;
  /** Candidates not yet tried, best first. */
  left: readonly string[];
  timer: NodeJS.Timeout | undefined;
  /** By `performance.now()`. */
  sinceMs: number;
  resolve(ran: Ran<CreateResult>): void;
  reject(error: unknown): void;
}
/** What one statement is told of a member. */
interface Place {
  member: Member;
  named: readonly string[];
  /** All it has left are named, or it has waited long enough. */
  isLast: boolean;
}

export function openOrderIntake(db: Db): OrderIntake {
  let queue: Member[] = [];
  let statements = 0;
  const turns = openTurns(IN_TURN, WAIT_MS);
  /** Drivers named in the statements under way: another one would find them locked. */
  const spokenFor = new Set<string>();

  const enqueue = (member: Member, where: 'front' | 'back'): void => {
    member.timer = setTimeout(() => {
      queue = queue.filter((each) => each !== member);
      member.reject(new DependencyAway('postgres', new Error('no statement in time')));
    }, WAIT_MS);
    if (where === 'front') queue.unshift(member);
    else queue.push(member);
  };
  const start = (places: readonly Place[]): void => {
    const taken = new Set(places.map(({ member }) => member));
    const named = places.flatMap((place) => place.named);
    queue = queue.filter((each) => !taken.has(each));
    for (const { timer } of taken) clearTimeout(timer);
    for (const driverId of named) spokenFor.add(driverId);
    statements += 1;
    void store(db, places, (member) => enqueue(member, 'front')).finally(() => {
      statements -= 1;
      for (const driverId of named) spokenFor.delete(driverId);
      startAll();
    });
  };
  const startAll = (): void => {
    while (statements < AT_ONCE) {
      const places = takePlaces(queue, spokenFor);
      if (places.length === 0) return;
      start(places);
    }
  };

  return {
    inTurn: turns.run,
    rivals: (shopId) => Math.max(0, turns.underWay(shopId) - 1),
    create(who, input) {
      return new Promise<Ran<CreateResult>>((resolve, reject) => {
        const sinceMs = performance.now();
        enqueue({ who, input, left: input.candidates, timer: undefined, sinceMs, resolve, reject }, 'back');
        // At the end of the turn, with those that come in the same one.
        if (queue.length === 1) setImmediate(startAll);
      });
    },
  };
}

/** From the front of the queue, but no two with the same key. Who has candidates, but none free to be named, waits, if not for too long. */
function takePlaces(queue: readonly Member[], spokenFor: ReadonlySet<string>): readonly Place[] {
  const keys = new Set<string>();
  const chosen: Member[] = [];
  for (const member of queue) {
    if (chosen.length === MOST_COMMANDS) break;
    const { idempotency } = member.who;
    const key = idempotency && `${idempotency.scope} ${idempotency.key}`;
    if (key !== null && keys.has(key)) continue;
    if (key !== null) keys.add(key);
    chosen.push(member);
  }
  const free = chosen.map(({ left }) => left.filter((driverId) => !spokenFor.has(driverId)));
  const shares = draft(free, NAMED);
  return chosen.flatMap((member, i) => {
    const named = shares[i] ?? [];
    const isLast = named.length === member.left.length || performance.now() - member.sinceMs > PATIENCE_MS;
    if (named.length === 0 && !isLast) return [];
    return { member, named, isLast };
  });
}

/** Never rejects. One that fails the statement is tried apart from the others, and they from it. */
async function store(db: Db, places: readonly Place[], again: (member: Member) => void): Promise<void> {
  try {
    const answers = await createDeliveries(
      db,
      places.map(({ member: { who, input }, named, isLast }) => ({
        who,
        input: { ...input, candidates: named, reasons: reasonsFor(named, input.reasons), final: input.final && isLast },
      })),
    );
    // From the last on, so that they stand in front of the queue as they stood before.
    for (const [i, { member, named, isLast }] of [...places.entries()].reverse()) {
      const ran = answers[i] as Ran<CreateResult>;
      if (isLast || ran.kind !== 'done' || ran.result.outcome !== 'lost') member.resolve(ran);
      else {
        member.left = member.left.filter((driverId) => !named.includes(driverId));
        again(member);
      }
    }
  } catch (error) {
    if (places.length > 1 && !(error instanceof DependencyAway)) {
      await Promise.all(places.map((place) => store(db, [place], again)));
    } else for (const { member } of places) member.reject(error);
  }
}

function reasonsFor(driverIds: readonly string[], reasons: NewDelivery['reasons']): NewDelivery['reasons'] {
  return reasons && Object.fromEntries(driverIds.map((driverId) => [driverId, reasons[driverId]]));
}
