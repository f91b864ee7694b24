import { randomBytes } from 'node:crypto';
import type { Position } from '#shared/domain/geo.ts';
import { readKey } from '#shared/domain/key-text.ts';
import type { Asker, Wish } from './ask.ts';
import type { Random } from './random.ts';
import type { Receiver } from './receiver.ts';

export interface BenchDriver {
  id: string;
  token: string;
  at: Position;
  /**
   * `single`: reports their own fixes; `batch`: their shop does; `ghost`: came on duty once and was never heard from
   * again.
   */
  kind: 'single' | 'batch' | 'ghost';
}

export interface BenchShop {
  slug: string;
  /** Of its settings: how long a customer may be shown no driver. */
  maxHeldS: number;
  id: string;
  key: string;
  keyId: string;
  /** With which the shop signs what it sends here. */
  secret: string;
  /** What it sends instead of a signature in the original's hook. */
  hookSecret: string;
  center: Position;
  drivers: readonly BenchDriver[];
}

/** The shop whose endpoint says 410 from the beginning; no other one's may be disabled. */
export const GONE = 'east';
/** The shop that never asks for a replay: what its endpoint refuses comes again by the service's own back-off or not at all. */
export const UNAIDED = 'west';

/** Where nobody is: told of drivers by those who may not tell where they are. */
export const NOWHERE = { lat: 1, lon: 1 };

export interface World {
  /** `north` and `south` do business; the endpoint of `east` says 410. `east` and `west` ask their drivers. */
  shops: readonly BenchShop[];
  /** In no shop's way: all its drivers stand at its center, but one who stands alone, too far away to be found from there. */
  crowd: BenchShop & { lone: BenchDriver; away: Position };
  /** Whose key hostile callers have. */
  hostile: Pick<BenchShop, 'key'>;
  /** What must not appear in any log. */
  secrets: readonly string[];
}

const CENTERS = {
  north: { lat: 52.531237, lon: 13.404951 },
  south: { lat: 48.137943, lon: 11.575637 },
  east: { lat: 50.110924, lon: 8.682127 },
  west: { lat: 50.937531, lon: 6.960279 },
};
const CROWD_CENTER = { lat: 53.551086, lon: 9.993682 };
const LONE = { lat: 54.323293, lon: 10.122765 };
const DRIVERS = { north: 30, south: 30, east: 6, west: 8 };
/** Short enough for a run of minutes: orders for later are scheduled, and those that are held are told in time. */
const SOON = { planAheadS: 60, tellAheadS: 10, maxHeldS: 20 };
const DISPATCH = {
  north: { ...SOON, policy: 'planned', etaChangeS: 60 },
  south: { ...SOON, policy: 'nearest' },
  east: { ...SOON, policy: 'planned', bundle: 'same_pickup', mode: 'offer', offerS: 6, offerWaves: 3 },
  west: { ...SOON, policy: 'planned', mode: 'broadcast', offerS: 6, offerWaves: 3, offerTo: 3 },
  crowd: {},
  hostile: {},
} as const;
const CAPACITIES = [1, 2, 1, 4, 1, 3, 1, 6, 2, 1];

/** Makes the shops and their drivers through the API, as an operator and a shop would. */
export async function buildWorld(
  ask: Asker,
  operatorKey: string,
  receiver: Receiver,
  random: Random,
  crowdSize: number,
): Promise<World> {
  const shops: BenchShop[] = [];
  for (const slug of ['north', 'south', 'east', 'west'] as const)
    shops.push(await buildShop(slug, ask, operatorKey, receiver, random));
  const crowd = await buildCrowd(ask, operatorKey, crowdSize);
  const hostile = await openShop('hostile', CROWD_CENTER, ask, { authorization: `Bearer ${operatorKey}` });
  const secrets = [...shops, crowd].flatMap((shop) => [
    shop.key,
    readKey(shop.key)!.secret,
    shop.secret,
    shop.hookSecret,
    ...shop.drivers.flatMap((driver) => [driver.token, String(driver.at.lat)]),
  ]);
  return {
    shops,
    crowd,
    hostile,
    secrets: [...new Set([...secrets, hostile.key, operatorKey, PHONE])].filter((secret) => secret !== ''),
  };
}

/** Without an endpoint: nobody is told. They come on duty when they are needed. */
async function buildCrowd(ask: Asker, operatorKey: string, size: number): Promise<World['crowd']> {
  const shop = await openShop('crowd', CROWD_CENTER, ask, { authorization: `Bearer ${operatorKey}` });
  const authorization = `Bearer ${shop.key}`;
  const register = async (n: number): Promise<BenchDriver> => {
    const body = { name: `Driver ${n}`, phone: PHONE };
    const { id } = await must<{ id: string }>(ask, shop.slug, 'POST', '/v1/drivers', { authorization }, body);
    return { id, token: '', at: n === size ? LONE : CROWD_CENTER, kind: 'batch' };
  };
  const drivers: BenchDriver[] = [];
  while (drivers.length <= size) {
    const next = Array.from({ length: Math.min(20, size + 1 - drivers.length) }, (_, n) => drivers.length + n);
    drivers.push(...(await Promise.all(next.map(register))));
  }
  const [lone] = drivers.splice(size) as [BenchDriver];
  return { ...shop, drivers, lone, away: LONE };
}

/** Every driver and recipient of the bench; no log line may contain it. */
export const PHONE = '+49 30 90210911';

async function buildShop(
  slug: keyof typeof DRIVERS,
  ask: Asker,
  operatorKey: string,
  receiver: Receiver,
  random: Random,
): Promise<BenchShop> {
  const operator = { authorization: `Bearer ${operatorKey}` };
  const shop = await openShop(slug, CENTERS[slug], ask, operator);
  const outbound = newSecret();
  receiver.expect(slug, outbound);
  const asksForAll = slug === 'north' || slug === 'west';
  const webhook = {
    url: receiver.urlOf(slug),
    secrets: [outbound],
    inTransit: asksForAll,
    etaChanged: asksForAll,
    offers: asksForAll,
    ratings: asksForAll,
  };
  await must(ask, slug, 'PUT', `/v1/shops/${shop.id}/webhook`, operator, webhook);
  const drivers: BenchDriver[] = [];
  for (let n = 0; n < DRIVERS[slug]; n += 1) drivers.push(await buildDriver(shop, n, ask, random));
  return { ...shop, drivers };
}

async function openShop(
  slug: keyof typeof DISPATCH,
  center: Position,
  ask: Asker,
  operator: { authorization: string },
): Promise<Omit<BenchShop, 'drivers'>> {
  const secret = newSecret();
  const hookSecret = randomBytes(24).toString('base64url');
  const dispatch = { ...DISPATCH[slug], maxRadiusM: 20_000 };
  const body = {
    slug,
    name: slug,
    dispatch,
    pickup: center,
    inboundSecrets: [secret],
    inboundStaticSecret: hookSecret,
  };
  const made = await must<{ id: string; dispatch: { maxHeldS: number } }>(
    ask,
    slug,
    'POST',
    '/v1/shops',
    operator,
    body,
  );
  const { id } = made;
  const path = `/v1/shops/${id}/keys`;
  const { key, keyId } = await must<{ key: string; keyId: string }>(ask, slug, 'POST', path, operator, {});
  return { slug, id, key, keyId, secret, hookSecret, center, maxHeldS: made.dispatch.maxHeldS };
}

async function buildDriver(
  shop: Omit<BenchShop, 'drivers'>,
  n: number,
  ask: Asker,
  random: Random,
): Promise<BenchDriver> {
  const authorization = { authorization: `Bearer ${shop.key}` };
  const body = { name: `Driver ${n}`, phone: PHONE, capacity: CAPACITIES[n % 10], tags: n % 3 === 0 ? ['cold'] : [] };
  const { id } = await must<{ id: string }>(ask, shop.slug, 'POST', '/v1/drivers', authorization, body);
  const { token } = await must<{ token: string }>(
    ask,
    shop.slug,
    'POST',
    `/v1/drivers/${id}/tokens`,
    authorization,
    {},
  );
  const kind = n % 10 === 9 ? 'ghost' : n % 3 === 2 ? 'batch' : 'single';
  const at = near(shop.center, random);
  const self = { authorization: `Bearer ${token}` };
  await must(ask, shop.slug, 'PUT', `/v1/drivers/${id}/status`, self, { status: 'AVAILABLE' }, 'duty', id);
  await must(ask, shop.slug, 'POST', `/v1/drivers/${id}/location`, self, at, 'fix', id);
  return { id, token, at, kind };
}

/** Within some 3 km, with digits enough to be told apart in a log. */
export function near(center: Position, random: Random): Position {
  const round = (value: number) => Math.round(value * 1e7) / 1e7;
  return { lat: round(center.lat + random.between(-0.03, 0.03)), lon: round(center.lon + random.between(-0.04, 0.04)) };
}

function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}

async function must<Body>(
  ask: Asker,
  shop: string,
  method: Wish['method'],
  path: string,
  headers: Record<string, string>,
  body: unknown,
  kind: Wish['kind'] = 'bad',
  target: string | null = null,
): Promise<Body> {
  const answered = await ask.settle({ kind, shop, method, path, headers, body, target }, 0);
  if (answered.outcome !== 'ok')
    throw new Error(`${method} ${path}: ${answered.status} ${JSON.stringify(answered.body)}`);
  return answered.body as Body;
}
