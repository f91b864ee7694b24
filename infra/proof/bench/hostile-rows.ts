import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fillWaiting } from '#shared/testing/large-tables.ts';
import { ATTACKS, type Attack, attack } from './attacks.ts';
import { judged, percentile, type Row, sample, sideBySide } from './figures.ts';
import { withCpu } from './process-cpu.ts';
import { CENTER, clearShops, defaultShopId, fillRedis, placeNear, seedDrivers, seeded } from './seed.ts';
import { driverTokens, SHOP_KEY, type World } from './world.ts';

/** What an honest shop asks in a second, whatever it is answered: a rush hour of some hundred drivers. */
const PER_S = 100;
const DRIVERS = 50;
const BOARD_ROWS = 2_000;
const OPERATOR_KEY = 'the-operator-key-of-the-bench';
const WANTED_SHARE = 0.999;
const WANTED_RATIO = 2;

/** One row for each attack: what an honest shop's p99 and its share of 2xx become beside it. */
export async function hostileRows(world: World): Promise<Row[]> {
  const { db, redis, options, postgres } = world;
  // With the limits that everybody has, not those of the other rows.
  const limits = Object.fromEntries(
    Object.keys(world.env)
      .filter((name) => name.startsWith('LIMIT_'))
      .map((name) => [name, '']),
  );
  const service = await world.startService({ ...limits, OPERATOR_KEY });
  const shopId = await defaultShopId(db);
  await clearShops(db);
  const random = seeded(16);
  const places = Array.from({ length: DRIVERS }, () => placeNear(CENTER, 8_000, random));
  const ids = await seedDrivers(db, shopId, places);
  await fillRedis(db, redis.url);
  const tokens = await driverTokens(shopId, ids);
  const target = { url: service.url, key: await hostileKey(world, service.url) };
  const honest = openHonest(service.url, ids, tokens, random);
  const pids = [service.pid, redis.pid, postgres.pid];
  await honest(2);
  const rows: Row[] = [];
  for (const kind of ATTACKS) {
    let [good, all] = [0, 0];
    const measure = async () => {
      const { result, cpuUs } = await withCpu(pids, async () => {
        const found = await honest(options.seconds);
        return { result: found, operations: found.times.length };
      });
      return { ...result, cpuUs };
    };
    const beside = async () => {
      const stop = await startAttack(kind, target);
      const { times, ok, cpuUs } = await measure();
      await stop();
      good += ok;
      all += times.length;
      return toSample(times, cpuUs);
    };
    const alone = async () => {
      const { times, cpuUs } = await measure();
      return toSample(times, cpuUs);
    };
    const both = await sideBySide(options.rounds, beside, alone);
    const share = good / all;
    const isWell = share >= WANTED_SHARE && both.ratio <= WANTED_RATIO;
    rows.push({
      name: `beside ${kind}`,
      unit: 'ms p99',
      ...both,
      wanted: `≥ 99.9 % of 2xx, ≤ 2 of p99 alone`,
      reached: share < WANTED_SHARE ? false : judged(both, isWell),
      notes: [
        `${(share * 100).toFixed(2)} % of ${all} honest requests were 2xx; floor: the honest shop alone, ${PER_S} requests a second; CPU is all of the service's and the stores', the attack's share too; ${both.spread}`,
      ],
    });
  }
  await service.stop();
  return rows;
}

function toSample(times: readonly number[], cpuUs: number | null) {
  const p99Ms = percentile(times, 99);
  return sample(p99Ms, { p50Ms: percentile(times, 50), p99Ms, cpuUs });
}

/** A shop of the attacker's own, with as large a board as there is. */
async function hostileKey({ db }: World, url: string): Promise<string> {
  const operator = async (path: string, body: unknown) => {
    const headers = { authorization: `Bearer ${OPERATOR_KEY}`, 'content-type': 'application/json' };
    const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { id: string; key: string };
  };
  const { id } = await operator('/v1/shops', { slug: `hostile-${Date.now()}`, name: 'Hostile' });
  await fillWaiting(db, id, BOARD_ROWS);
  // What waits there is nothing to plan: the attack is what is measured.
  await db.run("UPDATE dispatch.delivery SET dispatch = 'needs_location', next_dispatch_at = NULL WHERE shop_id = $1", [
    id,
  ]);
  return (await operator(`/v1/shops/${id}/keys`, { name: 'hostile', scopes: ['dispatch', 'read'] })).key;
}

interface Honest {
  /** Milliseconds from when it was due to its answer, of each request. */
  times: readonly number[];
  /** How many were answered 2xx. */
  ok: number;
}

/** Fixes of drivers, a list, an order: at their times, whether the ones before are answered or not. */
function openHonest(url: string, ids: readonly string[], tokens: readonly string[], random: () => number) {
  let sent = 0;
  const next = (): Promise<Response> => {
    sent += 1;
    const shop = { authorization: `Bearer ${SHOP_KEY}`, 'content-type': 'application/json' };
    if (sent % 10 === 0) return fetch(`${url}/v1/deliveries?limit=20`, { headers: shop });
    if (sent % 10 === 5) {
      const order = { pickup: placeNear(CENTER, 5_000, random), dropoff: placeNear(CENTER, 5_000, random) };
      return fetch(`${url}/v1/deliveries`, { method: 'POST', headers: shop, body: JSON.stringify(order) });
    }
    const n = sent % ids.length;
    const headers = { authorization: `Bearer ${tokens[n]}`, 'content-type': 'application/json' };
    const body = JSON.stringify(placeNear(CENTER, 8_000, random));
    return fetch(`${url}/v1/drivers/${ids[n]}/location`, { method: 'POST', headers, body });
  };
  return async (seconds: number): Promise<Honest> => {
    const times: number[] = [];
    let ok = 0;
    const one = async (): Promise<void> => {
      const dueAt = performance.now();
      const answer = await next().catch(() => null);
      await answer?.arrayBuffer().catch(() => null);
      times.push(performance.now() - dueAt);
      if (answer?.ok) ok += 1;
    };
    const all: Promise<void>[] = [];
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        all.push(one());
        if (all.length < seconds * PER_S) return;
        clearInterval(timer);
        resolve();
      }, 1000 / PER_S);
    });
    await Promise.all(all);
    return { times, ok };
  };
}

/** In a process of its own, behind all others: what attacks cost whoever sends them is not the service's. */
async function startAttack(kind: Attack, target: { url: string; key: string }): Promise<() => Promise<void>> {
  const args = ['-n', '15', process.execPath, process.argv[1] ?? '', '--attack', kind, target.url, target.key];
  const child = spawn('nice', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended]);
  if (child.exitCode !== null) throw new Error(`the attack "${kind}" did not begin`);
  return async () => {
    child.kill('SIGKILL');
    await ended;
  };
}

/** The process of an attack; until it is killed. */
export async function runAttack([kind = '', url = '', key = '']: readonly string[]): Promise<void> {
  const known = ATTACKS.find((each) => each === kind);
  if (known === undefined) throw new Error(`no such attack: ${kind}`);
  process.stdout.write('begun\n');
  await attack(known, { url, key }, new AbortController().signal);
}
