import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDrivers, buildShop, HERE } from '#shared/testing/builders.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { whileStranger } from '#shared/testing/stranger.ts';
import { commitHold, commitRelease, releaseDue } from './hold-delivery.ts';
import { commitMove } from './move-delivery.ts';
import { selectDelivery } from './reads.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let shop: string;
beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, shop } = commands);
});
afterAll(() => commands.close());

const LATER = '2040-01-01T12:00:00+00:00';
const EARLIER = '2020-01-01T12:00:00+00:00';

async function hold(delivery_id: string, until: string | null = null, note: string | null = null) {
  const ran = await commitHold(db, nobody, { shop_id: shop, delivery_id, until, note });
  if (ran.kind !== 'done') throw new Error(ran.kind);
  return ran.result;
}
async function release(delivery_id: string) {
  const ran = await commitRelease(db, nobody, { shop_id: shop, delivery_id });
  if (ran.kind !== 'done') throw new Error(ran.kind);
  return ran.result;
}
const read = async (id: string) => (await selectDelivery(db, shop, id, null))!;

describe('hold', () => {
  test('nobody is looked for until then, and the event says why', async () => {
    const { id } = await commands.created(null);
    expect(await hold(id, LATER, 'the oven is broken')).toMatchObject({
      outcome: 'held',
      delivery: {
        status: 'PENDING',
        dispatch: 'paused',
        held_until: LATER,
        held_reason: 'by_hand',
        next_dispatch_at: LATER,
        planned_dropoff_at: null,
        version: 2,
      },
    });
    const { events } = await read(id);
    const data = { state: 'paused', reason: 'by_hand', until: LATER, note: 'the oven is broken' };
    expect(events.at(-1)).toMatchObject({ seq: 2, type: 'HELD', status: 'PENDING', data });
  });

  test('again with another end moves it; the same again changes nothing', async () => {
    const { id } = await commands.created(null);
    expect(await hold(id)).toMatchObject({ outcome: 'held', delivery: { held_until: null, next_dispatch_at: null } });
    expect(await hold(id)).toMatchObject({ outcome: 'unchanged', delivery: { version: 2 } });
    expect(await hold(id, LATER)).toMatchObject({ outcome: 'held', delivery: { held_until: LATER, version: 3 } });
    expect(await hold(id, LATER)).toMatchObject({ outcome: 'unchanged' });
    expect(await hold(id, LATER, 'still')).toMatchObject({ outcome: 'held', delivery: { version: 4 } });
  });

  test('one that a driver has is not pending; one of another shop is unknown', async () => {
    const [driver] = await buildDrivers(db, shop, [HERE]);
    const { id } = await commands.created(null, [driver!]);
    expect(await hold(id)).toMatchObject({ outcome: 'not_pending', delivery: { status: 'ASSIGNED', version: 2 } });
    const elsewhere = { shop_id: await buildShop(db), delivery_id: id, until: null, note: null };
    expect(await commitHold(db, nobody, elsewhere)).toMatchObject({ result: { outcome: 'not_found' } });
  });
});

describe('release', () => {
  test('it is due at once', async () => {
    const { id } = await commands.created(null);
    await hold(id, LATER);
    const released = await release(id);
    expect(released).toMatchObject({
      outcome: 'released',
      delivery: { dispatch: 'searching', held_until: null, held_reason: null, version: 3 },
    });
    const { delivery, events } = await read(id);
    expect(delivery.next_dispatch_at).toBe(delivery.due_at);
    expect(Date.parse(delivery.due_at)).toBeGreaterThan(Date.parse(delivery.created_at));
    expect(events.at(-1)).toMatchObject({ type: 'RELEASED', data: null });
    expect(await release(id)).toMatchObject({ outcome: 'unchanged', delivery: { version: 3 } });
  });

  test('without coordinates it waits for them, as before', async () => {
    const { id } = await commands.created(null, [], { dropoff_lat: null, dropoff_lon: null });
    expect(await hold(id)).toMatchObject({ delivery: { dispatch: 'paused' } });
    expect(await release(id)).toMatchObject({ delivery: { dispatch: 'needs_location', next_dispatch_at: null } });
  });

  test('one that has ended is not pending', async () => {
    const { id } = await commands.created(null);
    await hold(id);
    await commitMove(db, nobody, commands.move(id, 'CANCELLED'));
    expect(await release(id)).toMatchObject({ outcome: 'not_pending', delivery: { status: 'CANCELLED' } });
  });

  test('neither hold nor release leaves by webhook', async () => {
    const sent = await db.run(
      `SELECT 1 FROM dispatch.outbox WHERE event IN ('DELIVERY_HELD_V1','DELIVERY_RELEASED_V1')`,
    );
    expect(sent).toHaveLength(0);
  });
});

describe('the sweep', () => {
  test('releases what was held until now, and passes over what somebody has in hand', async () => {
    const ids: string[] = [];
    for (const until of [EARLIER, EARLIER, LATER, null]) {
      const { id } = await commands.created(null);
      await hold(id, until && LATER);
      if (until === EARLIER)
        await db.run('UPDATE dispatch.delivery SET held_until = $2, next_dispatch_at = $2 WHERE id = $1', [id, until]);
      ids.push(id);
    }
    const [mine, locked, later, endless] = ids as [string, string, string, string];
    await whileStranger(
      commands.url,
      'SELECT 1 FROM dispatch.delivery WHERE id = $1 FOR UPDATE',
      [locked],
      async () => {
        expect(await releaseDue(db)).toEqual({ deliveries: 1, shops: [shop] });
      },
    );
    const { delivery, events } = await read(mine);
    expect(delivery).toMatchObject({ dispatch: 'searching', held_until: null });
    expect(events.at(-1)).toMatchObject({ type: 'RELEASED', actor: 'relay' });
    for (const id of [locked, later, endless]) expect((await read(id)).delivery.dispatch).toBe('paused');
    expect(await releaseDue(db)).toEqual({ deliveries: 1, shops: [shop] });
    expect(await releaseDue(db)).toEqual({ deliveries: 0, shops: [] });
  });
});
