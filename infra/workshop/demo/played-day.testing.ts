import type { CallInput, OperationId } from '#infra/product/client/client.ts';
import type { Delivery } from '#infra/product/client/types.ts';
import { type Allowance, type Limits, pointsOfBytes } from '#shared/http/limits.ts';
import type { Principal } from '#shared/http/principal.ts';
import type { Answered, Api } from './api.ts';
import { anywhere, randomOf } from './city.ts';
import { type DemoDriver, drive } from './drivers.ts';
import { openLedger } from './ledger.ts';
import type { DemoOptions } from './options.ts';
import { placeOrders } from './orders.ts';
import { ENDED, learn, reportEveryMs, type Time, type World } from './world.ts';

/** Where all phones are, and the shop's server. */
const ADDRESS = '192.0.2.1';
/** What happens within one such step happens at its end. */
const TICK_MS = 20;

/** A clock that goes on as fast as everything that waits for it has been done. */
export interface PlayedTime extends Time {
  later(ms: number, run: () => Promise<void>): void;
  pass(ms: number): Promise<void>;
}

export function openPlayedTime(): PlayedTime {
  const due = new Map<number, (() => void)[]>();
  let tick = 0;
  let beside: Promise<void>[] = [];
  const at = (ms: number, run: () => void): void => {
    const when = tick + Math.max(1, Math.ceil(ms / TICK_MS));
    const others = due.get(when);
    if (others === undefined) due.set(when, [run]);
    else others.push(run);
  };
  return {
    nowMs: () => tick * TICK_MS,
    sleep: (ms) => new Promise((resolve) => at(ms, resolve)),
    later: (ms, run) => at(ms, () => void beside.push(run())),
    async pass(ms) {
      for (const until = tick + ms / TICK_MS; tick < until; ) {
        tick += 1;
        const now = due.get(tick) ?? [];
        due.delete(tick);
        for (const run of now) run();
        // What they wait for besides the clock is done by then.
        if (now.length > 0) await new Promise(setImmediate);
        if (beside.length > 0) await Promise.all(beside);
        beside = [];
      }
    },
  };
}

export interface PlayedDay {
  asked: number;
  /** How often a limit refused, by its policy. */
  refused: Record<string, number>;
  /** The smallest share of its quota that any caller had left, by policy. */
  least: Record<string, number>;
}

/**
 * The demo's own drivers and orders, whose requests are counted and answered by nobody but `processes`: each phone, and
 * each order, keeps to one of them. An order is given to whoever has fewest.
 */
export async function playDay(
  { ms, ...options }: Pick<DemoOptions, 'drivers' | 'speed'> & { ms: number },
  { time, shopId, processes }: { time: PlayedTime; shopId: string; processes: readonly Limits[] },
): Promise<PlayedDay> {
  const day: PlayedDay = { asked: 0, refused: {}, least: {} };
  const drivers = Array.from({ length: options.drivers }, (_, n) => driverOf(n));
  const world: World = {
    time,
    options: { ...NOBODY, ...options },
    api: openPlay(day, { shopId, processes, drivers, world: () => world }),
    ledger: openLedger(NOBODY.secret),
    run: 'day',
    orders: new Map(),
    closing: new AbortController().signal,
    reportMs: reportEveryMs(options.speed),
  };
  for (const driver of drivers) void drive(world, driver, () => false);
  void placeOrders(world);
  await time.pass(ms);
  return day;
}

const NOBODY: DemoOptions = {
  ...{ minutes: 0, speed: 1, drivers: 1, seed: 1, lose: 0, url: '', shop: 'played', key: '', operatorKey: '' },
  ...{ secret: `whsec_${Buffer.alloc(24).toString('base64')}`, webhookSecret: null },
};

function driverOf(n: number): DemoDriver {
  const random = randomOf(NOBODY.seed, `driver ${n + 1}`);
  const where = { at: anywhere(random), toward: anywhere(random) };
  return { id: String(n), token: String(n), ...where, random, called: true, lookedAtMs: 0, movedAtMs: 0 };
}

interface Play {
  shopId: string;
  processes: readonly Limits[];
  drivers: readonly DemoDriver[];
  world(): World;
}

/** The service as far as a day goes: what is counted is real, what is answered is enough to go on. */
function openPlay(day: PlayedDay, play: Play): Api {
  const answers = openAnswers(play);
  const note = (allowance: Allowance | null): boolean => {
    if (allowance === null) return true;
    const { policy, left, quota } = allowance;
    day.least[policy] = Math.min(day.least[policy] ?? 1, left / quota);
    if (left >= 0 && policy !== 'refusals') return true;
    day.refused[policy] = (day.refused[policy] ?? 0) + 1;
    return false;
  };
  const call = async <Id extends OperationId>(id: Id, input: CallInput<Id>): Promise<Answered<Id>> => {
    const { token, body } = input as Asked;
    day.asked += 1;
    const limits = play.processes[Number(token ?? day.asked) % play.processes.length] as Limits;
    const principal = principalOf(play.shopId, token);
    const points = body === undefined ? 1 : pointsOfBytes(JSON.stringify(body).length);
    // As careful callers do, all that changes something has an idempotency key; a place does not.
    const isStored = body !== undefined && id !== 'reportLocation';
    const isHeard = note(limits.spend(principal, points)) && (!isStored || note(limits.spendStoredKey(principal)));
    const answered = isHeard ? answers(id, input as Asked) : refusal(429, 'too_many');
    // A webhook's proof is in its body, so that the host takes it for a stranger's: what is refused counts for the address.
    if (token === undefined && !answered.ok) {
      limits.noteRefusal(ADDRESS);
      note(limits.outOfRefusals(ADDRESS));
    }
    return answered as Answered<Id>;
  };
  const never = { requests: () => 0, answeredAtMs: () => 0, failures: new Map(), refusals: new Map() };
  return { call, insist: call, ...never };
}

function principalOf(shopId: string, token: string | undefined): Principal {
  if (token === undefined) return { kind: 'shop', shopId, keyId: 'inbound', scopes: [] };
  return { kind: 'driver', shopId, driverId: token };
}

type Told = { status: number; ok: boolean; problem: string | null; detail: null; body: unknown };

/** What the play looks at of what is asked, and of a shop's message. */
type Asked = { token?: string; body?: unknown; params?: { id?: string } };
type Requested = Pick<Delivery, 'pickup' | 'dropoff'> & { type: string; sellerOrderId: string };

const done = (body: unknown): Told => ({ status: 200, ok: true, problem: null, detail: null, body });
const refusal = (status: number, problem: string): Told => ({ status, ok: false, problem, detail: null, body: null });

/** Deliveries as far as drivers and the shop ask of them; each is given at once, to whoever has fewest. */
function openAnswers({ drivers, world }: Play): (id: OperationId, asked: Asked) => Told {
  const deliveries = new Map<string, Delivery>();
  const open = new Map<string, Delivery[]>(drivers.map(({ id }) => [id, []]));
  const become = (delivery: Delivery, status: Delivery['status']): void => {
    delivery.status = status;
    const order = world().orders.get(delivery.id);
    if (order !== undefined) learn(world(), order, status);
    const theirs = open.get(delivery.driverId ?? '');
    if (ENDED.has(status)) theirs?.splice(theirs.indexOf(delivery), 1);
  };
  const give = ({ sellerOrderId, pickup, dropoff }: Requested): Delivery => {
    const loadOf = (driver: DemoDriver) => open.get(driver.id)?.length ?? 0;
    const driver = drivers.reduce((least, each) => (loadOf(each) < loadOf(least) ? each : least));
    const parts = { id: sellerOrderId, sellerOrderId, driverId: driver.id, pickup, dropoff, pincodeRequired: false };
    const delivery = { ...parts, status: 'ASSIGNED' } as Delivery;
    deliveries.set(delivery.id, delivery);
    open.get(driver.id)?.push(delivery);
    driver.called = true;
    return delivery;
  };
  const receive = (message: Requested): Told => {
    const known = deliveries.get(message.sellerOrderId);
    if (message.type === 'delivery.cancelled') {
      if (known?.status !== 'ASSIGNED') return refusal(409, 'conflict_state');
      become(known, 'CANCELLED');
    }
    const { id, status } = known ?? give(message);
    return done({ deliveryId: id, status });
  };
  return (id, { body, params, token }) => {
    if (id === 'receiveShopMessage') return receive(body as Requested);
    if (id === 'listDeliveries') {
      return done({ items: open.get(token ?? '')?.filter(({ status }) => status === 'ASSIGNED') ?? [], next: null });
    }
    const delivery = id === 'moveDelivery' ? deliveries.get(params?.id ?? '') : undefined;
    if (delivery?.status === 'CANCELLED') return refusal(409, 'conflict_state');
    if (delivery !== undefined) become(delivery, (body as { status: Delivery['status'] }).status);
    return done(null);
  };
}
