import { afterAll, beforeAll, expect, test } from 'vitest';
import { notePhoto } from '#shared/db/statements/photos.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { openObjects } from '#shared/objects/open-objects.ts';
import { buildDrivers, buildShop, HERE } from '#shared/testing/builders.ts';
import { openTestDeps, type TestDeps } from '#shared/testing/flow-deps.ts';
import { fillFinished } from '#shared/testing/large-tables.ts';
import { eraseRecipient } from './erase-recipient.ts';

/** One more than is looked through at a time. */
const DELIVERIES = 2_001;

let deps: TestDeps;
beforeAll(async () => {
  deps = await openTestDeps();
});
afterAll(() => deps.close());

/** A shop's finished deliveries for somebody else, but for the oldest and the newest. @returns the ids of these */
async function givenDeliveries(shopId: string): Promise<{ oldest: string; newest: string }> {
  await buildDrivers(deps.db, shopId, [HERE]);
  await fillFinished(deps.db, shopId, DELIVERIES);
  await deps.db.run(`UPDATE dispatch.delivery SET dropoff = '{"phone":"+49 30 5550142"}' WHERE shop_id = $1`, [shopId]);
  const place = async (order: 'ASC' | 'DESC', phone: string) => {
    const [row] = await deps.db.run<{ id: string }>(
      `UPDATE dispatch.delivery SET dropoff = json_build_object('phone', $2::text)
       WHERE id = (SELECT id FROM dispatch.delivery WHERE shop_id = $1 ORDER BY id ${order} LIMIT 1) RETURNING id`,
      [shopId, phone],
    );
    return row!.id;
  };
  return { oldest: await place('ASC', '0171/90-18-20-1'), newest: await place('DESC', '٠١٧١ ٩٠١٨٢٠١') };
}

test('by number: what has other digits is not looked at, and what was found stays erased where Postgres is lost after it', async () => {
  const shopId = await buildShop(deps.db);
  const { oldest, newest } = await givenDeliveries(shopId);
  const seen: string[] = [];
  const which = {
    digits: '8201',
    isTheirs: (phone: string) => {
      seen.push(phone);
      return true;
    },
  };
  let steps = 0;
  const lost: TestDeps['db'] = {
    ...deps.db,
    run: async (text, parameters) => {
      if (text.includes('WITH step')) steps += 1;
      if (steps > 1) throw new DependencyAway('postgres', new Error('lost'));
      return deps.db.run(text, parameters);
    },
  };
  const objects = openObjects({ directory: '/nowhere', s3: null });
  await expect(eraseRecipient({ db: lost, objects }, shopId, which)).rejects.toBeInstanceOf(DependencyAway);
  const [row] = await deps.db.run<{ dropoff: object }>('SELECT dropoff FROM dispatch.delivery WHERE id = $1', [oldest]);
  expect(row).toEqual({ dropoff: {} });
  expect(await eraseRecipient({ db: deps.db, objects }, shopId, which)).toEqual({
    erased: [newest],
    underWay: [],
    next: null,
  });
  expect(seen).toEqual(['0171/90-18-20-1', '٠١٧١ ٩٠١٨٢٠١']);
}, 30_000);

const GERMAN = { digits: '8201', isTheirs: () => true };

test('by number, in steps that fit into a request: each answer names where the next one goes on', async () => {
  const shopId = await buildShop(deps.db);
  const { oldest, newest } = await givenDeliveries(shopId);
  const objects = openObjects({ directory: '/nowhere', s3: null });
  const late = () => true;
  const first = await eraseRecipient({ db: deps.db, objects }, shopId, GERMAN, late);
  expect(first).toMatchObject({ erased: [oldest], underWay: [] });
  const second = await eraseRecipient({ db: deps.db, objects }, shopId, { ...GERMAN, cursor: first!.next }, late);
  expect(second).toEqual({ erased: [newest], underWay: [], next: null });
}, 30_000);

test('the photograph goes first: while its store is away nothing else does, and it is found by number again', async () => {
  const shopId = await buildShop(deps.db);
  const { newest } = await givenDeliveries(shopId);
  await notePhoto(deps.db, { shop_id: shopId, delivery_id: newest, driver_id: null });
  const objects = openObjects({ directory: '/nowhere', s3: null });
  const gone: string[] = [];
  let isAway = true;
  const remove = async (name: string) => {
    if (isAway) throw new DependencyAway('objects', new Error('away'));
    gone.push(name);
  };
  const asked = () => eraseRecipient({ db: deps.db, objects: { ...objects, remove } }, shopId, GERMAN);
  await expect(asked()).rejects.toBeInstanceOf(DependencyAway);
  isAway = false;
  expect(await asked()).toEqual({ erased: [newest], underWay: [], next: null });
  expect(gone).toEqual([`${shopId}/${newest}`]);
}, 30_000);
