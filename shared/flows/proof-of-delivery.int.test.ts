import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ObjectStore } from '#shared/objects/object-store.ts';
import { openObjects } from '#shared/objects/open-objects.ts';
import { openBucket } from '#shared/testing/bucket.ts';
import { buildDrivers, buildShop, HERE, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openTestDeps, project, shopOf, somebody, type TestDeps } from '#shared/testing/flow-deps.ts';
import { createDelivery } from './create-delivery.ts';
import { readDelivery } from './deliveries.ts';
import { eraseDriver } from './driver-data.ts';
import { moveDelivery } from './move-delivery.ts';
import { forgetPhoto, forgetPhotos, keepPhoto, type PhotoDeps, readPhoto } from './proof-of-delivery.ts';
import { forgetOld } from './relay/forget-old.ts';
import { runRelay } from './relay/run-relay.ts';

/* What is kept of photographs, and for how long: on a real Postgres, with files and with a bucket. */

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
const DAYS = {
  positionsDays: 30,
  eventsDays: 365,
  inboxDays: 14,
  outboxDays: 30,
  idempotencyDays: 2,
  photosDays: 120,
};
const CREDENTIALS = { region: 'eu-central-1', accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: null };

interface Stand {
  objects: ObjectStore;
  /** Everything the store has, as its own world sees it. */
  all(): Promise<string[]>;
  close(): Promise<unknown>;
}

async function files(): Promise<Stand> {
  const directory = await mkdtemp(path.join(tmpdir(), 'photos-'));
  const all = async () => {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    return entries.filter((each) => each.isFile()).map((each) => each.name);
  };
  return {
    objects: openObjects({ directory, s3: null }),
    all,
    close: () => rm(directory, { recursive: true }),
  };
}

async function bucket(): Promise<Stand> {
  const { url, kept, close } = await openBucket();
  const objects = openObjects({ directory: '/nowhere', s3: { url, credentials: CREDENTIALS } });
  return { objects, all: async () => [...kept.keys()].map((key) => path.basename(key)), close };
}

let stores: TestDeps;
beforeAll(async () => {
  stores = await openTestDeps();
});
afterAll(() => stores.close());

describe.each([
  ['files', files],
  ['a bucket', bucket],
])('photographs in %s', (_, open) => {
  let stand: Stand;
  let deps: PhotoDeps;
  let shopId: string;
  beforeEach(async () => {
    await stores.db.run('DELETE FROM dispatch.proof_photo');
    stand = await open();
    deps = { db: stores.db, objects: stand.objects };
    shopId = await buildShop(stores.db);
  });
  afterEach(() => stand.close());

  /** A delivery that was handed over, its photograph kept so many days ago. */
  async function delivered(days: number, proofOf = (id: string) => `https://d.example/v1/deliveries/${id}/proof`) {
    const [driver] = await buildDrivers(stores.db, shopId, [HERE]);
    await project(stores, shopId, [driver!]);
    const shop = await shopOf(stores, shopId);
    const ran = await createDelivery(stores, somebody(), shop, { pickup: HERE, dropoff: north(300) });
    if (ran.kind !== 'done') throw new Error(ran.kind);
    const { id } = ran.result.delivery;
    expect(await keepPhoto(deps, { shopId, deliveryId: id }, JPEG, null)).toBe(true);
    const proof = { photoUrl: proofOf(id), receivedBy: 'Mr Rao' };
    const whose = { shopId, driverId: null };
    await moveDelivery(stores, somebody(), whose, id, { status: 'PICKED_UP' });
    await moveDelivery(stores, somebody(), whose, id, { status: 'DELIVERED', proof });
    await age(id, days);
    return { id, driver: driver! };
  }
  const age = (id: string, days: number) =>
    stores.db.run(
      `UPDATE dispatch.proof_photo SET kept_at = now() - $2::int * interval '1 day' WHERE delivery_id = $1`,
      [id, days],
    );
  const proofOf = async (id: string) => (await readDelivery(stores, shopId, id, null))?.delivery.proof;
  const notes = () => stores.db.run('SELECT delivery_id FROM dispatch.proof_photo');

  test('an old one goes, with what leads to it; a young one stays, and so does who received the parcel', async () => {
    const [old, young] = [await delivered(121), await delivered(119)];
    const elsewhere = await delivered(121, () => 'https://photos.example/1.jpg');
    expect((await forgetOld(deps, DAYS)).photos).toBe(2);
    expect(await stand.all()).toEqual([young.id]);
    expect(await readPhoto(stand.objects, { shopId, deliveryId: old.id })).toBeNull();
    expect(await proofOf(old.id)).toEqual({ receivedBy: 'Mr Rao' });
    expect(await proofOf(young.id)).toMatchObject({ photoUrl: expect.stringContaining(young.id) });
    expect(await proofOf(elsewhere.id)).toMatchObject({ photoUrl: 'https://photos.example/1.jpg' });
    expect(await notes()).toEqual([{ delivery_id: young.id }]);
    expect((await forgetOld(deps, DAYS)).photos).toBe(0);
  });

  test('never longer than the history it belongs to; of one that was never reported, too', async () => {
    const { id } = await delivered(31);
    await stores.db.run('UPDATE dispatch.delivery SET proof = NULL WHERE id = $1', [id]);
    expect((await forgetOld(deps, { ...DAYS, eventsDays: 30 })).photos).toBe(1);
    expect(await stand.all()).toEqual([]);
  });

  test('broken off at any moment, it leaves nothing in the end', async () => {
    for (let n = 0; n < 3; n += 1) await delivered(200);
    let calls = 0;
    const remove = async (key: string) => {
      calls += 1;
      if (calls === 2) throw new Error('broken off before the object went');
      await stand.objects.remove(key);
    };
    await expect(forgetPhotos({ ...deps, objects: { ...stand.objects, remove } }, 120)).rejects.toThrow('broken off');
    expect([(await stand.all()).length, (await notes()).length]).toEqual([2, 3]);
    const run = (text: string, given?: readonly unknown[]) => {
      if (text.includes('DELETE')) return Promise.reject(new Error('broken off before the note went'));
      return deps.db.run(text, given);
    };
    const db = { ...deps.db, run: run as typeof deps.db.run };
    await expect(forgetPhotos({ ...deps, db }, 120)).rejects.toThrow('broken off');
    expect([(await stand.all()).length, (await notes()).length]).toEqual([0, 3]);
    expect(await forgetPhotos(deps, 120)).toBe(3);
    expect([(await stand.all()).length, (await notes()).length]).toEqual([0, 0]);
  });

  test('taken away before its time, twice, it is gone once; others stay', async () => {
    const [asked, other] = [await delivered(1), await delivered(1)];
    for (let n = 0; n < 2; n += 1) await forgetPhoto(deps, { shopId, deliveryId: asked.id });
    expect(await stand.all()).toEqual([other.id]);
    expect(await proofOf(asked.id)).toEqual({ receivedBy: 'Mr Rao' });
    expect(await proofOf(other.id)).toMatchObject({ photoUrl: expect.stringContaining(other.id) });
    expect(await notes()).toEqual([{ delivery_id: other.id }]);
  });

  test('the relay takes it away by itself', async () => {
    await delivered(121);
    const ending = new AbortController();
    const running = runRelay(
      {
        ...stores,
        retention: { days: DAYS, objects: stand.objects },
        send: async () => ({ kind: 'accepted' }) as never,
        nowMs: Date.now,
        trackingUrlOf: () => null,
        random01: () => 0.5,
        report: () => {},
      },
      { intervalMs: 20, signal: ending.signal },
    );
    await eventually(async () => expect(await notes()).toEqual([]));
    ending.abort();
    await running;
    expect(await stand.all()).toEqual([]);
  });

  test('whose driver is erased: it stays the shop’s proof, for as long as every other', async () => {
    const { id, driver } = await delivered(1);
    const erased = await eraseDriver(stores, somebody(), { shopId, driverId: driver });
    expect(erased).toMatchObject({ result: { outcome: 'erased' } });
    expect(await readPhoto(stand.objects, { shopId, deliveryId: id })).toMatchObject({ type: 'image/jpeg' });
    await age(id, 121);
    expect((await forgetOld(deps, DAYS)).photos).toBe(1);
    expect(await stand.all()).toEqual([]);
  });
});

test('a photograph that could not be put has a note, and no picture has none', async () => {
  const shopId = await buildShop(stores.db);
  const shop = await shopOf(stores, shopId);
  const ran = await createDelivery(stores, somebody(), shop, { dropoff: {} });
  if (ran.kind !== 'done') throw new Error(ran.kind);
  const which = { shopId, deliveryId: ran.result.delivery.id };
  const put = () => Promise.reject(new Error('full'));
  const deps: PhotoDeps = { db: stores.db, objects: { put, get: async () => null, remove: async () => {} } };
  const noted = () => stores.db.run('SELECT 1 FROM dispatch.proof_photo WHERE delivery_id = $1', [which.deliveryId]);
  expect(await keepPhoto(deps, which, Buffer.from('no picture'), null)).toBe(false);
  expect(await noted()).toHaveLength(0);
  await expect(keepPhoto(deps, which, JPEG, null)).rejects.toThrow('full');
  expect(await noted()).toHaveLength(1);
});
