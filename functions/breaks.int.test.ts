import { describe, expect, test } from 'vitest';
import { listShopsOfSilent } from '#shared/db/statements/sweep-drivers.ts';
import { openSweep } from '#shared/flows/relay/sweep-silent.ts';
import type { DriverPrincipal } from '#shared/http/principal.ts';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { hearing } from '#shared/testing/flow-deps.ts';
import { planDueShops } from '#shared/testing/relay-deps.ts';
import { endpoints as assign } from './assign/index.ts';
import { endpoints as locate } from './locate/index.ts';
import { endpoints as register } from './register/index.ts';
import { endpoints as status } from './status/index.ts';

const given = givenAskingShop([...assign, ...locate, ...register, ...status]);
const { ask, driverAt } = given;

const say = (me: DriverPrincipal, body: Record<string, unknown>) =>
  ask('PUT', `/v1/drivers/${me.driverId}/status`, { as: me, body });
const seen = async ({ driverId }: DriverPrincipal) => (await ask('GET', `/v1/drivers/${driverId}`)).body;
async function placed(size = 1): Promise<string> {
  return (await ask('POST', '/v1/deliveries', { body: { ...order, size } })).body.id;
}
const holderOf = async (id: string) => (await ask('GET', `/v1/deliveries/${id}`)).body.driverId;
const plan = () => given.deps.dispatch.plan(given.shop.shopId);
/** A break whose time has come; nobody has looked since. */
const letItEnd = ({ driverId }: DriverPrincipal) =>
  given.deps.db.run(`UPDATE dispatch.driver SET break_until = now() - interval '1 ms' WHERE id = $1`, [driverId]);
async function roomFor({ driverId }: DriverPrincipal, capacity: number): Promise<void> {
  expect((await ask('PATCH', `/v1/drivers/${driverId}`, { body: { capacity } })).status).toBe(200);
}
const move = (me: DriverPrincipal, id: string, to: string) =>
  ask('POST', `/v1/deliveries/${id}/status`, { as: me, body: { status: to } });
async function silentFor(me: DriverPrincipal, seconds: number): Promise<void> {
  await given.deps.availability.forget(me.shopId, [me.driverId]);
  await given.deps.db.run(
    `UPDATE dispatch.driver_location SET seen_at = now() - $2::int * interval '1 s' WHERE driver_id = $1`,
    [me.driverId, seconds],
  );
}

describe('a break', () => {
  test('is shown with its end; what they have stays theirs, nothing new comes', async () => {
    const me = await driverAt();
    await roomFor(me, 3);
    const mine = await placed();
    const { body } = await say(me, { status: 'BUSY', breakS: 1_800 });
    const leftS = (Date.parse(body.breakUntil) - Date.now()) / 1_000;
    expect(body).toMatchObject({ status: 'BUSY', load: 1, lastOne: false });
    expect(Math.abs(leftS - 1_800)).toBeLessThan(60);
    expect((await ask('GET', `/v1/drivers/${me.driverId}/status`)).body).toMatchObject({ breakUntil: body.breakUntil });
    const next = await placed();
    await plan();
    expect(await holderOf(next)).toBeNull();
    expect(await holderOf(mine)).toBe(me.driverId);
  });

  test('ends by itself: the relay sees it, and what waits is theirs', async () => {
    const me = await driverAt();
    await say(me, { status: 'BUSY', breakS: 900 });
    const id = await placed();
    await planDueShops(given.deps);
    expect(await holderOf(id)).toBeNull();
    await letItEnd(me);
    await planDueShops(given.deps);
    expect(await holderOf(id)).toBe(me.driverId);
    expect(await seen(me)).toMatchObject({ breakUntil: null });
  });

  test('ends by itself without a relay too: whoever plans looks', async () => {
    const me = await driverAt();
    await say(me, { status: 'BUSY', breakS: 900 });
    await letItEnd(me);
    const id = await placed();
    expect(await holderOf(id)).toBe(me.driverId);
  });

  test('ends when they say so, is longer where they say so, and has no end where they name none', async () => {
    const me = await driverAt();
    const first = (await say(me, { status: 'BUSY', breakS: 900 })).body;
    const longer = (await say(me, { status: 'BUSY', breakS: 2_700 })).body;
    expect(Date.parse(longer.breakUntil)).toBeGreaterThan(Date.parse(first.breakUntil) + 1_000_000);
    expect((await say(me, { status: 'BUSY' })).body).toMatchObject({ status: 'BUSY', breakUntil: null });
    await say(me, { status: 'BUSY', breakS: 900 });
    expect((await say(me, { status: 'AVAILABLE' })).body).toMatchObject({ status: 'AVAILABLE', breakUntil: null });
    expect(await holderOf(await placed())).toBe(me.driverId);
  });

  test('a person may give them something all the same, and says so', async () => {
    const me = await driverAt();
    await say(me, { status: 'BUSY', breakS: 900 });
    const id = await placed();
    const give = (override?: readonly string[]) =>
      ask('POST', `/v1/deliveries/${id}/assign`, { body: { driverId: me.driverId, ...(override && { override }) } });
    const refused = await give();
    expect([refused.status, refused.body.refusals]).toEqual([409, ['on_break']]);
    expect(refused.body.detail).toContain('"override": ["on_break"]');
    expect((await give(['silent'])).status).toBe(409);
    expect((await give(['on_break'])).body).toMatchObject({ driverId: me.driverId });
    expect((await seen(me)).breakUntil).not.toBeNull();
  });

  test('whose time is over needs no override, written down or not', async () => {
    const me = await driverAt();
    await say(me, { status: 'BUSY', breakS: 900 });
    const id = await placed();
    await letItEnd(me);
    expect((await ask('POST', `/v1/deliveries/${id}/assign`, { body: { driverId: me.driverId } })).status).toBe(200);
  });

  test('is no silence: nobody is set OFFLINE for a phone in a pocket, until they have had time to look at it', async () => {
    const { deps } = given;
    const me = await driverAt();
    await say(me, { status: 'BUSY', breakS: 900 });
    await silentFor(me, 800);
    await hearing(deps.db);
    expect(await listShopsOfSilent(deps.db)).not.toContain(me.shopId);
    await openSweep(deps)();
    expect(await seen(me)).toMatchObject({ status: 'BUSY' });
    await letItEnd(me);
    await planDueShops(deps);
    await openSweep(deps)();
    expect(await seen(me)).toMatchObject({ status: 'AVAILABLE' });
    await deps.db.run(`UPDATE dispatch.driver SET break_until = now() - interval '91 s' WHERE id = $1`, [me.driverId]);
    await openSweep(deps)();
    expect(await seen(me)).toMatchObject({ status: 'OFFLINE', breakUntil: null });
  });

  test('nor is it for what they carry', async () => {
    const { deps } = given;
    const me = await driverAt();
    const id = await placed();
    await say(me, { status: 'BUSY', breakS: 900 });
    await silentFor(me, 800);
    await hearing(deps.db);
    await openSweep(deps)();
    const unreachable = async () => (await ask('GET', `/v1/deliveries/${id}`)).body.unreachableSince;
    expect(await unreachable()).toBeNull();
    await deps.db.run(`UPDATE dispatch.driver SET break_until = now() - interval '91 s' WHERE id = $1`, [me.driverId]);
    await openSweep(deps)();
    expect(await unreachable()).not.toBeNull();
  });

  test('is of a length, and of those who are BUSY', async () => {
    const me = await driverAt();
    for (const body of [
      { status: 'AVAILABLE', breakS: 900 },
      { status: 'BUSY', breakS: 0 },
      { status: 'BUSY', breakS: 86_400 },
    ])
      expect((await say(me, body)).body.errors).toMatchObject([{ pointer: '/breakS' }]);
    expect((await say(me, { status: 'BUSY', lastOne: true })).body.errors).toMatchObject([{ pointer: '/lastOne' }]);
  });
});

describe('the last one', () => {
  test('with something in hand is that: nothing more comes, and they are OFFLINE when it is done', async () => {
    const me = await driverAt();
    await roomFor(me, 3);
    const mine = await placed();
    const said = await say(me, { status: 'AVAILABLE', lastOne: true });
    expect(said.body).toMatchObject({ status: 'BUSY', lastOne: true });
    expect(await holderOf(await placed())).toBeNull();
    for (const to of ['PICKED_UP', 'DELIVERED']) expect((await move(me, mine, to)).status).toBe(200);
    expect(await seen(me)).toMatchObject({ status: 'OFFLINE', lastOne: false });
  });

  test('with nothing in hand is the next: then nothing more comes', async () => {
    const me = await driverAt();
    await roomFor(me, 3);
    const said = await say(me, { status: 'AVAILABLE', lastOne: true });
    expect(said.body).toMatchObject({ status: 'AVAILABLE', lastOne: true });
    const mine = await placed();
    expect(await holderOf(mine)).toBe(me.driverId);
    expect(await seen(me)).toMatchObject({ status: 'BUSY', load: 1, lastOne: true });
    expect(await holderOf(await placed())).toBeNull();
    for (const to of ['PICKED_UP', 'DELIVERED']) await move(me, mine, to);
    expect(await seen(me)).toMatchObject({ status: 'OFFLINE', lastOne: false });
  });

  test('is so too where a plan gives them a whole trip, or a person something', async () => {
    const me = await driverAt();
    await roomFor(me, 3);
    await say(me, { status: 'BUSY' });
    const both = [await placed(), await placed()];
    await say(me, { status: 'AVAILABLE', lastOne: true });
    expect(await Promise.all(both.map(holderOf))).toEqual([me.driverId, me.driverId]);
    expect(await seen(me)).toMatchObject({ status: 'BUSY', load: 2, lastOne: true });

    const other = await driverAt(north(2_000));
    await roomFor(other, 3);
    await say(other, { status: 'AVAILABLE', lastOne: true });
    const heldBack = (await ask('POST', '/v1/deliveries', { body: { ...order, excludedDriverIds: [other.driverId] } }))
      .body;
    expect(heldBack.driverId).toBeNull();
    await ask('POST', `/v1/deliveries/${heldBack.id}/assign`, { body: { driverId: other.driverId } });
    expect(await seen(other)).toMatchObject({ status: 'BUSY', lastOne: true });
    expect(await holderOf(await placed())).toBeNull();
  });

  test('is taken back by saying AVAILABLE', async () => {
    const me = await driverAt(HERE);
    await roomFor(me, 3);
    await placed();
    await say(me, { status: 'AVAILABLE', lastOne: true });
    expect((await say(me, { status: 'AVAILABLE' })).body).toMatchObject({ status: 'AVAILABLE', lastOne: false });
    expect(await holderOf(await placed())).toBe(me.driverId);
  });
});
