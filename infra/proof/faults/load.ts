import { setTimeout as pause } from 'node:timers/promises';
import type { Asker } from './ask.ts';
import { createAndCross } from './load-crossing.ts';
import { assignSomehow, moveOn, pollDeliveries, readSomething, trespass } from './load-dispatch.ts';
import { bringToTheDoor } from './load-doors.ts';
import { appear, beat, flap, reportBatch, reportFix } from './load-drivers.ts';
import { answerOffers } from './load-offers.ts';
import {
  cancelAndOvertake,
  createDirectly,
  orderByOriginalHook,
  orderByWebhook,
  redeliver,
  sendNonsense,
} from './load-orders.ts';
import { racePair } from './load-pairs.ts';
import { withdrawProofs } from './load-proofs.ts';
import { arrangeStops, changeDriver } from './load-routes.ts';
import { employ } from './load-staff.ts';
import type { Random } from './random.ts';
import { type BenchDriver, type BenchShop, UNAIDED, type World } from './world.ts';

/** What an actor works with. One per actor; `board` is shared by the actors of one shop. */
export interface Actor {
  ask: Asker;
  shop: BenchShop;
  /** Another shop, to trespass on. */
  neighbour: BenchShop;
  board: Board;
  random: Random;
  /** Unique over the run, so that a key says who made it. */
  nextKey(): string;
  worker(): number;
  /** Aborts when the load ends. */
  signal: AbortSignal;
}

/** What a shop's people know of its deliveries, from answers. */
export interface Board {
  /** Deliveries that are somewhere between ASSIGNED and their end, and nobody is at work on. */
  active: Map<string, string>;
  pending: Set<string>;
  known: string[];
  /** Answers to be asked for again later, with the key they were given under. */
  orders: number;
}

/** With what an actor's pauses take off it, longer than the silence that rules a driver out. */
const GHOST_EVERY_MS = 120_000;

type Step = (actor: Actor) => Promise<void>;
type DriverStep = (actor: Actor, driver: BenchDriver) => Promise<void>;

/**
 * Runs all actors until `signal` aborts; resolves when the last request has ended.
 * @param stretch by how much the pauses of the shops' people are longer than wished; drivers' phones report as they do
 */
export async function runLoad(
  world: World,
  ask: Asker,
  random: Random,
  stretch: () => number,
  signal: AbortSignal,
): Promise<void> {
  const loops: Promise<void>[] = [];
  let keys = 0;
  const repeat = async (step: () => Promise<void>, everyMs: () => number, own: Random) => {
    await pause(own.between(0, everyMs()), undefined, { signal }).catch(() => {});
    while (!signal.aborted) {
      await step();
      await pause(everyMs() * own.between(0.6, 1.4), undefined, { signal }).catch(() => {});
    }
  };
  for (const [place, shop] of world.shops.entries()) {
    const board: Board = { active: new Map(), pending: new Set(), known: [], orders: 0 };
    const neighbour = world.shops[(place + 1) % world.shops.length] ?? shop;
    const isSmall = shop.slug === 'east' || shop.slug === 'west';
    const actor = (own: Random): Actor => {
      const nextKey = () => {
        keys += 1;
        return `k-${shop.slug}-${keys}`;
      };
      return { ask, shop, neighbour, board, random: own, nextKey, worker: () => own.below(2), signal };
    };
    const start = (step: Step, everyMs: number, count = 1) => {
      for (let n = 0; n < count; n += 1) {
        const own = random.fork();
        const self = actor(own);
        loops.push(
          repeat(
            () => step(self),
            () => everyMs * (isSmall ? 4 : 1) * stretch(),
            own,
          ),
        );
      }
    };
    const startDriver = (step: DriverStep, driver: BenchDriver, everyMs: number) => {
      const own = random.fork();
      const self = actor(own);
      loops.push(
        repeat(
          () => step(self, driver),
          () => everyMs,
          own,
        ),
      );
    };
    start(orderByWebhook, 800);
    start(createDirectly, 1_200);
    start(createAndCross, 900);
    start(cancelAndOvertake, 2_500);
    start(orderByOriginalHook, 3_000);
    start(racePair, 1_500, 2);
    start(employ, 3_000);
    start(withdrawProofs, 4_000);
    start(bringToTheDoor, 3_000);
    if (shop.slug !== UNAIDED) start(redeliver, 4_000);
    start(moveOn, 250, isSmall ? 1 : 6);
    start(assignSomehow, 600);
    if (isSmall) start(answerOffers, 100, 6);
    start(arrangeStops, 600, 2);
    start(changeDriver, 900);
    start(flap, 700, 2);
    start(pollDeliveries, 900);
    start(readSomething, 500);
    start(trespass, 1_500);
    start(sendNonsense, 1_200);
    start(reportBatch, 2_000);
    for (const driver of shop.drivers) {
      if (driver.kind === 'single') startDriver(reportFix, driver, 3_500);
      if (driver.kind !== 'ghost') startDriver(beat, driver, 12_000);
      else startDriver(appear, driver, GHOST_EVERY_MS);
    }
  }
  await Promise.all(loops);
}
