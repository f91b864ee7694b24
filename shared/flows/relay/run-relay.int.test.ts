import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openTestDeps, project, type TestDeps } from '#shared/testing/flow-deps.ts';
import { createOrder, openListeningShop, relayDeps, sequences } from '#shared/testing/relay-deps.ts';
import { runRelay } from './run-relay.ts';

let deps: TestDeps;

beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());

test('the whole relay: dispatches, projects and sends by itself, and stops cleanly', async () => {
  const { shop, receiver } = await openListeningShop(deps);
  onTestFinished(receiver.close);
  const ending = new AbortController();
  const running = runRelay(relayDeps(deps), { intervalMs: 20, signal: ending.signal });
  const { id } = await createOrder(deps, shop);
  const [driver] = await buildDrivers(deps.db, shop.id, [HERE]);
  await project(deps, shop.id, [driver!]);
  await deps.db.run('UPDATE dispatch.delivery SET next_dispatch_at = now() WHERE id = $1', [id]);
  await eventually(() => receiver.accepted.length === 2);
  // The second event, a search that begins, is none that shops are told.
  expect(sequences(receiver)).toEqual([1, 3]);
  ending.abort();
  await running;
});

test('sends without waiting for its interval what an event that has left makes room for', async () => {
  const { shop, receiver } = await openListeningShop(deps);
  onTestFinished(receiver.close);
  const drivers = await buildDrivers(
    deps.db,
    shop.id,
    Array.from({ length: 20 }, () => HERE),
  );
  await project(deps, shop.id, drivers);
  // Twenty deliveries of two events each, and sixteen places.
  for (let n = 0; n < 20; n += 1) await createOrder(deps, shop);
  const ending = new AbortController();
  const running = runRelay(relayDeps(deps), { intervalMs: 60_000, signal: ending.signal });
  await eventually(() => receiver.accepted.length === 40);
  ending.abort();
  await running;
});
