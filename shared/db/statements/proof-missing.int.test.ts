import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROOF_PARTS, type ProofPart } from '#shared/domain/proof.ts';
import { runBehind } from '#shared/testing/behind.ts';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { commitDeliveryChange } from './change-delivery.ts';
import { commitMove } from './move-delivery.ts';
import { notePhoto } from './photos.ts';
import { commitRedelivery } from './redeliver-delivery.ts';
import { commitShopChange } from './shops.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let shop: string;
beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop } = commands);
});
afterAll(() => commands.close());

const asks = (proof_required: readonly string[] | null, failure_proof_required: readonly string[] | null = null) =>
  commitShopChange(db, nobody, { shop_id: shop, proof_required, failure_proof_required });

/** A delivery aboard, that asks for `proof_required` itself. */
async function aboard(proof_required: readonly string[] | null = null) {
  const [driver] = await buildDrivers(db, shop, [HERE]);
  const { id } = await commands.created(null, [driver!], { proof_required });
  await commitMove(db, nobody, commands.move(id, 'PICKED_UP'));
  return id;
}

/** One after the other of a fixed row of numbers: equal runs draw equal cases. */
function drawing(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

test('whatever is asked and whatever is brought: delivered if nothing is missing, and else nothing changes', async () => {
  const draw = drawing(19);
  const some = <T>(all: readonly T[]) => all.filter(() => draw(2) === 0);
  const outcomes = new Set<string>();
  for (let nth = 0; nth < 60; nth += 1) {
    const own = draw(3) === 0 ? null : some(PROOF_PARTS);
    const ofShop = some(PROOF_PARTS);
    await asks(ofShop);
    const id = await aboard(own);
    const ageChecked = [undefined, 16, 18, 21][draw(4)];
    const brought = { photoUrl: 'https://p.example/1', signature: 'M1 1L9 9', receivedBy: 'Ada' };
    const names = { photoUrl: 'photo', signature: 'signature', receivedBy: 'name' } as const;
    const proof = Object.fromEntries(some(Object.entries(brought)));
    const given = new Set<ProofPart>(Object.keys(proof).map((key) => names[key as keyof typeof names]));
    for (const age of [16, 18, 21] as const) if ((ageChecked ?? 0) >= age) given.add(`age${age}`);
    const missing = (own ?? ofShop).filter((part) => !given.has(part));
    const step = { proof: { ...proof, ...(ageChecked && { ageChecked }) } };
    const ran = await commitMove(db, nobody, commands.move(id, 'DELIVERED', step));
    if (ran.kind !== 'done') throw new Error(ran.kind);
    const { result } = ran;
    outcomes.add(result.outcome);
    const expected = missing.length === 0 ? { outcome: 'moved' } : { outcome: 'proof_missing', missing };
    expect(result, `${nth}`).toMatchObject(expected);
    const [row] = await db.run<{ status: string; events: number }>(
      `SELECT d.status, (SELECT count(*)::int FROM dispatch.delivery_event e WHERE e.delivery_id = d.id) AS events
       FROM dispatch.delivery d WHERE d.id = $1`,
      [id],
    );
    expect(row).toEqual(missing.length === 0 ? { status: 'DELIVERED', events: 4 } : { status: 'PICKED_UP', events: 3 });
  }
  expect([...outcomes].sort()).toEqual(['moved', 'proof_missing']);
});

test('a step that waits for a change of what is asked is judged by the change', async () => {
  await asks([]);
  const id = await aboard();
  const which = { shop_id: shop, delivery_id: id, order_ref: null };
  const holder = postgres(commands.url, { max: 1, onnotice: () => {} });
  try {
    const ran = await runBehind(
      holder,
      db,
      (on) => commitDeliveryChange(on, nobody, which, { proof_required: ['name'] }),
      (on) => commitMove(on, nobody, commands.move(id, 'DELIVERED')),
    );
    expect(ran).toMatchObject({ kind: 'done', result: { outcome: 'proof_missing', missing: ['name'] } });
  } finally {
    await holder.end();
  }
});

test('a step that was refused is not kept under its key: the same, with what was missing, counts', async () => {
  await asks(['name']);
  const id = await aboard();
  const step = (sha: string, proof: Record<string, unknown> | null) =>
    commitMove(db, commands.withKey('step', sha), commands.move(id, 'DELIVERED', { proof }));
  expect(await step('without', null)).toMatchObject({ kind: 'done', result: { outcome: 'proof_missing' } });
  expect(await step('with', { receivedBy: 'Ada' })).toMatchObject({ kind: 'done', result: { outcome: 'moved' } });
});

test('a photograph of the attempt before is none of this one', async () => {
  await asks(['photo']);
  const id = await aboard();
  const photoUrl = `https://dispatch.example/v1/deliveries/${id}/proof`;
  const handOver = () => commitMove(db, nobody, commands.move(id, 'DELIVERED', { proof: { photoUrl } }));
  await notePhoto(db, { shop_id: shop, delivery_id: id, driver_id: null });
  await commitMove(db, nobody, commands.move(id, 'FAILED', { failure_code: 'REFUSED', proof: { photoUrl } }));
  await commitRedelivery(db, nobody, { shop_id: shop, delivery_id: id, order_ref: null }, {});
  expect(await handOver()).toMatchObject({ kind: 'done', result: { outcome: 'proof_missing', missing: ['photo'] } });
  await notePhoto(db, { shop_id: shop, delivery_id: id, driver_id: null });
  expect(await handOver()).toMatchObject({ kind: 'done', result: { outcome: 'moved' } });
});

test('a photograph by the driver before is none of the one who has it now', async () => {
  await asks(['photo']);
  const id = await aboard();
  const photoUrl = `https://dispatch.example/v1/deliveries/${id}/proof`;
  await notePhoto(db, { shop_id: shop, delivery_id: id, driver_id: null });
  await db.run(
    `INSERT INTO dispatch.delivery_event (delivery_id, seq, shop_id, type, status, occurred_at, actor)
     SELECT id, version + 1, shop_id, 'UNASSIGNED', 'PENDING', now(), 'test' FROM dispatch.delivery WHERE id = $1`,
    [id],
  );
  const handOver = commitMove(db, nobody, commands.move(id, 'DELIVERED', { proof: { photoUrl } }));
  expect(await handOver).toMatchObject({ result: { outcome: 'proof_missing', missing: ['photo'] } });
});
