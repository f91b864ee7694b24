import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { newSecret } from '#shared/webhooks/secret.ts';
import { openApi } from './api.ts';
import { randomOf } from './city.ts';
import { type DemoDriver, drive, enrolDrivers, must, serve } from './drivers.ts';
import { openLedger } from './ledger.ts';
import type { DemoOptions } from './options.ts';
import { cancelOrder, placeOrders } from './orders.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { showLive } from './screen.ts';
import { compareWithService, findService, findShop } from './shop.ts';
import { snapshotOf, summaryOf, total } from './table.ts';
import { ENDED, learnFromEvent, reportEveryMs, WALL_TIME, type World } from './world.ts';

/** Longest wait for the last deliveries and their webhooks; a lost answer is repeated after 5 s. */
const CLOSING_MS = 30_000;
/** No answer to anything for this long: the service has gone, and there is nothing more to simulate. */
const GONE_AFTER_MS = 15_000;

/**
 * Runs the city until its time is over or `interrupted` aborts, then ends every order, puts the shop's webhook back
 * and prints a summary.
 * @returns whether no webhook was wrong or missing and no request failed
 * @throws DemoError when it cannot begin
 */
export async function runDemo(
  options: DemoOptions,
  interrupted: AbortSignal,
  out: NodeJS.WriteStream,
): Promise<boolean> {
  const startedMs = performance.now();
  const api = openApi(options.url);
  await findService(api, options.url);
  const shop = await findShop(api, options);
  const drivers = await enrolDrivers(api, options.key, options.drivers, options.seed);
  const byId = new Map(drivers.map((driver) => [driver.id, driver]));
  const run = `demo-${options.seed}-${Date.now().toString(36)}`;
  const secret = newSecret();
  const ledger = openLedger(secret);
  const closing = new AbortController();
  const close = () => closing.abort();
  // Every driver waits on it.
  setMaxListeners(0, closing.signal);
  interrupted.addEventListener('abort', close);
  if (interrupted.aborted) close();
  const world: World = {
    time: WALL_TIME,
    options,
    api,
    ledger,
    run,
    orders: new Map(),
    closing: closing.signal,
    reportMs: reportEveryMs(options.speed),
  };
  const receiver = await startReceiver(ledger, {
    lose: options.lose,
    random: randomOf(options.seed, 'receiver'),
    heard: (event) => {
      learnFromEvent(world, event);
      const driver = event.event === 'DELIVERY_ASSIGNED_V1' && byId.get(event.driver?.id ?? '');
      if (driver) driver.called = true;
    },
  });
  try {
    await shop.listen(receiver.url, secret);
    await play(world, drivers, receiver, out, close);
  } finally {
    out.write(`  Webhook of shop "${options.shop}": ${await shop.restore()}\n`);
    await receiver.close();
  }
  return conclude(world, startedMs, out);
}

/** From the first order to the last webhook. */
async function play(
  world: World,
  drivers: readonly DemoDriver[],
  receiver: Receiver,
  out: NodeJS.WriteStream,
  close: () => void,
): Promise<void> {
  await finishOldWork(world, drivers);
  const startedMs = performance.now();
  const endsAtMs = startedMs + world.options.minutes * 60_000;
  const stopShowing = showLive(world, out, endsAtMs);
  const watch = setInterval(() => {
    const now = performance.now();
    if (now > endsAtMs || now - world.api.answeredAtMs() > GONE_AFTER_MS) close();
  }, 100);
  let ended = false;
  const driving = drivers.map((driver) => drive(world, driver, () => ended));
  await placeOrders(world);
  clearInterval(watch);
  receiver.beReliable();
  await closeOrders(world);
  ended = true;
  await Promise.all(driving);
  await compareWithService(world);
  stopShowing();
}

/** A run that was killed may have left goods in drivers' hands, which nobody but they can deliver. */
async function finishOldWork(world: World, drivers: readonly DemoDriver[]): Promise<void> {
  const byId = new Map(drivers.map((driver) => [driver.id, driver]));
  const hurried = { ...world, closing: AbortSignal.abort() };
  for (const status of ['PICKED_UP', 'IN_TRANSIT'] as const) {
    const query = { limit: 200, status };
    const page = await must(world.api, 'listDeliveries', { query, token: world.options.key });
    await Promise.all(
      page.items.map((delivery) => {
        const driver = byId.get(delivery.driverId ?? '');
        return driver && serve(hurried, driver, delivery);
      }),
    );
  }
}

/** Takes back what nobody has picked up, and waits until the shop has heard the end of every order. */
async function closeOrders(world: World): Promise<void> {
  const untilMs = performance.now() + CLOSING_MS;
  while (performance.now() < untilMs) {
    const open = [...world.orders.values()].filter(
      ({ deliveryId, status }) => deliveryId !== null && !ENDED.has(status ?? ''),
    );
    if (open.length === 0) return;
    const waiting = open.filter(({ status }) => status === 'PENDING' || status === 'ASSIGNED');
    await Promise.all(waiting.map((order) => cancelOrder(world, order)));
    await sleep(200);
  }
}

function conclude(world: World, startedMs: number, out: NodeJS.WriteStream): boolean {
  const { ledger, api, orders, options } = world;
  const snapshot = snapshotOf(world, (api.requests() * 1_000) / (performance.now() - startedMs));
  for (const line of summaryOf(snapshot, ledger.violations(), ledger.details())) out.write(`${line}\n`);
  if (orders.size > 0 && ledger.verified() === 0) {
    out.write(
      `  No webhook came back: does the service at ${options.url} run its relay, with WEBHOOK_ALLOW_PRIVATE=true?\n`,
    );
  }
  const clean = total(ledger.violations()) === 0 && total(api.failures) === 0;
  out.write(clean ? '\n  All held: every webhook in order, signed, none missing.\n' : '\n  NOT all held; see above.\n');
  return clean;
}
