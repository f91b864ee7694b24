import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeliveryRow } from '#shared/db/schema.ts';
import type { DeliveryStatus } from '#shared/domain/delivery.ts';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import type { CommandResult } from '../../domain/command.ts';
import { commitDeliveryChange } from './change-delivery.ts';
import { createDelivery } from './create-delivery.ts';
import { commitMove } from './move-delivery.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let withKey: ShopCommands['withKey'];
let order: ShopCommands['order'];
let created: ShopCommands['created'];
let move: ShopCommands['move'];
let shop: string;

function textOf(kind: 'done' | 'replayed', ran: CommandResult<unknown>): string {
  if (ran.kind !== kind) throw new Error(`${ran.kind}, not ${kind}`);
  return JSON.stringify(ran.result);
}

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, withKey, order, created, move, shop } = commands);
});
afterAll(() => commands.close());

describe('idempotency', () => {
  test('the first result is given again, another body is refused, 20 at once make one', async () => {
    const claims = await Promise.all(Array.from({ length: 20 }, () => createDelivery(db, withKey('K1'), order(null))));
    const done = claims.filter((ran) => ran.kind === 'done');
    expect(done).toHaveLength(1);
    expect(claims.every((ran) => ran.kind === 'done' || ran.kind === 'replayed' || ran.kind === 'in_flight')).toBe(
      true,
    );
    const again = await createDelivery(db, withKey('K1'), order(null));
    expect(again).toMatchObject({ kind: 'replayed' });
    expect(JSON.stringify((again as { result: unknown }).result)).toBe(
      JSON.stringify((done[0] as { result: unknown }).result),
    );
    expect(await createDelivery(db, withKey('K1', 'other'), order(null))).toEqual({ kind: 'key_reused' });
  });

  test('the result of every step is given again to the byte, whatever came after it', async () => {
    const [first = '', second = ''] = await buildDrivers(db, shop, [HERE, HERE]);
    const details = {
      pickup: { address: 'here', floor: null, door: 'b "left"' },
      dropoff_before: '2031-01-01T10:00:00.123Z',
      requires: [],
      notes: 'ring',
      pincode: '0042',
      size: 1,
    };
    const given: { repeat: () => Promise<CommandResult<unknown>>; text: string }[] = [];
    const keep = async (run: () => Promise<CommandResult<unknown>>) => {
      given.push({ repeat: run, text: textOf('done', await run()) });
      return (JSON.parse(given.at(-1)!.text) as { delivery: DeliveryRow }).delivery;
    };
    const step = (id: string, to: DeliveryStatus, rest = {}) =>
      keep(() => commitMove(db, withKey(`${id} ${to}`), move(id, to, rest)));
    const make = (order_ref: string, driver: string) =>
      keep(() => createDelivery(db, withKey(order_ref), order(order_ref, [driver], details)));

    const { id } = await make('brought', first);
    await step(id, 'PICKED_UP');
    await step(id, 'IN_TRANSIT');
    await step(id, 'DELIVERED', { proof: { name: null, photoUrl: 'a' }, pincode: '0042' });
    const other = await make('taken back', second);
    await step(other.id, 'PENDING', { exclude: true });
    const changed = { pickup: { address: 'elsewhere' }, size: 3, notes: 'knock', pickup_lat: HERE.lat + 0.01 };
    await keep(() =>
      commitDeliveryChange(db, withKey('change'), { shop_id: shop, delivery_id: other.id, order_ref: null }, changed),
    );
    await step(other.id, 'CANCELLED');
    const lost = await make('lost', first);
    await step(lost.id, 'PICKED_UP');
    await step(lost.id, 'FAILED', { note: 'fell' });
    await step(lost.id, 'RETURNED');
    for (const { repeat, text } of given) expect(textOf('replayed', await repeat())).toBe(text);
  });

  test('what is kept of a step is not the whole delivery again', async () => {
    const [driver = ''] = await buildDrivers(db, shop, [HERE]);
    const { id } = await created('lean', [driver], { pickup: { address: 'a long street '.repeat(20) } });
    await commitMove(db, withKey('lean'), move(id, 'PICKED_UP'));
    const [row] = await db.run<{ bytes: number }>(
      `SELECT pg_column_size(i) AS bytes FROM dispatch.kept_result i WHERE digest = dispatch.digest($1)`,
      [`shop:${shop} lean`],
    );
    expect(row?.bytes).toBeLessThan(250);
  });

  test('a refused command leaves its key free', async () => {
    const delivery = await created(null);
    expect(await commitMove(db, withKey('K2'), move(delivery.id, 'DELIVERED'))).toMatchObject({
      result: { outcome: 'illegal' },
    });
    expect(
      await db.run('SELECT 1 FROM dispatch.kept_result WHERE digest = dispatch.digest($1)', [`shop:${shop} K2`]),
    ).toEqual([]);
  });
});
