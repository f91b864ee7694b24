import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { DriverView } from '#shared/contract/drivers.ts';
import type { Page } from '#shared/contract/nouns.ts';
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
  /** Where he wanders while he has nothing to do. */
  toward: Position;
  random: Random;
  /** Something was assigned to him: he should look. */
  called: boolean;
  lookedAtMs: number;
  movedAtMs: number;
}

/** Registers the drivers `demo-1` … that are not here yet, and gets each a token. */
export async function enrolDrivers(api: Api, key: string, count: number, seed: number): Promise<DemoDriver[]> {
  const known = new Map<string, string>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path: string = `/v1/drivers?limit=200${cursor && `&cursor=${cursor}`}`;
    const page = await must<Page<DriverView>>(api, { method: 'GET', path, bearer: key });
    for (const { id, externalRef } of page.items) if (externalRef !== null) known.set(externalRef, id);
    cursor = page.next;
  }
  return Promise.all(
    Array.from({ length: count }, async (_, place) => {
      const n = place + 1;
      const id = known.get(`demo-${n}`) ?? (await register(api, key, n));
      const path = `/v1/drivers/${id}/tokens`;
      const { token } = await must<{ token: string }>(api, { method: 'POST', path, bearer: key, body: {} });
      const random = randomOf(seed, `driver ${n}`);
      const now = performance.now();
      const where = { at: anywhere(random), toward: anywhere(random) };
      return { id, token, ...where, random, called: true, lookedAtMs: now, movedAtMs: now };
    }),
  );
}

async function register(api: Api, key: string, n: number): Promise<string> {
  const body = { name: `Demo driver ${n}`, vehicle: 'scooter', externalRef: `demo-${n}` };
  const request = { method: 'POST', path: '/v1/drivers', bearer: key };
  const answered = await api.call({ ...request, body, expected: ['already_exists'] });
  if (answered.ok) return (answered.body as DriverView).id;
  // The reference belongs to one who was retired since; a nameless colleague does his work.
  return (await must<DriverView>(api, { ...request, body: { ...body, externalRef: null } })).id;
}

/** @throws DemoError with what was refused */
export async function must<Body>(api: Api, request: Parameters<Api['call']>[0]): Promise<Body> {
  const answered = await api.call(request);
  if (answered.ok) return answered.body as Body;
  const { title, detail } = (answered.body ?? {}) as { title?: string; detail?: string };
  const why = [answered.status || answered.problem, title, detail].filter(Boolean).join(': ');
  throw new DemoError(`${request.method} ${request.path} was refused (${why})`);
}

/** One driver's day: wanders, takes what is assigned to him, delivers it; goes OFFLINE when the world closes. */
export async function drive(world: World, driver: DemoDriver, ended: () => boolean): Promise<void> {
  await report(world, driver);
  await setStatus(world, driver, 'AVAILABLE');
  await pauseMs(world, driver.random() * world.reportMs);
  while (!ended()) {
    if (driver.called || performance.now() - driver.lookedAtMs > POLL_MS) await lookForWork(world, driver);
    else if (world.closing.aborted) await new Promise((resolve) => setTimeout(resolve, 200));
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
  driver.lookedAtMs = performance.now();
  const request = { method: 'GET', path: '/v1/deliveries?status=ASSIGNED', bearer: driver.token };
  const answered = await world.api.call(request);
  if (!answered.ok) return;
  for (const delivery of (answered.body as Page<DeliveryView>).items) await serve(world, driver, delivery);
}

/** Brings one delivery to its end, from wherever it stands now. */
export async function serve(world: World, driver: DemoDriver, delivery: DeliveryView): Promise<void> {
  const order = world.orders.get(delivery.sellerOrderId ?? '');
  const plan = order?.plan;
  const pickup = place(delivery.pickup) ?? driver.at;
  const dropoff = place(delivery.dropoff) ?? driver.at;
  const move = (body: Record<string, unknown>) => report(world, driver, delivery, body);
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
  if (failure === null) {
    const proof = { photoUrl: `https://photos.example/${delivery.id}.jpg`, receivedBy: 'The recipient' };
    await move({ status: 'DELIVERED', proof, ...(pincode !== null && { pincode }) });
  } else if (await move({ status: 'FAILED', failureCode: failure, note: 'Demo' })) {
    await travel(world, driver, pickup);
    await move({ status: 'RETURNED' });
  }
}

function place(stop: { lat: number | null; lon: number | null }): Position | null {
  return stop.lat === null || stop.lon === null ? null : { lat: stop.lat, lon: stop.lon };
}

async function travel(world: World, driver: DemoDriver, to: Position, gone = () => false): Promise<void> {
  driver.movedAtMs = performance.now();
  while (!world.closing.aborted && !gone() && (driver.at.lat !== to.lat || driver.at.lon !== to.lon)) {
    await step(world, driver, to);
  }
  if (world.closing.aborted) driver.at = to;
}

/** Hands over; a phone goes on reporting meanwhile. */
async function stand(world: World, driver: DemoDriver, seconds: number, gone = () => false): Promise<void> {
  const untilMs = performance.now() + (seconds * 1_000) / world.options.speed;
  for (let leftMs = untilMs - performance.now(); leftMs > 0; leftMs = untilMs - performance.now()) {
    if (world.closing.aborted || gone()) return;
    await pauseMs(world, Math.min(leftMs, world.reportMs));
    await report(world, driver);
  }
  driver.movedAtMs = performance.now();
}

async function step(world: World, driver: DemoDriver, to: Position): Promise<void> {
  await pauseMs(world, world.reportMs);
  const now = performance.now();
  const passedS = ((now - driver.movedAtMs) / 1_000) * world.options.speed;
  driver.movedAtMs = now;
  driver.at = moveToward(driver.at, to, SPEED_M_PER_S * passedS);
  await report(world, driver);
}

/** Where he is; with a delivery, how it moved on, which is repeated until it is known. @returns whether it was taken */
async function report(
  world: World,
  driver: DemoDriver,
  delivery?: DeliveryView,
  moved: Record<string, unknown> = {},
): Promise<boolean> {
  const { at, id, token } = driver;
  if (delivery === undefined) {
    const path = `/v1/drivers/${id}/location`;
    return (await world.api.call({ method: 'POST', path, bearer: token, body: { ...at, accuracyM: 5 } })).ok;
  }
  const order = world.orders.get(delivery.sellerOrderId ?? '');
  const answered = await world.api.insist({
    method: 'POST',
    path: `/v1/deliveries/${delivery.id}/status`,
    bearer: token,
    body: { ...moved, position: at, occurredAt: new Date().toISOString() },
    // The shop may take an order back while the driver reaches for it; an order of somebody else's, at any time.
    expected: order === undefined || order.cancelAsked ? ['conflict_state', 'not_found'] : [],
  });
  return answered.ok;
}

async function setStatus(world: World, driver: DemoDriver, status: 'AVAILABLE' | 'OFFLINE'): Promise<void> {
  const path = `/v1/drivers/${driver.id}/status`;
  await world.api.insist({ method: 'PUT', path, bearer: driver.token, body: { status } });
}
