import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildDrivers, buildShop, HERE } from '#shared/testing/builders.ts';
import { openTestDeps, shopOf, type TestDeps } from '#shared/testing/flow-deps.ts';
import { createOrder } from '#shared/testing/relay-deps.ts';
import { openDuePlans, planShopsAnew } from './plan-due.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());

/** A shop in which an order waits whose time has come. */
async function shopWithDue(): Promise<string> {
  const shop = await shopOf(deps, await buildShop(deps.db, null));
  const { id } = await createOrder(deps, shop);
  await deps.db.run('UPDATE dispatch.delivery SET next_dispatch_at = now() WHERE id = $1', [id]);
  return shop.id;
}

/** An engine that writes down what it is asked to plan, and is done with it when `end` says so. */
function openSlowEngine() {
  const asked: string[] = [];
  let underWay: (() => void)[] = [];
  const plan = (shopId: string): Promise<void> => {
    asked.push(shopId);
    return new Promise((resolve) => underWay.push(resolve));
  };
  const end = (): void => {
    for (const resolve of underWay) resolve();
    underWay = [];
  };
  return { asked, end, dispatch: { ...deps.dispatch, plan } };
}

test('a shop whose plan takes long keeps nobody waiting, and is not asked for again before it is made', async () => {
  const slow = await shopWithDue();
  const engine = openSlowEngine();
  const due = openDuePlans({ ...deps, dispatch: engine.dispatch });
  await due.begin();
  expect(engine.asked).toEqual([slow]);
  const other = await shopWithDue();
  await due.begin();
  expect(engine.asked).toEqual([slow, other]);
  engine.end();
  await due.idle();
  await due.begin();
  expect([...engine.asked].sort()).toEqual([slow, other, slow, other].sort());
  engine.end();
});

test('shops are planned anew one after the other, so that those whose time has come need not wait for all of them', async () => {
  const shops: string[] = [];
  for (let n = 0; n < 3; n += 1) {
    const shopId = await buildShop(deps.db, null);
    const [driver] = await buildDrivers(deps.db, shopId, [HERE]);
    await deps.db.run('UPDATE dispatch.driver SET load = 1 WHERE id = $1', [driver]);
    shops.push(shopId);
  }
  const ending = new AbortController();
  const engine = openSlowEngine();
  const { plan } = engine.dispatch;
  let [underWay, most] = [0, 0];
  const counting = async (shopId: string): Promise<void> => {
    underWay += 1;
    most = Math.max(most, underWay);
    const planned = plan(shopId);
    setImmediate(engine.end);
    await planned;
    underWay -= 1;
    if (engine.asked.length === 5) ending.abort();
  };
  const anew = { ...deps, dispatch: { ...deps.dispatch, plan: counting } };
  await planShopsAnew(anew, ending.signal);
  expect(engine.asked.filter((shopId) => shops.includes(shopId)).sort()).toEqual(shops.sort());
  expect(most).toBe(1);
  await planShopsAnew(anew, ending.signal);
  await planShopsAnew(anew, ending.signal);
  expect(engine.asked).toHaveLength(5);
});
