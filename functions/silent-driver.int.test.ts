import { expect, test } from 'vitest';
import { openSweep } from '#shared/flows/relay/sweep-silent.ts';
import type { DriverPrincipal } from '#shared/http/principal.ts';
import { givenAskingShop, order } from '#shared/testing/asking-shop.ts';
import { hearing } from '#shared/testing/flow-deps.ts';
import { endpoints as assign } from './assign/index.ts';
import { endpoints as status } from './status/index.ts';

const asking = givenAskingShop([...assign, ...status]);
const { ask, driverAt } = asking;

async function silentDriver(seconds: number): Promise<DriverPrincipal> {
  const driver = await driverAt();
  await asking.deps.availability.forget(driver.shopId, [driver.driverId]);
  await asking.deps.db.run(
    `UPDATE dispatch.driver_location SET seen_at = now() - $2::int * interval '1 s' WHERE driver_id = $1`,
    [driver.driverId, seconds],
  );
  return driver;
}
async function give({ driverId }: DriverPrincipal, override?: readonly string[]) {
  const { body } = await ask('POST', '/v1/deliveries', { body: order });
  expect(body.driverId).toBeNull();
  return ask('POST', `/v1/deliveries/${body.id}/assign`, { body: { driverId, ...(override && { override }) } });
}

test('a silent driver is refused in words that name the override, and given an order with it; the story says so', async () => {
  const driver = await silentDriver(70);
  const refused = await give(driver);
  expect([refused.status, refused.body.refusals]).toEqual([409, ['silent']]);
  expect(refused.body.detail).toContain('"override": ["silent"]');
  expect((await give(driver, ['off_shift'])).status).toBe(409);
  const given = await give(driver, ['silent']);
  expect([given.status, given.body.driverId]).toEqual([200, driver.driverId]);
  const { events } = (await ask('GET', `/v1/deliveries/${given.body.id}`)).body;
  expect(events.find(({ type }: { type: string }) => type === 'ASSIGNED').data).toEqual({
    byHand: true,
    override: ['silent'],
  });
});

test('so is one whom silence has set OFFLINE, but not one who said OFFLINE', async () => {
  const { deps } = asking;
  const driver = await silentDriver(100);
  await hearing(deps.db);
  await openSweep(deps)();
  const state = async () => (await ask('GET', `/v1/drivers/${driver.driverId}/status`)).body.status;
  expect(await state()).toBe('OFFLINE');
  expect((await give(driver)).body.refusals).toEqual(['silent']);
  expect((await give(driver, ['silent'])).status).toBe(200);
  expect(await state()).toBe('BUSY');

  const off = await silentDriver(70);
  await ask('PUT', `/v1/drivers/${off.driverId}/status`, { body: { status: 'OFFLINE' } });
  expect((await give(off, ['silent'])).body.refusals).toEqual(['off_duty']);
});
