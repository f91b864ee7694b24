import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { createDelivery } from './create-delivery.ts';
import { moveDelivery } from './move-delivery.ts';

let commands: ShopCommands;
let db: ShopCommands['db'];
let withKey: ShopCommands['withKey'];
let order: ShopCommands['order'];
let created: ShopCommands['created'];
let move: ShopCommands['move'];

beforeAll(async () => {
  commands = await openShopCommands();
  ({ db, withKey, order, created, move } = commands);
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

  test('a refused command leaves its key free', async () => {
    const delivery = await created(null);
    expect(await moveDelivery(db, withKey('K2'), move(delivery.id, 'DELIVERED'))).toMatchObject({
      result: { outcome: 'illegal' },
    });
    expect(await db.run('SELECT 1 FROM dispatch.idempotency WHERE key = $1', ['K2'])).toEqual([]);
  });
});
