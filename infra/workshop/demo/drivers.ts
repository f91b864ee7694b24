import type { CallInput, OperationId } from '#infra/product/client/client.ts';
import type { Delivery, Operations } from '#infra/product/client/types.ts';
import type { Position } from '#shared/domain/geo.ts';
import type { Api } from './api.ts';
import { anywhere, moveToward, type Random, randomOf } from './city.ts';
import { DemoError } from './options.ts';
import { pauseMs, type World } from './world.ts';

/** About 29 km/h: a scooter in town. */
const SPEED_M_PER_S = 8;
/** An idle driver asks for work this often even if no webhook told of any (real time). */
const POLL_MS = 5_000;

export interface DemoDriver {
  id: string;
  token: string;
  at: Position;
  /** Where they wander while they have nothing to do. */
  toward: Position;
  random: Random;
  /** Something was assigned to this driver: time to look. */
  called: boolean;
  lookedAtMs: number;
  movedAtMs: number;
}

/** Registers the drivers `demo-1` … that are not here yet, and gets each a token. */
export async function enrolDrivers(api: Api, key: string, count: number, seed: number): Promise<DemoDriver[]> {
  const known = new Map<string, string>();
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { limit: 200, ...(cursor && { cursor }) };
    const page: Operations['listDrivers']['answer']['body'] = await must(api, 'listDrivers', { query, token: key });
    for (const { id, externalRef } of page.items) if (externalRef !== null) known.set(externalRef, id);
    cursor = page.next;
  }
  return Promise.all(
    Array.from({ length: count }, async (_, place) => {
      const n = place + 1;
      const id = known.get(`demo-${n}`) ?? (await register(api, key, n));
      const { token } = await must(api, 'createDriverToken', { params: { id }, body: {}, token: key });
      const random = randomOf(seed, `driver ${n}`);
      const now = performance.now();
      const where = { at: anywhere(random), toward: anywhere(random) };
      return { id, token, ...where, random, called: true, lookedAtMs: now, movedAtMs: now };
    }),
  );
}

async function register(api: Api, key: string, n: number): Promise<string> {
  const body = { name: `Demo driver ${n}`, vehicle: 'scooter', externalRef: `demo-${n}` } as const;
  const { body: made } = await api.call('createDriver', { body, token: key }, ['already_exists']);
  if (made !== null) return made.id;
  // The reference belongs to one who was retired since; a nameless colleague does the work.
  return (await must(api, 'createDriver', { body: { ...body, externalRef: null }, token: key })).id;
}

/** @throws DemoError with what was refused */
export async function must<Id extends OperationId>(
  api: Api,
  id: Id,
  input: CallInput<Id>,
): Promise<Operations[Id]['answer']['body']> {
  const { ok, status, problem, detail, body } = await api.call(id, input);
  if (ok) return body as Operations[Id]['answer']['body'];
  throw new DemoError(`${id} was refused (${[status || problem, detail].filter(Boolean).join(': ')})`);
}

/** One driver's day: wanders, takes what is assigned to them, delivers it; goes OFFLINE when the world closes. */
export async function drive(world: World, driver: DemoDriver, ended: () => boolean): Promise<void> {
  await reportPlace(world, driver);
  await setStatus(world, driver, 'AVAILABLE');
  await pauseMs(world, driver.random() * world.reportMs);
  while (!ended()) {
    if (driver.called || world.time.nowMs() - driver.lookedAtMs > POLL_MS) await lookForWork(world, driver);
    else if (world.closing.aborted) await world.time.sleep(200);
    else await wander(world, driver);
  }
  await setStatus(world, driver, 'OFFLINE');
}

async function wander(world: World, driver: DemoDriver): Promise<void> {
  const { at, toward } = driver;
  if (at.lat === toward.lat && at.lon === toward.lon) driver.toward = anywhere(driver.random);
  await step(world, driver, driver.toward);
}

async function lookForWork(world: World, driver: DemoDriver): Promise<void> {
  driver.called = false;
  driver.lookedAtMs = world.time.nowMs();
  const { body } = await world.api.call('listDeliveries', { query: { status: 'ASSIGNED' }, token: driver.token });
  for (const delivery of body?.items ?? []) await serve(world, driver, delivery);
}

/** Brings one delivery to its end, from wherever it stands now. */
export async function serve(world: World, driver: DemoDriver, delivery: Delivery): Promise<void> {
  const order = world.orders.get(delivery.sellerOrderId ?? '');
  const plan = order?.plan;
  const pickup = place(delivery.pickup) ?? driver.at;
  const dropoff = place(delivery.dropoff) ?? driver.at;
  const move = (step: Step) => report(world, driver, delivery, step);
  const gone = () => order?.status === 'CANCELLED';
  if (delivery.status === 'ASSIGNED') {
    await travel(world, driver, pickup, gone);
    await stand(world, driver, plan?.pickupS ?? 30, gone);
    if (gone() || !(await move({ status: 'PICKED_UP' }))) return;
  }
  if (delivery.status !== 'IN_TRANSIT' && !(await move({ status: 'IN_TRANSIT' }))) return;
  await travel(world, driver, dropoff);
  await stand(world, driver, plan?.dropoffS ?? 30);
  const pincode = plan?.pincode ?? null;
  const failure = plan?.failure ?? (delivery.pincodeRequired && pincode === null ? 'RECIPIENT_UNAVAILABLE' : null);
  // All that any shop may ask for, whatever this one does.
  const photoUrl = `https://photos.example/${delivery.id}.jpg`;
  const signatureUrl = `https://photos.example/${delivery.id}-signature.svg`;
  const proof = { photoUrl, signatureUrl, receivedBy: 'The recipient', ageChecked: 21 } as const;
  if (failure === null) await move({ status: 'DELIVERED', proof, ...(pincode !== null && { pincode }) });
  else if (await move({ status: 'FAILED', failureCode: failure, note: 'Demo', proof: { photoUrl } })) {
    await travel(world, driver, pickup);
    await move({ status: 'RETURNED' });
  }
}

function place(stop: { lat: number | null; lon: number | null }): Position | null {
  return stop.lat === null || stop.lon === null ? null : { lat: stop.lat, lon: stop.lon };
}

async function travel(world: World, driver: DemoDriver, to: Position, gone = () => false): Promise<void> {
  driver.movedAtMs = world.time.nowMs();
  while (!world.closing.aborted && !gone() && (driver.at.lat !== to.lat || driver.at.lon !== to.lon)) {
    await step(world, driver, to);
  }
  if (world.closing.aborted) driver.at = to;
}

/** Hands over; a phone goes on reporting meanwhile. */
async function stand(world: World, driver: DemoDriver, seconds: number, gone = () => false): Promise<void> {
  const untilMs = world.time.nowMs() + (seconds * 1_000) / world.options.speed;
  for (let leftMs = untilMs - world.time.nowMs(); leftMs > 0; leftMs = untilMs - world.time.nowMs()) {
    if (world.closing.aborted || gone()) return;
    await pauseMs(world, Math.min(leftMs, world.reportMs));
    await reportPlace(world, driver);
  }
  driver.movedAtMs = world.time.nowMs();
}

async function step(world: World, driver: DemoDriver, to: Position): Promise<void> {
  await pauseMs(world, world.reportMs);
  const now = world.time.nowMs();
  const passedS = ((now - driver.movedAtMs) / 1_000) * world.options.speed;
  driver.movedAtMs = now;
  driver.at = moveToward(driver.at, to, SPEED_M_PER_S * passedS);
  await reportPlace(world, driver);
}

type Step = Operations['moveDelivery']['body'];

/** How a delivery moved on, which is repeated until it is known. @returns whether it was taken */
async function report(world: World, driver: DemoDriver, delivery: Delivery, step: Step): Promise<boolean> {
  const { at, token } = driver;
  const order = world.orders.get(delivery.sellerOrderId ?? '');
  const body = { ...step, position: at, occurredAt: new Date().toISOString() };
  const expected: ('conflict_state' | 'not_found')[] = [];
  // The shop may take an order back while the driver reaches for it; an order of somebody else's, at any time.
  if (order === undefined || order.cancelAsked) expected.push('conflict_state', 'not_found');
  // Before its pickup a plan may give it to another driver, to whom it then is.
  else if (step.status === 'PICKED_UP') expected.push('not_found');
  const answered = await world.api.insist('moveDelivery', { params: { id: delivery.id }, body, token }, expected);
  return answered.ok;
}

async function reportPlace(world: World, { id, at, token }: DemoDriver): Promise<void> {
  await world.api.call('reportLocation', { params: { id }, body: { ...at, accuracyM: 5 }, token });
}

async function setStatus(world: World, { id, token }: DemoDriver, status: 'AVAILABLE' | 'OFFLINE'): Promise<void> {
  await world.api.insist('setDriverStatus', { params: { id }, body: { status }, token });
}
